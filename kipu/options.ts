import type { KipuErrorCode } from './errors.ts';
import type { Digest } from './sign.ts';

/** How to reach one KIPU instance. The three credentials belong together: KIPU answers a mixed triple with 403. */
export interface KipuOptions {
  /** For example `https://api.kipuapi.com`; see `checkBaseUrl`. */
  baseUrl: string;
  accessId: string;
  secretKey: string;
  /** Also called recipient id. */
  appId: string;
  /** What requests are signed with. Default `sha256`. */
  digest?: Digest | undefined;
  /** Time limit of a whole call, including its body. Default 30,000. */
  timeoutMs?: number | undefined;
  /** The largest accepted body. Default 20,000,000. */
  maxBodyBytes?: number | undefined;
  /** Concurrent calls. Further calls wait, and their wait counts toward their time limit. Default 16. */
  connections?: number | undefined;
  /** The clock that dates requests. */
  now?: (() => Date) | undefined;
  /** Ends every call of this client. */
  signal?: AbortSignal | undefined;
  /** Awaited before every call. It does not count toward the call's time limit. Pass one to keep a limit per second. */
  beforeCall?: (() => Promise<void>) | undefined;
  /** Called for every call that was sent, after it has ended. */
  onCall?: ((call: CallFacts) => void) | undefined;
}

/** Facts of one call, without its parameters or contents. */
export interface CallFacts {
  /** Method and route template, for example `GET /api/patients/{patient_id}`. */
  route: string;
  /** HTTP status; null if there was no response. */
  status: number | null;
  /** Why it failed; null if it returned JSON. */
  code: KipuErrorCode | null;
  /** Milliseconds from sending to the end of the response. */
  ms: number;
  /** Our clock minus the `Date` of the response, in milliseconds (positive: ours is ahead); null if there was none. */
  clockSkewMs: number | null;
}

/** Options of one call. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
}

/** Which page, from 1 up, and how many rows per page. */
export interface PageQuery {
  page: number;
  per: number;
}

/** Calendar days `YYYY-MM-DD`, both included, in a time zone that KIPU does not document. */
export interface LatestQuery {
  startDay: string;
  endDay: string;
}

/** Filters of the census. Without days it lists only patients who are here now; with both, also those discharged in between. */
export interface CensusQuery {
  startDay?: string | undefined;
  endDay?: string | undefined;
  locationId?: string | undefined;
}

/** Limits the list of deleted charts to a range of days; without it all are listed. */
export interface VaultedQuery {
  startDay?: string | undefined;
  endDay?: string | undefined;
}

/** The origin to call, or what is wrong with the address, in a text that does not repeat it. */
export type BaseUrlCheck = { origin: string } | { problem: string };

/**
 * Checks the base address of a KIPU instance, for example `https://api.kipuapi.com`. `http:` is allowed only for this
 * machine, because charts are sent over it. A path is refused, because the signature covers a path that begins with `/api`;
 * so are a query and credentials.
 */
export function checkBaseUrl(baseUrl: string): BaseUrlCheck {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  if (url === null || url.hostname === '') return { problem: 'is not an address such as https://api.kipuapi.com' };
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { problem: 'must begin with https://' };
  if (url.username !== '' || url.password !== '') return { problem: 'must not hold a user name or password' };
  if (url.pathname !== '/' || /[?#]/.test(baseUrl)) return { problem: 'must end after the host and port' };
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return { problem: 'must be https:// (http:// is allowed only for a server on this machine)' };
  }
  return { origin: url.origin };
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
