import type { Digest } from './sign.ts';

/** How to reach one KIPU instance. The three credentials belong together; a mixed triple is answered 403. */
export interface KipuOptions {
  /** For example `https://api.kipuapi.com`; see `checkBaseUrl`. */
  baseUrl: string;
  accessId: string;
  secretKey: string;
  /** Also called recipient id. */
  appId: string;
  /** What requests are signed with. Default `sha256`. */
  digest?: Digest | undefined;
  /** For a whole call, its body included. Default 30,000. */
  timeoutMs?: number | undefined;
  /** Largest body. Default 20,000,000. */
  maxBodyBytes?: number | undefined;
  /** Calls on their way at once; further ones wait, and their waiting counts as their time. Default 16. */
  connections?: number | undefined;
  /** The clock that requests are dated by. */
  now?: (() => Date) | undefined;
  /** Ends every call of this client. */
  signal?: AbortSignal | undefined;
  /** Learns of every call that was sent, when it has ended. */
  onCall?: ((call: CallFacts) => void) | undefined;
}

/** What one call was like. Nothing of what was asked or answered. */
export interface CallFacts {
  /** Method and route template, for example `GET /api/patients/{patient_id}`. */
  route: string;
  /** HTTP status; null where no answer came. */
  status: number | null;
  /** Milliseconds from sending to the end of the answer. */
  ms: number;
  /** Our clock minus the answer's `Date`, in milliseconds (positive: ours is ahead); null where there was none. */
  clockSkewMs: number | null;
}

/** Options of one call. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
}

/** Which page, from 1 on, and how many rows of it. */
export interface PageQuery {
  page: number;
  per: number;
}

/** Calendar days `YYYY-MM-DD`, both included, in a time zone that KIPU does not name. */
export interface LatestQuery {
  startDay: string;
  endDay: string;
}

/** Narrows a census. Without days it lists only patients who are here now; with both, also those discharged in between. */
export interface CensusQuery {
  startDay?: string | undefined;
  endDay?: string | undefined;
  locationId?: string | undefined;
}

/** Narrows the list of deleted charts to a range of days; absent means all. */
export interface VaultedQuery {
  startDay?: string | undefined;
  endDay?: string | undefined;
}
