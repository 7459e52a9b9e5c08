import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chartUrlOf, chartUrlProblem } from '../../../domain/chartUrl.ts';
import { isPublicUrl } from '../../../domain/publicAddress.ts';

const ID = '4101:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe';

describe('chartUrlProblem', () => {
  it.each([
    ['https://emr.example/patients/{casefileNumber}', null],
    ['https://emr.example/patients/{masterId}/stays?casefile={casefileId}#chart', null],
    ['http://emr.example/patients/{casefileNumber}', 'https'],
    ['javascript:alert({casefileNumber})', 'https'],
    ['//emr.example/{casefileNumber}', 'not an address'],
    ['{casefileNumber}', 'not an address'],
    ['https://emr.example/patients', 'must name the chart'],
    ['https://{casefileNumber}.emr.example/', 'host'],
    ['https://emr.example:{casefileNumber}/', 'host'],
    ['https://me:secret@emr.example/{casefileNumber}', 'user'],
    ['https://me@emr.example/{casefileNumber}', 'must not have a user or a password'],
    ['https://:secret@emr.example/{casefileNumber}', 'must not have a user or a password'],
    ['https://emr.example/{}/{casefileNumber}', 'names {}: use {casefileNumber}, {masterId}, {casefileId}'],
    ['https://emr.example/{mrNumber}/{casefileNumber}', '{mrNumber}'],
    ['https://emr.example/{constructor}/{casefileNumber}', '{constructor}'],
    ['https://emr.example/{casefileNumber}/{', 'not an address'],
    ['https://emr.example/a b/{casefileNumber}', 'not an address'],
    ['', 'not an address'],
  ])('of %j', (template, problem) => {
    if (problem === null) expect(chartUrlProblem(template)).toBeNull();
    else expect(chartUrlProblem(template)).toContain(problem);
  });
});

describe('chartUrlOf', () => {
  it.each([
    ['https://emr.example/p/{casefileNumber}/chart', 'https://emr.example/p/4101/chart'],
    ['https://emr.example/p/{masterId}', 'https://emr.example/p/5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe'],
    ['https://emr.example/?id={casefileId}', 'https://emr.example/?id=4101%3A5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe'],
  ])('fills in %s', (template, url) => {
    expect(chartUrlOf(template, ID)).toBe(url);
  });

  it('never leaves the host and the path of the template, whatever the id is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
        (id) => {
          const { origin, pathname } = new URL(
            chartUrlOf('https://emr.example/p?id={casefileNumber}{masterId}', `1${id}`),
          );
          expect([origin, pathname]).toEqual(['https://emr.example', '/p']);
        },
      ),
    );
  });
});

describe('isPublicUrl', () => {
  it.each([
    ['https://referrals.example.org', true],
    ['https://93.184.215.14:8443', true],
    ['https://[2606:2800:21f::1]', true],
    ['https://172.32.0.1', true],
    ['https://10.example.org', true],
    ['http://127.0.0.1:8080', false],
    ['http://127.1.2.3', false],
    ['http://localhost:8080', false],
    ['http://[::1]:8080', false],
    ['http://[fd00::1]', false],
    ['http://0.0.0.0:8080', false],
    ['https://10.1.2.3', false],
    ['https://172.16.0.1', false],
    ['https://192.168.1.4', false],
    ['https://referrals', false],
    ['https://mylocalhost.example', true],
    ['https://localhost.example', true],
    ['https://x.localhost', false],
    ['https://x.localhost.example', true],
    ['https://x.local.example', true],
    ['https://x.internal', false],
    ['https://x.internal.example', true],
    ['https://x.mylocalhost.org', true],
    ['https://110.1.2.3', true],
    ['https://10.255.20.30', false],
    ['https://127.100.0.1', false],
    ['https://169.254.10.20', false],
    ['https://169.253.10.20', true],
    ['https://172.15.0.1', true],
    ['https://172.20.0.1', false],
    ['https://172.29.10.20', false],
    ['https://172.31.0.1', false],
    ['https://192.168.10.20', false],
    ['https://192.169.0.1', true],
    ['https://10.1.2.3.example.org', true],
    ['https://[::]', false],
    ['https://[::2]', true],
    ['https://[::ffff:10.1.2.3]', false],
    ['https://[fc00::1:2]', false],
    ['https://[fe80::1:2]', false],
    ['https://[feb0::1]', false],
    ['https://[fec0::1]', true],
    ['https://[2001:fd00::1]', true],
    ['https://referrals.local', false],
  ])('of %s is %s', (url, isPublic) => {
    expect(isPublicUrl(url)).toBe(isPublic);
  });
});
