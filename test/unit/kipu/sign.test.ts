import { describe, expect, it } from 'vitest';
import { canonicalString, type Digest, signature, signRequest } from '../../../kipu/index.ts';

const schemes: Record<Digest, string> = { sha1: 'APIAuth', sha256: 'APIAuth-HMAC-SHA256' };

describe("KIPU's published example", () => {
  const secretKey = 'test_secret_key';
  const requestUri = '/api/patients/census?phi_level=high&app_id=OFZdZaTiCgy5gZnjnpo-Y7pFNoQvgsLJvtQSPJpWJNM';
  const date = 'Thu, 07 Nov 2019 20:08:59 GMT';

  it.each([
    // Published.
    ['sha256', 'boYgaBORoufqIwn+yNU/+r6rS1Hww1UAk2JYf/JWKN8='],
    // Computed from the same parts with OpenSSL.
    ['sha1', 'h1PXvNGSmNaZqXBv9/UcqjCFsJ0='],
  ] as const)('is signed by %s as KIPU expects it', (digest, expected) => {
    expect(signature({ secretKey, digest }, canonicalString(requestUri, date))).toBe(expected);
    const credentials = { accessId: 'id', secretKey, digest };
    expect(signRequest(credentials, { requestUri, date: new Date('2019-11-07T20:08:59Z') })).toEqual({
      accept: 'application/vnd.kipusystems+json; version=3',
      date,
      authorization: `${schemes[digest]} id:${expected}`,
    });
  });
});

// Expected values were computed with OpenSSL, for example:
// printf '%s' ',,/api/patients/census?app_id=app-1&page=1&per=100,Tue, 06 Jan 2026 09:08:07 GMT' |
//   openssl dgst -sha256 -hmac 's3cr3t/key+ü' -binary | base64
const secretKey = 's3cr3t/key+ü';
const at = new Date('2026-01-06T09:08:07.999Z');
const date = 'Tue, 06 Jan 2026 09:08:07 GMT';

describe('The signature of a GET', () => {
  it.each([
    [
      'plain query',
      '/api/patients/census?app_id=app-1&page=1&per=100',
      { sha1: 'A5L0v2UcmscMbFZsLAfYPwodAJ8=', sha256: '85maTPKohFVHeiX66+V7YhoaLgI2xhwGYHk9O/+8q3Y=' },
    ],
    [
      'a chart',
      '/api/patients/4101?app_id=app-1&phi_level=high&patient_master_id=5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe',
      { sha1: 'ZrQgW8tOLyWpTkcOIMxacc5N3os=', sha256: 'OyZGtIC0SQTM5ngf8xFWvCWkccp83eCwJTArx9JM7I4=' },
    ],
    [
      'plus, blank, slash, letters and %2F, all encoded',
      '/api/patients/latest?app_id=a%2Bb%20c%2F%C3%BC%3A%252F&start_date=2026-01-05&end_date=2026-01-07',
      { sha1: 'Dx6d2qfW1FHmrsOZFohH1so/4iI=', sha256: 'gbzqIm+jUdetqwQZVQok3dNbMq5Jml5TnxpOt087qK8=' },
    ],
    [
      'letters outside ASCII as they are',
      '/api/locations?app_id=Zürich',
      { sha1: 'GtId5e0lRSgwnA31by4NXEfIBEA=', sha256: 'sAzrtmgbRfjuazvW5Zp0baGhXceq11l54UYvWgvERgE=' },
    ],
  ])('%s', (_, requestUri, expected) => {
    expect(canonicalString(requestUri, date)).toBe(`,,${requestUri},${date}`);
    for (const digest of ['sha1', 'sha256'] as const) {
      expect(signature({ secretKey, digest }, canonicalString(requestUri, date))).toBe(expected[digest]);
      expect(signRequest({ accessId: 'id', secretKey, digest }, { requestUri, date: at })).toEqual({
        accept: 'application/vnd.kipusystems+json; version=3',
        date,
        authorization: `${schemes[digest]} id:${expected[digest]}`,
      });
    }
  });

  it('changes when the query is reordered', () => {
    const sign = (uri: string) => signature({ secretKey, digest: 'sha256' }, canonicalString(uri, date));
    expect(sign('/api/locations?a=1&b=2')).not.toBe(sign('/api/locations?b=2&a=1'));
  });
});
