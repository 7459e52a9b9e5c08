import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { bad, findingsText, good, warning } from '../../../cli/doctor/finding.ts';
import { checkKipu } from '../../../cli/doctor/kipu.ts';
import { checkNode, checkSettings } from '../../../cli/doctor/machine.ts';
import { checkRuns } from '../../../cli/doctor/store.ts';
import { scheduleFinding } from '../../../cli/doctor/temporal.ts';
import { checkTimeZone } from '../../../cli/doctor/timeZone.ts';
import { checkWebhooks } from '../../../cli/doctor/webhooks.ts';
import type { Instance } from '../../../config/instances.ts';
import { startStandIn } from '../../../dev/stand-in/index.ts';
import { DEFAULT_DIGEST, type Digest } from '../../../kipu/index.ts';
import { aFreshness, aRun, aWebhook, startedAt } from '../../support/runFixtures.ts';

describe('the doctor', () => {
  it('says below what is wrong what to do', () => {
    const findings = [good('Node', '20'), bad('MongoDB', 'away', 'Start it.'), warning('webhooks', 'off', 'On.')];
    expect(findingsText(findings).split('\n')).toEqual([
      '✓ Node      20',
      '✗ MongoDB   away',
      '            → Start it.',
      '! webhooks  off',
      '            → On.',
    ]);
  });

  it.each([
    ['18.20.0', false],
    ['20.18.3', false],
    ['20.19.0', true],
    ['22.0.0', true],
  ])('on Node %s: %j', (version, ok) => expect(checkNode(version).ok).toBe(ok));

  it('tells each problem of the settings', () => {
    const { settings, findings } = checkSettings({ LOG_LEVEL: 'loud', SYNC_PAGE_SIZE: '0' });
    expect(settings).toBeNull();
    expect(findings.map(({ ok }) => ok)).toEqual([false, false]);
    expect(checkSettings({}).findings).toEqual([good('settings', 'KIPU local, MongoDB local, Temporal local')]);
  });

  const minutesAgo = (minutes: number) => new Date(startedAt.getTime() + minutes * 60_000);
  it.each([
    ['none', [], 0, false],
    ['a young one', [aRun()], 89, true],
    ['an old one', [aRun()], 91, false],
    ['a failed one before a young one', [aRun({ status: 'failed' }), aRun()], 5, true],
    ['only failed ones', [aRun({ status: 'failed', fault: { code: 'c', text: 'not allowed' } })], 5, false],
  ])('looks at runs: %s', (_, runs, minutes, ok) => {
    expect(checkRuns('north', runs, 60, minutesAgo(minutes)).ok).toBe(ok);
  });

  it('repeats why the last run failed', () => {
    const fault = { code: 'forbidden', text: 'not allowed; check the triple' };
    expect(checkRuns('north', [aRun({ status: 'failed', fault })], 60, minutesAgo(1)).fix).toBe(fault.text);
  });

  const { webhooks } = aFreshness();
  const silent = { ...webhooks, 'chart-update': aWebhook({ health: 'missing', at: ['Annex'], lastDeliveryAt: null }) };
  it.each([
    ['that work', webhooks, true, 'Patient Creation healthy, Chart Update healthy', null],
    [
      'one of which never came',
      silent,
      true,
      'Patient Creation healthy, Chart Update missing',
      /^Annex: .*enter its address/,
    ],
    ['for which there is no secret', webhooks, false, 'refused: there is no secret', 'set one'],
  ])('looks at webhooks, and only warns: %s', (_, known, hasSecret, detail, fix) => {
    const finding = checkWebhooks({ instance: 'north', webhooks: known }, hasSecret);
    expect(finding).toMatchObject({ ok: true, detail });
    expect(finding.fix).toEqual(fix === null ? null : expect.stringMatching(fix));
  });

  const places = { 7: 'America/Denver' };
  it.each([
    ['one that is set', { timeZone: 'America/New_York' }, 'America/New_York', null],
    ['one with an exception', { timeZone: 'UTC', locationTimeZones: places }, 'UTC, another for 1 location', null],
    ['none', {}, 'not set; dates of charts are read in UTC', 'Set timeZone'],
    ['locations alone', { locationTimeZones: places }, 'not set, another for 1 location; dates', 'Set timeZone'],
  ])('looks at time zones, and only warns: %s', (_, zones, detail, fix) => {
    const north = {
      ...{
        name: 'north',
        baseUrl: 'https://k.test',
        accessId: 'i',
        secretKey: 's',
        appId: 'a',
        digest: 'sha256' as const,
      },
      ...zones,
    };
    expect(checkTimeZone({ ...north, lockPolicy: 'never' })).toEqual({
      ...{ check: 'time zone north', ok: true, detail: expect.stringContaining(detail) },
      fix: fix === null ? null : expect.stringContaining(fix),
    });
  });

  const sight = {
    ...{ instance: 'north', schedule: 'sync/north', note: 'KIPU moves', everyMinutes: 60, nextRunAt: startedAt },
    ...{ lastRunAt: null, runningNow: 0, skippedOverlap: 0, missedCatchUp: 0 },
  };
  it.each([
    ['none', null, false, 'Run kipu-referrals setup.'],
    ['a paused one', { ...sight, paused: true }, false, 'Run kipu-referrals schedule resume north.'],
    ['one that runs', { ...sight, paused: false }, true, null],
  ])('looks at schedules: %s', (_, seen, ok, fix) => {
    expect(scheduleFinding('north', seen)).toMatchObject({ ok, fix });
  });
});

describe('checkKipu', () => {
  it.each<[string, (of: Instance, other: Instance) => Instance, boolean, string]>([
    ['the right credentials', (of) => of, true, 'accepted'],
    ['a wrong secret', (of) => ({ ...of, secretKey: 'wrong' }), false, 'Compare secretKey'],
    ["another instance's app id", (of, other) => ({ ...of, appId: other.appId }), false, 'of one KIPU instance'],
    ['an address where nobody listens', (of) => ({ ...of, baseUrl: 'http://127.0.0.1:1' }), false, 'Check baseUrl'],
  ])('with %s', async (_, change, ok, text) => {
    const standIn = await startStandIn({ port: 0, charts: 1 });
    try {
      const [of, other] = standIn.instances.map(
        ({ name, accessId, secretKey, appId }): Instance => ({
          ...{ name, accessId, secretKey, appId },
          ...{ baseUrl: standIn.url, digest: DEFAULT_DIGEST, lockPolicy: 'never' },
        }),
      );
      if (of === undefined || other === undefined) throw new Error('the stand-in has fewer than two instances');
      const finding = await checkKipu(change(of, other));
      expect(finding.ok).toBe(ok);
      expect(finding.fix ?? finding.detail).toContain(text);
      expect(JSON.stringify(finding)).not.toContain(of.secretKey);
    } finally {
      await standIn.close();
    }
  });
});

describe('checkKipu, where KIPU takes one digest only', () => {
  const NOT_AUTHENTIC = 'Access Denied - API Client app failed to authenticate';
  const sha1 = 'APIAuth';
  const sha256 = 'APIAuth-HMAC-SHA256';

  it.each<[string, Digest, string | null, string, string[], RegExp]>([
    ['the other one', 'sha256', sha1, NOT_AUTHENTIC, [sha256, sha1], /^Set its digest to sha1: with it KIPU accepts/],
    ['the other one', 'sha1', sha256, NOT_AUTHENTIC, [sha1, sha256], /^Set its digest to sha256: with it KIPU accepts/],
    ['the other one, in an unknown text', 'sha256', sha1, 'no', [sha256, sha1], /^Set its digest to sha1/],
    ['neither', 'sha256', null, NOT_AUTHENTIC, [sha256, sha1], /^Compare secretKey/],
    // More refusals than needed may lock a client out.
    ['whatever, of another recipient', 'sha256', null, 'Invalid or Missing Recipient', [sha256], /^Compare appId/],
    ['whatever, of an unknown client', 'sha256', null, 'API Client app not found', [sha256], /^Compare accessId/],
  ])('%s (set to %s)', async (_, digest, accepted, text, tried, fix) => {
    const schemes: string[] = [];
    const kipu = createServer(({ headers }, response) => {
      const [scheme = ''] = (headers.authorization ?? '').split(' ');
      schemes.push(scheme);
      response.writeHead(scheme === accepted ? 200 : 403, { 'content-type': 'application/json' });
      response.end(JSON.stringify(scheme === accepted ? { locations: [] } : { errors: text }));
    });
    await new Promise<void>((resolve) => kipu.listen(0, '127.0.0.1', resolve));
    try {
      const baseUrl = `http://127.0.0.1:${(kipu.address() as AddressInfo).port}`;
      const credentials = { accessId: 'a', secretKey: 'the-secret', appId: 'p' };
      const finding = await checkKipu({ name: 'north', baseUrl, ...credentials, digest, lockPolicy: 'never' });
      expect(finding).toMatchObject({ ok: false, fix: expect.stringMatching(fix) });
      expect(schemes).toEqual(tried);
      expect(JSON.stringify(finding)).not.toContain('the-secret');
    } finally {
      await new Promise((resolve) => kipu.close(resolve));
    }
  });
});
