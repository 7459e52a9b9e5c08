import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** How far a request's date may be from KIPU's clock. KIPU does not say; this is the habit of APIAuth. */
export const SIGNATURE_WINDOW_MS = 15 * 60_000;

export type Digest = 'sha1' | 'sha256';

const DIGESTS: Readonly<Record<string, Digest>> = { APIAuth: 'sha1', 'APIAuth-HMAC-SHA256': 'sha256' };

/** What a request presents as its proof. */
export interface Presented {
  digest: Digest;
  accessId: string;
  signature: string;
}

/**
 * Signs a GET as KIPU checks it: HMAC over `,,<request_uri>,<Date>`.
 * @param requestUri path and query, byte for byte as sent
 * @returns base64
 */
export function signatureOf(digest: Digest, secretKey: string, requestUri: string, date: string): string {
  // latin1: Node passes each byte of the request line on as one character.
  return createHmac(digest, secretKey)
    .update(Buffer.from(`,,${requestUri},${date}`, 'latin1'))
    .digest('base64');
}

/** Reads `Authorization`; null where it is missing or of another scheme. */
export function presented(headers: IncomingHttpHeaders): Presented | null {
  const [, scheme = '', accessId, signature] = /^(\S+) ([^\s:]+):(\S+)$/.exec(headers.authorization ?? '') ?? [];
  const digest = Object.hasOwn(DIGESTS, scheme) ? DIGESTS[scheme] : undefined;
  return digest && accessId && signature ? { digest, accessId, signature } : null;
}

/** Returns the date that was signed: `Date`, or `X-Auth-Date` of a client that may not set it. */
export function signedDate(headers: IncomingHttpHeaders): string | null {
  const substitute = headers['x-auth-date'];
  return headers.date ?? (typeof substitute === 'string' ? substitute : null);
}

/** Checks that a GET was signed with this key, for this very request line, within the window around `now`. */
export function isSignedBy(secretKey: string, requestUri: string, headers: IncomingHttpHeaders, now: Date): boolean {
  const proof = presented(headers);
  const date = signedDate(headers);
  if (!proof || !date) return false;
  const at = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(date)
    ? Date.parse(date)
    : Number.NaN;
  if (!(Math.abs(now.getTime() - at) <= SIGNATURE_WINDOW_MS)) return false;
  const expected = Buffer.from(signatureOf(proof.digest, secretKey, requestUri, date));
  const actual = Buffer.from(proof.signature);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}
