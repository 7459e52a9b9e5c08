import type { Json } from './chart.ts';

/** What KIPU answers, before anything goes wrong with it. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body: { [key: string]: Json };
}

/** Returns an error answer, as KIPU writes it. */
export function refusal(status: number, errors: string): Answer {
  return { status, body: { errors } };
}

/** The access id is unknown. */
export const APP_NOT_FOUND = refusal(401, 'Access Denied - API Client app not found');
/** Wrong secret, mixed triple, inactive client, or another digest. */
export const NOT_AUTHENTICATED = refusal(403, 'Access Denied - API Client app failed to authenticate');
/** The app id is unknown. */
export const NO_RECIPIENT = refusal(403, 'Access Denied - Invalid or Missing Recipient');
