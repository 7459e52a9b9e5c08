/**
 * What went wrong with a call to KIPU, narrow enough to act on:
 *
 * | code | when |
 * |---|---|
 * | `unknown-client` | 401 or 403 that says: the access id is unknown |
 * | `authentication-failed` | 401 or 403 that says: wrong secret, mixed triple, inactive client, or the other digest |
 * | `unknown-recipient` | 401 or 403 that says: the app id is unknown |
 * | `unauthorized` | any other 401 |
 * | `forbidden` | any other 403 |
 * | `endpoint-off` | 410: switched off for this instance |
 * | `not-found` | 404 |
 * | `refused` | 400, 422 and every other 4xx; also an argument that this client does not send |
 * | `rate-limited` | 429 |
 * | `unavailable` | 5xx |
 * | `timeout` | the call's time ran out (connecting, waiting or reading), or 408 |
 * | `unreachable` | no connection: refused, name not found, certificate not accepted |
 * | `connection-lost` | reset, or ended before the answer did |
 * | `redirected` | 3xx, which is never followed |
 * | `too-large` | the body or the headers exceed the limit |
 * | `not-json` | content type, encoding or text is not JSON |
 * | `chart-unreadable` | JSON that is no chart, or not the chart asked for |
 * | `page-unreadable` | JSON that is no list, or more pages than `MAX_PAGES` |
 * | `cancelled` | a signal was aborted, or the client is closed |
 */
export type KipuErrorCode =
  | 'unknown-client'
  | 'authentication-failed'
  | 'unknown-recipient'
  | 'unauthorized'
  | 'forbidden'
  | 'endpoint-off'
  | 'not-found'
  | 'refused'
  | 'rate-limited'
  | 'unavailable'
  | 'timeout'
  | 'unreachable'
  | 'connection-lost'
  | 'redirected'
  | 'too-large'
  | 'not-json'
  | 'chart-unreadable'
  | 'page-unreadable'
  | 'cancelled';

/** What is known about a failed call besides its code. */
export interface KipuErrorFacts {
  route: string;
  /** Own words, or names of KIPU's fields. Never anything that came from KIPU or from the caller. */
  detail: string;
  status?: number | null;
  retryAfterMs?: number | null;
  clockSkewMs?: number | null;
}

/**
 * Thrown by every method of the client. Its text is made of method, route template, status and fixed words, so it may be
 * logged and stored; it has no `cause`, because the causes carry addresses and pieces of the answer.
 */
export class KipuError extends Error {
  override readonly name = 'KipuError';
  readonly code: KipuErrorCode;
  /** HTTP status; null where no answer came. */
  readonly status: number | null;
  /** What `Retry-After` asks for, in milliseconds, from a second to 15 minutes; null where it asks for nothing usable. */
  readonly retryAfterMs: number | null;
  /** Method and route template, for example `GET /api/patients/{patient_id}`. */
  readonly route: string;
  /** Our clock minus the answer's `Date`, in milliseconds (positive: ours is ahead); null where there was none. */
  readonly clockSkewMs: number | null;

  constructor(code: KipuErrorCode, facts: KipuErrorFacts) {
    const status = facts.status ?? null;
    super(`${facts.route}${status === null ? '' : ` answered ${status}`}: ${facts.detail}`);
    this.code = code;
    this.status = status;
    this.retryAfterMs = facts.retryAfterMs ?? null;
    this.route = facts.route;
    this.clockSkewMs = facts.clockSkewMs ?? null;
  }
}

/** What the status of a failure means; null for 2xx. A 401 or 403 may say more in its body: see `refusalOf`. 408 and 429 come from gateways. */
export function failureOfStatus(status: number): { code: KipuErrorCode; detail: string } | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 500) return { code: 'unavailable', detail: 'KIPU is down or overloaded' };
  if (status < 400) return { code: 'redirected', detail: 'a redirect, which is not followed; check the base address' };
  switch (status) {
    case 401:
      return {
        code: 'unauthorized',
        detail: 'the signature was not accepted; check access id, secret key, digest and clock',
      };
    case 403:
      return {
        code: 'forbidden',
        detail:
          'not allowed; check that access id, secret key and app id belong to one KIPU instance and may read this',
      };
    case 404:
      return { code: 'not-found', detail: 'KIPU has no such thing' };
    case 408:
      return { code: 'timeout', detail: 'KIPU gave up waiting' };
    case 410:
      return { code: 'endpoint-off', detail: 'this endpoint is switched off for the KIPU instance' };
    case 429:
      return { code: 'rate-limited', detail: 'too many calls' };
    default:
      return { code: 'refused', detail: 'KIPU refused the request' };
  }
}
