import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SignedInUser } from '../../domain/role.ts';
import { DAY_MS, HOUR_MS } from '../../domain/time.ts';
import type { AccountDocument } from '../../store/accessDocuments.ts';
import type { Store } from '../../store/connect.ts';
import { equalInConstantTime } from '../http/checks.ts';

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

/** The maximum length of a session, however active it is. */
const MAX_SESSION_MS = 12 * HOUR_MS;
/** The minimum time between two extensions, so that not every request writes. */
const EXTEND_EVERY_MS = 10_000;

/** What users have to do before they see the pages: replace a password that somebody gave them, or set up a second factor. */
export type FirstTask = 'password' | 'second-factor';

export interface Sessions {
  /** Starts a session and returns its cookie value, new at each sign-in. */
  start(account: Pick<AccountDocument, '_id' | 'epoch'>): Promise<string>;
  /**
   * Returns the user, and when the session ends without further activity; or null when the session is unknown or over or its account may no longer sign in. A user who
   * still has something to do first sees only the own account.
   */
  who(
    cookie: string,
    activity: 'activity' | 'background',
  ): Promise<{ who: SignedInUser; first: FirstTask | null; endsAt: Date } | null>;
  end(cookie: string): Promise<void>;
}

/** Creates sessions that end `idleMs` after the last activity, twelve hours after the sign-in, or when the password changes. */
export function createSessions(
  store: {
    sessions: Pick<Store['sessions'], 'start' | 'get' | 'prolong' | 'end'>;
    accounts: Pick<Store['accounts'], 'get' | 'signedIn'>;
  },
  { idleMs, requireSecondFactor, now }: { idleMs: number; requireSecondFactor: boolean; now: () => Date },
): Sessions {
  return {
    async start({ _id, epoch }) {
      const cookie = randomBytes(32).toString('base64url');
      const startedAt = now();
      const [endsAt, expiresAt] = [
        after(startedAt, MAX_SESSION_MS),
        after(startedAt, Math.min(idleMs, MAX_SESSION_MS)),
      ];
      await store.accounts.signedIn(_id, startedAt);
      await store.sessions.start({ _id: sessionIdOf(cookie), account: _id, epoch, startedAt, endsAt, expiresAt });
      return cookie;
    },

    async who(cookie, activity) {
      const at = now();
      const session = await store.sessions.get(sessionIdOf(cookie), at);
      if (session === null) return null;
      const account = await store.accounts.get(session.account);
      if (account === null || account.disabled || account.epoch !== session.epoch) return null;
      const idleEnd = after(at, idleMs);
      const extended = activity === 'activity' && idleEnd.getTime() - session.expiresAt.getTime() >= EXTEND_EVERY_MS;
      if (extended) await store.sessions.prolong(session._id, idleEnd);
      const endsAt = new Date(Math.min((extended ? idleEnd : session.expiresAt).getTime(), session.endsAt.getTime()));
      const { name: user, displayName: name, role, instances, timeZone } = account;
      const who = { user, name, role, instances, ...(timeZone == null ? {} : { timeZone }) };
      return { who, first: firstTask(account), endsAt };
    },

    end: (cookie) => store.sessions.end(sessionIdOf(cookie)),
  };

  function firstTask({ passwordHash, mustChangePassword, secondFactor }: AccountDocument): FirstTask | null {
    if (passwordHash === null) return null;
    if (mustChangePassword) return 'password';
    return requireSecondFactor && !secondFactor ? 'second-factor' : null;
  }
}

/** Returns a hash, so that the stored id does not reveal the cookie. */
export function sessionIdOf(cookie: string): string {
  return createHash('sha256').update(cookie).digest('base64url');
}

function after(at: Date, ms: number): Date {
  return new Date(at.getTime() + ms);
}

const REMEMBERED_DAYS = 180;

type Devices = { knownDevices: Pick<Store['knownDevices'], 'isKnown' | 'remember'> };

/** Returns the browser's id where it signed in with this name before; otherwise null. The account is not read. */
export async function knownDevice(
  { knownDevices }: Devices,
  cookie: string | null,
  name: string,
  now: Date,
): Promise<string | null> {
  if (cookie === null) return null;
  const id = deviceIdOf(cookie, name);
  return (await knownDevices.isKnown(id, now)) ? id : null;
}

/** Stores that this browser signed in to the account. It permits nothing: only its wrong attempts are counted apart. */
export async function rememberDevice(
  { knownDevices }: Devices,
  cookies: Cookies,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  { _id: account, name }: Pick<AccountDocument, '_id' | 'name'>,
  now: Date,
): Promise<void> {
  const cookie = cookies.read(request, 'device') ?? randomBytes(32).toString('base64url');
  cookies.set(reply, 'device', cookie, (REMEMBERED_DAYS * DAY_MS) / 1_000);
  const expiresAt = new Date(now.getTime() + REMEMBERED_DAYS * DAY_MS);
  await knownDevices.remember({ _id: deviceIdOf(cookie, name), account }, expiresAt);
}

/** Returns a hash, so that the stored id does not reveal the cookie. Of a shared browser each account has its own. */
function deviceIdOf(cookie: string, name: string): string {
  return createHash('sha256')
    .update(JSON.stringify([cookie, name]))
    .digest('base64url');
}
