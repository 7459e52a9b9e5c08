import { createHmac } from 'node:crypto';

/** The digests that KIPU accepts. Which one a set of credentials needs is not documented, so it is a setting. */
export const digests = ['sha256', 'sha1'] as const;
export type Digest = (typeof digests)[number];

/** The digest of an instance whose settings do not name one; see docs/decisions/0014-digest.md. */
export const DEFAULT_DIGEST: Digest = 'sha256';

/** First word of the `Authorization` header, by digest. */
const SCHEMES: Record<Digest, string> = { sha1: 'APIAuth', sha256: 'APIAuth-HMAC-SHA256' };

/** The credentials that sign the requests to one KIPU instance. */
export interface Credentials {
  accessId: string;
  secretKey: string;
  digest: Digest;
}

/** A GET to sign. `requestUri` is path and query string, byte for byte as sent. */
export interface RequestToSign {
  requestUri: string;
  date: Date;
}

/**
 * Returns the text that is signed for a GET: `,,<request_uri>,<Date>`. The two empty places are for content type and
 * content MD5. `date` is the `Date` header: RFC 1123, GMT.
 */
export function canonicalString(requestUri: string, date: string): string {
  return `,,${requestUri},${date}`;
}

/** Returns base64(HMAC(secret key, canonical string)), both taken as UTF-8. */
export function signature({ secretKey, digest }: Omit<Credentials, 'accessId'>, canonical: string): string {
  return createHmac(digest, secretKey).update(canonical, 'utf8').digest('base64');
}

/** Returns the headers of a GET to KIPU's API version 3: `accept`, `date` and `authorization`. */
export function signRequest(credentials: Credentials, request: RequestToSign): Record<string, string> {
  const date = request.date.toUTCString();
  const signed = signature(credentials, canonicalString(request.requestUri, date));
  return {
    accept: 'application/vnd.kipusystems+json; version=3',
    date,
    authorization: `${SCHEMES[credentials.digest]} ${credentials.accessId}:${signed}`,
  };
}

/** Percent-encodes everything except the unreserved characters of RFC 3986, once, as UTF-8. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/**
 * Returns the path and query of a request, to be signed and sent unchanged.
 *
 * `template` is a route such as `/api/patients/{patient_id}`; each `{name}` is replaced by its value from `path`.
 * Parameters of `query` keep their order; undefined ones are left out.
 */
export function requestUri(
  template: string,
  path: Record<string, string>,
  query: Record<string, string | number | undefined>,
): string {
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encode(path[name] ?? ''));
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${encode(name)}=${encode(String(value))}`],
  );
  return pairs.length === 0 ? filled : `${filled}?${pairs.join('&')}`;
}
