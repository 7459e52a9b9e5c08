import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** How far a request's date may be from KIPU's clock. */
export const SIGNATURE_WINDOW_MS = 15 * 60_000;

/**
 * Signs a GET as KIPU checks it (APIAuth, HMAC-SHA1 over `,,<request_uri>,<Date>`).
 * @param requestUri path and query, byte for byte as sent
 * @returns base64
 */
export function signatureOf(secretKey: string, requestUri: string, date: string): string {
  // latin1: Node hands over each byte of the request line as one character.
  return createHmac('sha1', secretKey)
    .update(Buffer.from(`,,${requestUri},${date}`, 'latin1'))
    .digest('base64');
}

/** The access id and signature that a request brings; null where there is no readable `Authorization`. */
export function presented(headers: IncomingHttpHeaders): { accessId: string; signature: string } | null {
  const match = /^APIAuth ([^\s:]+):(\S+)$/.exec(headers.authorization ?? '');
  return match?.[1] && match[2] ? { accessId: match[1], signature: match[2] } : null;
}

/** The date that was signed: `Date`, or `X-Auth-Date` of a client that may not set it. */
export function signedDate(headers: IncomingHttpHeaders): string | null {
  const stand = headers['x-auth-date'];
  return headers.date ?? (typeof stand === 'string' ? stand : null);
}

/** Whether a GET was signed with this key, for this very request line, within the window round `now`. */
export function isSignedBy(secretKey: string, requestUri: string, headers: IncomingHttpHeaders, now: Date): boolean {
  const given = presented(headers);
  const date = signedDate(headers);
  if (!given || !date) return false;
  const at = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(date)
    ? Date.parse(date)
    : Number.NaN;
  if (!(Math.abs(now.getTime() - at) <= SIGNATURE_WINDOW_MS)) return false;
  const expected = Buffer.from(signatureOf(secretKey, requestUri, date));
  const actual = Buffer.from(given.signature);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}
