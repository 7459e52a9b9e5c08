/** How to reach one KIPU instance. The three credentials belong together; a mixed triple is answered 403. */
export interface KipuOptions {
  /** For example `https://api.kipuapi.com`; see `checkBaseUrl`. */
  baseUrl: string;
  accessId: string;
  secretKey: string;
  /** Also called recipient id. */
  appId: string;
  /** For a whole call, its body included. Default 30,000. */
  timeoutMs?: number | undefined;
  /** Largest body. Default 20,000,000. */
  maxBodyBytes?: number | undefined;
  /** The clock that requests are dated by. */
  now?: (() => Date) | undefined;
  /** Ends every call of this client. */
  signal?: AbortSignal | undefined;
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

/** Narrows a census; absent means all. */
export interface CensusQuery {
  startDay?: string | undefined;
  endDay?: string | undefined;
  locationId?: string | undefined;
}

/** Pages from `page` (default 1) on. */
export type Walk<Query> = Query & { per: number; page?: number | undefined };
