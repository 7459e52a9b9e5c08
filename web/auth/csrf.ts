import { createHmac } from 'node:crypto';
import { equalInConstantTime } from '../http/constantTime.ts';

/**
 * The token of the forms that a browser is given: made of its cookie, so that every process makes the same one and nobody
 * without the cookie can.
 */
export function csrfTokenOf(cookie: string): string {
  return createHmac('sha256', cookie).update('csrf').digest('base64url');
}

/** True when a form brings the token of the browser's cookie. */
export function hasValidCsrfToken(cookie: string | null, token: unknown): boolean {
  return cookie !== null && typeof token === 'string' && equalInConstantTime(token, csrfTokenOf(cookie));
}
