import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Digest, signatureOf } from '../../../../dev/stand-in/api/authenticate.ts';
import { type StandIn, startStandIn } from '../../../../dev/stand-in/index.ts';
import { ALL_DATES, type CallOptions, call, chartUri, credentialsOf } from '../../../support/signedCall.ts';

const MASTER_ID = '5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe';
const DATE = 'Tue, 03 Nov 2026 14:05:09 GMT';
const WORKED_URI = '/api/patients/census?phi_level=high&app_id=OFZdZaTiCgy5gZnjnpo-Y7pFNoQvgsLJvtQSPJpWJNM';
const PLAIN_URI = '/api/locations?app_id=11111111-2222-4333-8444-555555555555';
const ENCODED_URI = '/api/patients/4101?app_id=a%20b%2Fc%2B%C3%A9&phi_level=high';
const RAW_URI = `/api/patients/4101?app_id=a+b/c&patient_master_id=${MASTER_ID}`;

// KIPU's published worked example; the others made with
// printf '%s' ",,$uri,$date" | openssl dgst -<digest> -hmac 's3cret/Key+1' -binary | base64
it.each<[string, Digest, string, string, string]>([
  [
    'test_secret_key',
    'sha256',
    WORKED_URI,
    'Thu, 07 Nov 2019 20:08:59 GMT',
    'boYgaBORoufqIwn+yNU/+r6rS1Hww1UAk2JYf/JWKN8=',
  ],
  ['test_secret_key', 'sha1', WORKED_URI, 'Thu, 07 Nov 2019 20:08:59 GMT', 'h1PXvNGSmNaZqXBv9/UcqjCFsJ0='],
  ['s3cret/Key+1', 'sha1', PLAIN_URI, DATE, 'ZonkePMX/iaE5dVpx6Vqo+n4hHg='],
  ['s3cret/Key+1', 'sha1', ENCODED_URI, DATE, 'MFa8yKBiExJ+0yJbcrAQ8SLgLB4='],
  ['s3cret/Key+1', 'sha1', RAW_URI, DATE, 'htcve8laIEVEpH3EXMQGxHK09mE='],
  ['s3cret/Key+1', 'sha256', PLAIN_URI, DATE, 'nmHTyZRxW1ZLMCfnkIZEv6ZuOYDfLbD2SjR7xCMUo+I='],
  ['s3cret/Key+1', 'sha256', ENCODED_URI, DATE, 'nE0C87ZpgnhCjbo5o2WJeWJfk62YihlAjXaNKjPT9UI='],
  ['s3cret/Key+1', 'sha256', RAW_URI, DATE, 'xtY7DXMRF6biFuMSyydemWiH6hsWCUdkLkSlTB29GAM='],
])('signatureOf signs with %s by %s %s as KIPU or openssl does', (key, digest, uri, date, signature) => {
  expect(signatureOf(digest, key, uri, date)).toBe(signature);
});

const NOT_FOUND = [401, 'Access Denied - API Client app not found'] as const;
const NOT_AUTHENTICATED = [403, 'Access Denied - API Client app failed to authenticate'] as const;
const NO_RECIPIENT = [403, 'Access Denied - Invalid or Missing Recipient'] as const;
const PASSES = [200, ''] as const;

describe('Authentication', () => {
  let standIn: StandIn;
  beforeAll(async () => {
    standIn = await startStandIn({ charts: 4 });
  });
  afterAll(() => standIn.close());
  afterEach(() => standIn.configure({ all: { digest: 'both', inactive: false } }));
  const other = () => credentialsOf(standIn, 'cedar-grove');
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

  const census = async (otherwise: CallOptions) => {
    const query = 'phi_level=high&page=1&per=20';
    const { status, text } = await call(standIn, 'north-harbor', '/api/patients/census', query, otherwise);
    return [status, status === 200 ? '' : JSON.parse(text).errors];
  };

  const cases: [string, readonly [number, string], () => CallOptions][] = [
    ['a good request', PASSES, () => ({})],
    ['a good request by SHA-256', PASSES, () => ({ digest: 'sha256' })],
    ['X-Auth-Date in place of Date', PASSES, () => ({ dateHeader: 'X-Auth-Date' })],
    ['a date of 14 minutes ago', PASSES, () => ({ date: minutesAgo(14) })],
    ['a date 14 minutes ahead', PASSES, () => ({ date: minutesAgo(-14) })],
    ['no blank before the version', PASSES, () => ({ accept: 'application/vnd.kipusystems+json;version=3' })],
    ['an unknown access id', NOT_FOUND, () => ({ credentials: { accessId: 'nobody' } })],
    ['no authorization', NOT_FOUND, () => ({ authorization: null })],
    ['another scheme', NOT_FOUND, () => ({ authorization: 'Bearer abc' })],
    ['a wrong secret', NOT_AUTHENTICATED, () => ({ credentials: { secretKey: 'not-the-key' } })],
    ['a wrong secret by SHA-256', NOT_AUTHENTICATED, () => ({ digest: 'sha256', credentials: { secretKey: 'no' } })],
    ['the secret of another instance', NOT_AUTHENTICATED, () => ({ credentials: { secretKey: other().secretKey } })],
    ['the access id of another instance', NOT_AUTHENTICATED, () => ({ credentials: { accessId: other().accessId } })],
    ['the app id of another instance', NOT_AUTHENTICATED, () => ({ credentials: { appId: other().appId } })],
    ['a signature of another length', NOT_AUTHENTICATED, () => ({ authorization: `APIAuth ${other().accessId}:abc` })],
    [
      'a reordered query',
      NOT_AUTHENTICATED,
      () => ({ sent: (uri) => uri.replace(/\?(app_id=[^&]+)&(.+)$/, '?$2&$1') }),
    ],
    ['a query encoded otherwise', NOT_AUTHENTICATED, () => ({ sent: (uri) => uri.replace('=20', '=%32%30') })],
    ['a date of 16 minutes ago', NOT_AUTHENTICATED, () => ({ date: minutesAgo(16) })],
    ['a date 16 minutes ahead', NOT_AUTHENTICATED, () => ({ date: minutesAgo(-16) })],
    ['an unknown app id', NO_RECIPIENT, () => ({ credentials: { appId: 'unknown' } })],
    ['an empty app id', NO_RECIPIENT, () => ({ credentials: { appId: '' } })],
    [
      'a wrong secret and an unknown app id',
      NOT_AUTHENTICATED,
      () => ({ credentials: { secretKey: 'no', appId: 'no' } }),
    ],
    ['no accept', [406, 'Not acceptable'], () => ({ accept: null })],
    ['any JSON', [406, 'Not acceptable'], () => ({ accept: 'application/json' })],
    ['version 4', [406, 'Not acceptable'], () => ({ accept: 'application/vnd.kipusystems+json; version=4' })],
    ['a POST', [404, 'Not found'], () => ({ method: 'POST' })],
  ];
  it.each(cases)('answers %s with %j', async (_, expected, otherwise) => {
    expect(await census(otherwise())).toEqual(expected);
  });

  it.each<[Digest | 'both', readonly [number, string], readonly [number, string]]>([
    ['both', PASSES, PASSES],
    ['sha1', PASSES, NOT_AUTHENTICATED],
    ['sha256', NOT_AUTHENTICATED, PASSES],
  ])('with the digest %s answers SHA-1 with %j and SHA-256 with %j', async (digest, bySha1, bySha256) => {
    standIn.configure({ instances: { 'north-harbor': { digest } } });
    expect([await census({ digest: 'sha1' }), await census({ digest: 'sha256' })]).toEqual([bySha1, bySha256]);
  });

  it('refuses an inactive client, and its instance only', async () => {
    standIn.configure({ instances: { 'north-harbor': { inactive: true } } });
    expect(await census({})).toEqual(NOT_AUTHENTICATED);
    expect((await call(standIn, 'cedar-grove', '/api/locations')).status).toBe(200);
  });

  it.each([
    ['/api/patients/latest', ALL_DATES],
    ['/api/patients/census', 'phi_level=high'],
    ['/api/patients/admissions', `phi_level=high&${ALL_DATES}`],
    chartUri(`4101:${MASTER_ID}`),
    ['/api/locations', ''],
    ['/api/vaults/patients', ''],
  ])('refuses a mixed triple at %s', async (path, query) => {
    const { appId } = other();
    expect((await call(standIn, 'north-harbor', path, query, { credentials: { appId } })).status).toBe(403);
  });

  it('checks the request line as it was sent, encoded or not', async () => {
    const [path, query] = chartUri(standIn.charts('north-harbor')[0]?.casefileId ?? '');
    for (const note of ['a%2Fb%20c%2B%C3%A9:d+e', 'a/b+c:d', '%3A%3a']) {
      expect((await call(standIn, 'north-harbor', path, `${query}&note=${note}`)).status).toBe(200);
    }
  });

  it('has different credentials for each instance, the same for the same seed', async () => {
    const again = await startStandIn({ charts: 0 });
    const third = await startStandIn({ charts: 0, seed: 2 });
    expect(again.instances).toEqual(standIn.instances);
    expect(third.instances).not.toEqual(standIn.instances);
    const secrets = standIn.instances.flatMap(({ accessId, secretKey, appId }) => [accessId, secretKey, appId]);
    expect(new Set(secrets).size).toBe(9);
    await Promise.all([again.close(), third.close()]);
  });
});
