import { describe, expect, it } from 'vitest';
import { canonicalString, signature, signRequest } from '../../../activities/kipu/index.ts';

// Expected values were worked out with OpenSSL, for example:
// printf '%s' ',,/api/patients/census?app_id=app-1&page=1&per=100,Tue, 06 Jan 2026 09:08:07 GMT' |
//   openssl dgst -sha1 -hmac 's3cr3t/key+ü' -binary | base64
// and the MD5s with: printf '%s' '{"a":"é"}' | openssl dgst -md5 -binary | base64
const secretKey = 's3cr3t/key+ü';
const at = new Date('2026-01-06T09:08:07.999Z');
const date = 'Tue, 06 Jan 2026 09:08:07 GMT';

describe('signature of a GET', () => {
  it.each([
    ['plain query', '/api/patients/census?app_id=app-1&page=1&per=100', 'A5L0v2UcmscMbFZsLAfYPwodAJ8='],
    [
      'colon in the path',
      '/api/patients/4101:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe?app_id=app-1&phi_level=high',
      'VqWeSfG6dq4P3AcVFH7HXe71+Bc=',
    ],
    [
      'plus, blank, slash, letters and %2F, all encoded',
      '/api/patients/latest?app_id=a%2Bb%20c%2F%C3%BC%3A%252F&start_date=2026-01-05&end_date=2026-01-07',
      'Dx6d2qfW1FHmrsOZFohH1so/4iI=',
    ],
    ['letters outside ASCII as they are', '/api/locations?app_id=Zürich', 'GtId5e0lRSgwnA31by4NXEfIBEA='],
  ])('%s', (_, requestUri, expected) => {
    expect(canonicalString({ requestUri, date })).toBe(`,,${requestUri},${date}`);
    expect(signature(secretKey, canonicalString({ requestUri, date }))).toBe(expected);
    expect(signRequest({ accessId: 'id', secretKey }, { method: 'GET', requestUri, date: at })).toEqual({
      accept: 'application/vnd.kipusystems+json; version=3',
      date,
      authorization: `APIAuth id:${expected}`,
    });
  });

  it('changes when the query is reordered', () => {
    const sign = (requestUri: string) => signature(secretKey, canonicalString({ requestUri, date }));
    expect(sign('/api/locations?a=1&b=2')).not.toBe(sign('/api/locations?b=2&a=1'));
  });
});

describe('signature of a request with a body', () => {
  const requestUri = '/api/patients/4101:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe/x?app_id=app-1';
  it.each([
    ['POST', '{"a":"é"}', 'EQ3xC1a4MpkYL3AWSHnSAw==', '2C2kWa6fnYH8TSJ0WbxXtjr87d0='],
    ['PATCH', '', '1B2M2Y8AsgTpgAmY7PhCfg==', '9Lm9dMfQ5qPS82zNAOiALetwICg='],
  ] as const)('%s covers type and MD5', (method, body, md5, expected) => {
    const request = { method, requestUri, date: at, contentType: 'application/json', body };
    expect(signRequest({ accessId: 'id', secretKey }, request)).toMatchObject({
      'content-type': 'application/json',
      'content-md5': md5,
      authorization: `APIAuth id:${expected}`,
    });
    expect(signRequest({ accessId: 'id', secretKey }, { ...request, body: Buffer.from(body) })).toMatchObject({
      'content-md5': md5,
    });
  });
});
