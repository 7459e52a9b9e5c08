/** Longest wait that `Retry-After` may ask for, in milliseconds: 15 minutes. */
export const MAX_RETRY_AFTER_MS = 15 * 60_000;

const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** An HTTP date (RFC 9110, the fixed-length form) as milliseconds since 1970; null for anything else. */
export function parseHttpDate(text: string | undefined): number | null {
  if (text === undefined || !HTTP_DATE.test(text)) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

/** Shortest wait that counts. Less, as a server that knows no better one may send, would be a retry without a pause. */
const MIN_RETRY_AFTER_MS = 1_000;

/**
 * Returns the wait that a `Retry-After` header asks for.
 *
 * Takes whole seconds or an HTTP date; `nowMs` is the server's time where it is known, so that a wrong clock here does not
 * count. Returns milliseconds from 1,000 to `MAX_RETRY_AFTER_MS`, or null where the header is absent, makes no sense, or
 * names a time that is less than a second away or in the past: the caller's own backoff applies then.
 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | null {
  const text = header?.trim() ?? '';
  const date = parseHttpDate(text);
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : date === null ? null : date - nowMs;
  return ms === null || ms < MIN_RETRY_AFTER_MS ? null : Math.min(ms, MAX_RETRY_AFTER_MS);
}
