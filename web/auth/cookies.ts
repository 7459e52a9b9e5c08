import type { FastifyReply, FastifyRequest } from 'fastify';

/** `session`: who is signed in. `visit`: a browser that is not yet. `openId`: one that was sent to the provider. */
export type CookieKind = 'session' | 'visit' | 'openId';

const NAMES: Readonly<Record<CookieKind, string>> = {
  session: 'kipu-referrals-session',
  visit: 'kipu-referrals-visit',
  openId: 'kipu-referrals-openid',
};

/** The cookies of the pages. Nothing on a page can read them. */
export interface Cookies {
  read(request: FastifyRequest, kind: CookieKind): string | null;
  /** Until the browser is closed, unless `seconds` say otherwise. */
  set(reply: FastifyReply, kind: CookieKind, value: string, seconds?: number): void;
  clear(reply: FastifyReply, kind: CookieKind): void;
}

/** `secure`: people use https. A `__Host-` cookie can then be set by no neighbour and without https by nobody. */
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
