import { createHmac } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { equalInConstantTime } from '../http/constantTime.ts';

/**
 * `session`: a signed-in user. `visit`: a browser before the sign-in. `openId`: a browser that is at the provider.
 * `device`: a browser that signed in before. `challenge`: a browser whose sign-in waits for the second factor.
 */
type CookieKind = 'session' | 'visit' | 'openId' | 'device' | 'challenge';

const NAMES: Readonly<Record<CookieKind, string>> = {
  session: 'kipu-referrals-session',
  visit: 'kipu-referrals-visit',
  openId: 'kipu-referrals-openid',
  device: 'kipu-referrals-device',
  challenge: 'kipu-referrals-challenge',
};

/** Reads and sets the cookies of the pages. Scripts cannot read them. */
export interface Cookies {
  read(request: FastifyRequest, kind: CookieKind): string | null;
  /** Without `seconds` the cookie lasts until the browser is closed. */
  set(reply: FastifyReply, kind: CookieKind, value: string, seconds?: number): void;
  clear(reply: FastifyReply, kind: CookieKind): void;
}

/** With `secure` (the pages use https) names get the prefix `__Host-`: no sibling domain and no http page can set them. */
export function createCookies(secure: boolean): Cookies {
  const nameOf = (kind: CookieKind) => `${secure ? '__Host-' : ''}${NAMES[kind]}`;
  const attributes = { path: '/', httpOnly: true, sameSite: 'lax', secure } as const;
  return {
    read: (request, kind) => request.cookies[nameOf(kind)] || null,
    set(reply, kind, value, seconds) {
      reply.setCookie(nameOf(kind), value, { ...attributes, ...(seconds === undefined ? {} : { maxAge: seconds }) });
    },
    clear: (reply, kind) => void reply.clearCookie(nameOf(kind), attributes),
  };
}

/** Returns the CSRF token for a cookie. It is derived from the cookie, so that all processes agree and only its owner knows it. */
export function csrfTokenOf(cookie: string): string {
  return createHmac('sha256', cookie).update('csrf').digest('base64url');
}

/** Returns true when a form was sent with the token of the browser's cookie. */
export function hasValidCsrfToken(cookie: string | null, token: unknown): boolean {
  return cookie !== null && typeof token === 'string' && equalInConstantTime(token, csrfTokenOf(cookie));
}
