import type { Json } from '../world/chart.ts';

/** KIPU's answer before transport faults. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body: { [key: string]: Json };
}

/** Returns an error in KIPU's form. */
export function refusal(status: number, errors: string): Answer {
  return { status, body: { errors } };
}

/** For an unknown access id. */
export const APP_NOT_FOUND = refusal(401, 'Access Denied - API Client app not found');
/** For a wrong secret, a mixed triple, an inactive client, or a wrong digest. */
export const NOT_AUTHENTICATED = refusal(403, 'Access Denied - API Client app failed to authenticate');
/** For an unknown app id. */
export const NO_RECIPIENT = refusal(403, 'Access Denied - Invalid or Missing Recipient');
