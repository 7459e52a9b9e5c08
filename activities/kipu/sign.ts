import { createHash, createHmac } from 'node:crypto';

/** The parts that a signature covers. `requestUri` is path and query string, byte for byte as sent. */
export interface Signable {
  requestUri: string;
  /** The `Date` header: RFC 1123, GMT. */
  date: string;
  /** Empty for a GET. */
  contentType?: string;
  /** Base64 MD5 of the body; empty for a GET. */
  contentMd5?: string;
}

/** One credential pair of a KIPU instance. */
export interface Credentials {
  accessId: string;
  secretKey: string;
}

/** What `signRequest` takes. A request with a body carries its content type in the signature. */
export type RequestToSign = { requestUri: string; date: Date } & (
  | { method: 'GET' }
  | { method: 'POST' | 'PATCH'; contentType: string; body: string | Uint8Array }
);

/**
 * The text that is signed: `<Content-Type>,<Content-MD5>,<request_uri>,<Date>`, the first two empty for a GET.
 * Source: APIAuth as KIPU's API version 3 uses it.
 */
export function canonicalString({ contentType = '', contentMd5 = '', requestUri, date }: Signable): string {
  return [contentType, contentMd5, requestUri, date].join(',');
}

/** base64(HMAC-SHA1(secret key, canonical string)), both as UTF-8. */
export function signature(secretKey: string, canonical: string): string {
  return createHmac('sha1', secretKey).update(canonical, 'utf8').digest('base64');
}

/**
 * The headers that make a request acceptable to KIPU's API version 3.
 * Gives `accept`, `date` and `authorization`, for POST and PATCH also `content-type` and `content-md5`.
 */
export function signRequest(credentials: Credentials, request: RequestToSign): Record<string, string> {
  const content: Record<string, string> =
    request.method === 'GET'
      ? {}
      : {
          'content-type': request.contentType,
          'content-md5': createHash('md5').update(request.body).digest('base64'),
        };
  const date = request.date.toUTCString();
  const canonical = canonicalString({
    requestUri: request.requestUri,
    date,
    contentType: content['content-type'],
    contentMd5: content['content-md5'],
  });
  return {
    accept: 'application/vnd.kipusystems+json; version=3',
    date,
    authorization: `APIAuth ${credentials.accessId}:${signature(credentials.secretKey, canonical)}`,
    ...content,
  };
}
