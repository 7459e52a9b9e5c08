/**
 * The codes of failed calls to KIPU:
 *
 * | code | when |
 * |---|---|
 * | `unknown-client` | 401 or 403 whose body names an unknown access id |
 * | `authentication-failed` | 401 or 403 whose body names a failed authentication: wrong secret, mixed triple, inactive client, or the other digest |
 * | `unknown-recipient` | 401 or 403 whose body names an unknown app id |
 * | `unauthorized` | any other 401 |
 * | `forbidden` | any other 403 |
 * | `endpoint-off` | 410: turned off for this instance |
 * | `not-found` | 404 |
 * | `refused` | 400, 422 and every other 4xx; also an argument that this client refuses to send |
 * | `rate-limited` | 429 |
 * | `unavailable` | 5xx |
 * | `timeout` | the call took too long (connecting, waiting or reading), or 408 |
 * | `unreachable` | no connection: refused, name not found, certificate not accepted |
 * | `connection-lost` | reset, or closed before the end of the response |
 * | `redirected` | 3xx; redirects are never followed |
 * | `too-large` | the body or the headers exceed the limit |
 * | `not-json` | content type, encoding or text is not JSON |
 * | `chart-unreadable` | JSON that is not a chart, or not the requested one |
 * | `page-unreadable` | JSON that is not a list, or a list of more than `MAX_PAGES` pages |
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
  /** Fixed text and names of KIPU's fields. Never anything that came from KIPU or from the caller. */
  detail: string;
  status?: number | null;
  retryAfterMs?: number | null;
  clockSkewMs?: number | null;
}

/**
 * Thrown by every method of the client. Its message consists of method, route template, status and fixed text, so it may be
 * logged and stored. It has no `cause`, because causes contain addresses and parts of the response.
 */
export class KipuError extends Error {
  override readonly name = 'KipuError';
  readonly code: KipuErrorCode;
  /** HTTP status; null if there was no response. */
  readonly status: number | null;
  /** The wait that `Retry-After` asks for, in milliseconds, from one second to 15 minutes; null if there is no usable one. */
  readonly retryAfterMs: number | null;
  /** Method and route template, for example `GET /api/patients/{patient_id}`. */
  readonly route: string;
  /** Our clock minus the `Date` of the response, in milliseconds (positive: ours is ahead); null if there was none. */
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

/** Returns what a status means; null for 2xx. The body of a 401 or 403 may say more: see `refusalOf`. 408 and 429 come from gateways. */
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
      return { code: 'not-found', detail: 'not found in KIPU' };
    case 408:
      return { code: 'timeout', detail: 'KIPU gave up waiting' };
    case 410:
      return { code: 'endpoint-off', detail: 'this endpoint is turned off for the KIPU instance' };
    case 429:
      return { code: 'rate-limited', detail: 'too many calls' };
    default:
      return { code: 'refused', detail: 'KIPU refused the request' };
  }
}

/** A refusal that KIPU names by a fixed text, and our text for it. */
interface Refusal {
  text: string;
  code: KipuErrorCode;
  detail: string;
}

/** Source: recorded responses. The texts follow "Access Denied - ". */
const REFUSALS: readonly Refusal[] = [
  {
    text: 'api client app not found',
    code: 'unknown-client',
    detail: 'KIPU does not know the access id; check accessId',
  },
  {
    text: 'api client app failed to authenticate',
    code: 'authentication-failed',
    detail:
      'the signature was not accepted; check the secret key, that access id, secret key and app id are one triple, ' +
      'the digest, and that the client is active in KIPU',
  },
  {
    text: 'invalid or missing recipient',
    code: 'unknown-recipient',
    detail: 'KIPU does not know the app id; check appId',
  },
];

/** The deepest nesting below `errors` that is searched. */
const DEEPEST = 4;

/**
 * Returns the refusal that the body of a 401 or 403 names by one of KIPU's fixed texts; null if it contains none of them, or
 * several. Nothing of the body itself is returned.
 */
export function refusalOf(body: string): Pick<Refusal, 'code' | 'detail'> | null {
  const texts = textsIn(errorsOf(body), DEEPEST).map((text) => text.toLowerCase().replace(/\s+/g, ' '));
  const named = REFUSALS.filter(({ text }) => texts.some((one) => one.includes(text)));
  const [only, another] = named;
  return only === undefined || another !== undefined ? null : { code: only.code, detail: only.detail };
}

function errorsOf(body: string): unknown {
  try {
    const json: unknown = JSON.parse(body);
    return json !== null && typeof json === 'object' && 'errors' in json ? json.errors : null;
  } catch {
    return null;
  }
}

/** Returns all texts within a value, nested up to `depth`. */
function textsIn(value: unknown, depth: number): string[] {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object' || depth === 0) return [];
  return Object.values(value).flatMap((one) => textsIn(one, depth - 1));
}
