import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StandIn, startStandIn } from '../../../dev/stand-in/index.ts';
import { signatureOf } from '../../../dev/stand-in/signature.ts';
import { call, instanceOf, type Otherwise } from './call.ts';

const CHART = '/api/patients/4101:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe';
const DATE = 'Tue, 03 Nov 2026 14:05:09 GMT';

// Made with: printf '%s' ",,$uri,$date" | openssl dgst -sha1 -hmac 's3cret/Key+1' -binary | base64
it.each([
  ['/api/locations?app_id=11111111-2222-4333-8444-555555555555', 'ZonkePMX/iaE5dVpx6Vqo+n4hHg='],
  [`${CHART.replace(':', '%3A')}?app_id=a%20b%2Fc%2B%C3%A9&phi_level=high`, 'hEHbbd5nbU0ELmiFHQgkFNidoTo='],
  [`${CHART}?app_id=a+b/c&phi_level=high`, 'aEsUwFl90PHs6c9JoVTYMZAxAlA='],
])('signs %s as openssl does', (uri, signature) => {
  expect(signatureOf('s3cret/Key+1', uri, DATE)).toBe(signature);
});

describe('the gate', () => {
  let standIn: StandIn;
  beforeAll(async () => {
    standIn = await startStandIn({ charts: 4 });
  });
  afterAll(() => standIn.close());
  const other = () => instanceOf(standIn, 'cedar-grove');
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

  const cases: [string, number, () => Otherwise][] = [
    ['a good request', 200, () => ({})],
    ['X-Auth-Date in place of Date', 200, () => ({ dateHeader: 'X-Auth-Date' })],
    ['a date of 14 minutes ago', 200, () => ({ date: minutesAgo(14) })],
    ['a date 14 minutes ahead', 200, () => ({ date: minutesAgo(-14) })],
    ['a date of 16 minutes ago', 401, () => ({ date: minutesAgo(16) })],
    ['a date 16 minutes ahead', 401, () => ({ date: minutesAgo(-16) })],
    ['no authorization', 401, () => ({ authorization: null })],
    ['another scheme', 401, () => ({ authorization: 'Bearer abc' })],
    ['a signature of another length', 401, () => ({ authorization: `APIAuth ${other().accessId}:abc` })],
    ['a wrong key', 401, () => ({ credentials: { secretKey: 'not-the-key' } })],
    ["another instance's key", 401, () => ({ credentials: { secretKey: other().secretKey } })],
    ['an unknown access id', 401, () => ({ credentials: { accessId: 'nobody' } })],
    ['a reordered query', 401, () => ({ sent: (uri) => uri.replace(/\?(app_id=[^&]+)&(.+)$/, '?$2&$1') })],
    ['a query encoded otherwise', 401, () => ({ sent: (uri) => uri.replace('=20', '=%32%30') })],
    ["another instance's app id", 403, () => ({ credentials: { appId: other().appId } })],
    ['no accept', 406, () => ({ accept: null })],
    ['any JSON', 406, () => ({ accept: 'application/json' })],
    ['version 4', 406, () => ({ accept: 'application/vnd.kipusystems+json; version=4' })],
    ['no blank before the version', 200, () => ({ accept: 'application/vnd.kipusystems+json;version=3' })],
    ['a POST', 404, () => ({ method: 'POST' })],
  ];
  it.each(cases)('answers %s with %i', async (_, status, otherwise) => {
    const called = await call(standIn, 'north-harbor', '/api/patients/census', 'page=1&per=20', otherwise());
    expect(called.status).toBe(status);
    if (status !== 200) expect(JSON.parse(called.text)).toEqual({ error: expect.any(String) });
  });

  it.each([
    '/api/patients/latest',
    '/api/patients/census',
    '/api/patients/admissions',
    CHART,
    '/api/locations',
    '/api/vaults/patients',
  ])('refuses a mixed triple at %s', async (path) => {
    const { appId } = other();
    expect((await call(standIn, 'north-harbor', path, '', { credentials: { appId } })).status).toBe(403);
  });

  it('checks what was sent, encoded or not', async () => {
    const id = standIn.charts('north-harbor')[0]?.casefileId ?? '';
    for (const path of [
      `/api/patients/${id}`,
      `/api/patients/${id.replace(':', '%3A')}`,
      `/api/patients/${encodeURIComponent(id)}`,
    ]) {
      expect((await call(standIn, 'north-harbor', path, 'note=a%2Fb%20c%2B%C3%A9:d+e')).status).toBe(200);
    }
  });

  it('gives each instance credentials of its own, the same for the same seed', async () => {
    const again = await startStandIn({ charts: 0 });
    const third = await startStandIn({ charts: 0, seed: 2 });
    expect(again.instances).toEqual(standIn.instances);
    expect(third.instances).not.toEqual(standIn.instances);
    const secrets = standIn.instances.flatMap(({ accessId, secretKey, appId }) => [accessId, secretKey, appId]);
    expect(new Set(secrets).size).toBe(9);
    await Promise.all([again.close(), third.close()]);
  });
});
