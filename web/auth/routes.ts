import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { AccountDocument } from '../../store/accessDocuments.ts';
import type { Store } from '../../store/connect.ts';
import { auditSignIn } from './auditSignIn.ts';
import { type Cookies, csrfTokenOf, rememberDevice, type Sessions, sessionIdOf } from './browser.ts';
import { checkPassword, type SignInStore } from './checkPassword.ts';
import { signInPage } from './pages.tsx';
import { texts } from './texts.ts';

/** A refusal is answered this long after its request at the earliest, whatever it took to decide it. */
const MIN_REFUSAL_MS = 300;
/** The page that signs the browser out at the OpenID provider. */
export const OPENID_SIGN_OUT = '/sign-in/openid/sign-out';
/** How long a sign-in waits for the second factor. */
const CHALLENGE_SECONDS = 600;
const BASE = 'http://here.invalid';

export interface SignInRoutesOptions {
  store: SignInStore & { signInChallenges: Pick<Store['signInChallenges'], 'start'> };
  cookies: Cookies;
  sessions: Sessions;
  /** Whether users can also sign in by OpenID Connect. */
  openId: boolean;
  now: () => Date;
  pause: (ms: number) => Promise<unknown>;
  logger: Pick<Logger, 'error'>;
}

const query = z.object({ next: z.string().catch('/'), over: z.string().optional().catch(undefined) });
const form = z.object({ name: z.string().max(300), password: z.string().max(1_000), next: z.string().catch('/') });

/** Adds `GET` and `POST /sign-in` and `POST /sign-out`. */
export async function signInRoutes(scope: FastifyInstance, options: SignInRoutesOptions): Promise<void> {
  const { store, cookies, sessions, openId, now, pause, logger } = options;
  const config = { needs: 'nothing' } as const;
  const audits = new Set<Promise<void>>();
  scope.addHook('onClose', async () => void (await Promise.all(audits)));

  scope.get('/sign-in', { config: { ...config, background: true } }, async (request, reply) => {
    const { next, over } = query.parse(request.query);
    if (request.who !== null) return reply.redirect(safeNextPath(next), 303);
    return html(
      reply,
      signInPage({ csrf: formToken(cookies, request, reply), next: safeNextPath(next), over: over === '1', openId }),
    );
  });

  scope.post('/sign-in', { config }, async (request, reply) => {
    const parsed = form.safeParse(request.body);
    const { name, password, next } = parsed.success ? parsed.data : { name: '', password: '', next: '/' };
    const deviceCookie = cookies.read(request, 'device');
    const page = { csrf: formToken(cookies, request, reply), next: safeNextPath(next), name, openId };
    const checked = await checkPassword(store, { name, password, address: request.ip, deviceCookie }, now());
    if ('account' in checked && checked.account.secondFactor) {
      const cookie = randomBytes(32).toString('base64url');
      const { _id: account, epoch } = checked.account;
      const expiresAt = new Date(now().getTime() + CHALLENGE_SECONDS * 1_000);
      await store.signInChallenges.start({ _id: sessionIdOf(cookie), account, epoch, expiresAt });
      cookies.set(reply, 'challenge', cookie, CHALLENGE_SECONDS);
      return reply.redirect(`/sign-in/code?${new URLSearchParams({ next: safeNextPath(next) })}`, 303);
    }
    if ('account' in checked) {
      await rememberDevice(store, cookies, { request, reply }, checked.account, now());
      await signedIn(request, reply, options, checked.account);
      return reply.redirect(safeNextPath(next), 303);
    }
    await pause(Math.max(0, MIN_REFUSAL_MS - reply.elapsedTime));
    auditAfter(reply, checked.audit);
    if (checked.refused === 'wrong') return html(reply.code(401), signInPage({ ...page, problem: texts.wrong }));
    const { seconds } = checked;
    const problem = texts.tooMany(minutes(seconds));
    return html(reply.code(429).header('retry-after', String(seconds)), signInPage({ ...page, problem }));
  });

  scope.post('/sign-out', { config }, async (request, reply) => {
    if (request.session !== null) await sessions.end(request.session);
    if (request.who !== null) await auditSignIn(store, request.viewer(), 'signed-out', 'by hand', now());
    cookies.clear(reply, 'session');
    const byProvider = openId && request.who?.user.startsWith('openid:');
    return reply.redirect(byProvider ? OPENID_SIGN_OUT : '/sign-in', 303);
  });

  /** Audits a refusal once its answer was sent, or its sender has gone away. */
  function auditAfter(reply: FastifyReply, audit: () => Promise<void>): void {
    const audited = Promise.resolve(reply)
      .then(audit, audit)
      .catch((error: unknown) => {
        const code = error instanceof Error ? error.name : 'unknown';
        logger.error({ code }, 'a refused sign-in could not be audited');
      })
      .finally(() => audits.delete(audited));
    audits.add(audited);
  }
}

/** Returns the token for the sign-in form. The browser gets a random cookie first, because it has no session yet. */
export function formToken(cookies: Cookies, request: FastifyRequest, reply: FastifyReply): string {
  const visit = cookies.read(request, 'visit') ?? randomBytes(32).toString('base64url');
  cookies.set(reply, 'visit', visit);
  return csrfTokenOf(visit);
}

/** Starts a session under a new id and ends the one that the browser had. */
export async function signedIn(
  request: FastifyRequest,
  reply: FastifyReply,
  { cookies, sessions }: Pick<SignInRoutesOptions, 'cookies' | 'sessions'>,
  account: Pick<AccountDocument, '_id' | 'epoch'>,
): Promise<void> {
  const before = cookies.read(request, 'session');
  if (before !== null) await sessions.end(before);
  cookies.set(reply, 'session', await sessions.start(account));
}

function html(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(text);
}

function minutes(seconds: number): string {
  const whole = Math.ceil(seconds / 60);
  return whole === 1 ? '1 minute' : `${whole} minutes`;
}

/** Returns the path to open after the sign-in: one of our own paths, without its query string; anything else becomes `/`. */
export function safeNextPath(next: unknown): string {
  // Browsers treat a backslash as a slash, and ignore tabs and line breaks.
  if (typeof next !== 'string' || next.length > 500 || !/^\/(?![/\\])[\x21-\x7e]*$/.test(next)) return '/';
  if (next.includes('\\') || !URL.canParse(next, BASE)) return '/';
  const { origin, pathname } = new URL(next, BASE);
  if (origin !== BASE || pathname.startsWith('//') || /^\/sign-(in|out)\b/.test(pathname)) return '/';
  return pathname;
}

/** Returns the address of the sign-in page; `over` means that a session has ended. */
export function signInAddress(next: string, over: boolean): string {
  const path = safeNextPath(next);
  const query = new URLSearchParams({ ...(path === '/' ? {} : { next: path }), ...(over ? { over: '1' } : {}) });
  return query.size === 0 ? '/sign-in' : `/sign-in?${query}`;
}
