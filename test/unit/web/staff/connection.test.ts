import { describe, expect, it } from 'vitest';
import { heldRecord, missedChange } from '../../../support/markedDocuments.ts';
import { staffApp } from '../../../support/staffApp.ts';

const LOCAL = 'http://127.0.0.1:8080';

describe('The address of the webhooks', () => {
  it.each([
    [
      'is shown without a warning where KIPU can reach it',
      'https://referrals.example',
      'https://api.kipuapi.com',
      null,
    ],
    [
      'comes with a warning where KIPU cannot reach it',
      LOCAL,
      'https://api.kipuapi.com',
      /KIPU can't reach http:\/\/127\.0\.0\.1:8080: .*set WEB_URL/,
    ],
    [
      'is explained where KIPU is the stand-in of this machine',
      LOCAL,
      'http://127.0.0.1:9090',
      /works for the built-in stand-in only.*set WEB_URL/,
    ],
  ])('%s', async (_, webUrl, baseUrl, text) => {
    const context = { webUrl: () => webUrl, instances: [{ name: 'north', baseUrl }] };
    const { get } = await staffApp({ context });
    const { body } = await get('/webhooks');
    expect(body).toContain(`>${webUrl}/webhooks/north/chart-update</span>`);
    if (text === null) expect(body).not.toContain('WEB_URL');
    else expect(body).toMatch(text);
  });

  it('has a button that copies it, which only the script shows', async () => {
    const { get } = await staffApp();
    const { body } = await get('/webhooks');
    const [, of = ''] = /<button type="button" hidden data-copy="([^"]+)"/.exec(body) ?? [];
    expect(body).toContain(`id="${of}">https://referrals.example/webhooks/`);
    const [, script = ''] = /<script src="(\/assets\/copy\.js\?v=[^"]+)"/.exec(body) ?? [];
    const answer = await get(script);
    expect(answer.headers['content-type']).toContain('text/javascript');
    expect(answer.headers['cache-control']).toContain('immutable');
    expect((await get('/assets/copy.js?v=older')).headers['cache-control']).not.toContain('immutable');
  });
});

describe('The changes without a webhook', () => {
  const record = heldRecord({ casefile: '4101:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe' });
  const stored = { records: [record], detectedChanges: [missedChange(record)] };
  const context = {
    instances: [{ name: 'north', locationTimeZones: { 7: 'America/Los_Angeles' } }, { name: 'south' }],
  };

  it('are linked from the connection, and shown with KIPU’s id and time and the location', async () => {
    const { get } = await staffApp({ stored, context });
    expect((await get('/webhooks')).body).toMatch(/href="\/webhooks\/evidence\?instance=north">Show 1 change/);
    expect((await get('/webhooks')).body).not.toContain('4101:');
    const { body } = await get('/webhooks/evidence?instance=north');
    expect(body).toMatch(/4101:5ca1ab1e-[^<]*<.*Chart Update.*Detox.*Feb 28, 8:45 PM PST/s);
    expect((await get('/webhooks/evidence?instance=south')).body).toContain(
      'No change of the last 30 days came without a webhook',
    );
  });

  it('are downloaded as a file with the same, by those who may unlock', async () => {
    const { get } = await staffApp({ stored, context });
    const { body, headers } = await get('/webhooks/evidence.csv?instance=north');
    expect(headers['content-disposition']).toBe('attachment; filename="changes-without-webhook-north.csv"');
    expect(body.split('\r\n')[1]).toBe(
      `"${record.casefileId}","Chart Update","7","Detox","2026-03-01T04:45:52.000Z","Feb 28, 8:45 PM PST",` +
        '"2026-03-01T02:00:00-08:00","2026-03-01T02:00:00-08:00"',
    );
    const viewer = await staffApp({ stored, context, role: 'viewer' });
    expect((await viewer.get('/webhooks/evidence.csv?instance=north')).statusCode).toBe(403);
    expect((await get('/webhooks/evidence?instance=nowhere')).statusCode).toBe(404);
  });
});

describe('The page of a record', () => {
  it('links to its chart in KIPU where the settings say where that is', async () => {
    const record = heldRecord({ casefile: '4101:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe' });
    const instances = [{ name: 'north', chartUrl: 'https://emr.example/patients/{casefileNumber}' }];
    const linked = await staffApp({ stored: { records: [record] }, context: { instances } });
    const { body } = await linked.get(`/records/${record._id}`);
    expect(body).toMatch(/<a class="button" href="https:\/\/emr\.example\/patients\/4101" rel="noreferrer">/);
    const plain = await staffApp({ stored: { records: [record] } });
    expect((await plain.get(`/records/${record._id}`)).body).not.toContain('Open chart in KIPU');
  });
});
