import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AccountDocument } from '../../store/accessDocuments.ts';
import { auditSignIn } from './auditSignIn.ts';
import { checkPassword, type SignInStore } from './checkPassword.ts';
import type { Cookies } from './cookies.ts';
import { csrfTokenOf } from './csrf.ts';
import { safeNextPath } from './nextPath.ts';
import { signInPage } from './pages.tsx';
import type { Sessions } from './session.ts';

export interface SignInRoutesOptions {
  store: SignInStore;
  cookies: Cookies;
  sessions: Sessions;
  /** One may come by OpenID Connect too. */
  openId: boolean;
  now: () => Date;
}

const asked = z.object({ next: z.string().catch('/'), over: z.string().optional().catch(undefined) });
const sent = z.object({ name: z.string().max(300), password: z.string().max(1_000), next: z.string().catch('/') });

/** `GET` and `POST /sign-in`, `POST /sign-out`. */
export async function signInRoutes(scope: FastifyInstance, options: SignInRoutesOptions): Promise<void> {
  const { store, cookies, sessions, openId, now } = options;
  const config = { needs: 'nothing' } as const;

  scope.get('/sign-in', { config: { ...config, background: true } }, async (request, reply) => {
    const { next, over } = asked.parse(request.query);
    if (request.who !== null) return reply.redirect(safeNextPath(next), 303);
    return html(
      reply,
      signInPage({ csrf: formToken(request, reply), next: safeNextPath(next), over: over === '1', openId }),
    );
  });

  scope.post('/sign-in', { config }, async (request, reply) => {
    const read = sent.safeParse(request.body);
    const { name, password, next } = read.success ? read.data : { name: '', password: '', next: '/' };
    const page = { csrf: formToken(request, reply), next: safeNextPath(next), name, openId };
    const checked = await checkPassword(store, { name, password, address: request.ip }, now());
    if ('account' in checked) {
      await signedIn(request, reply, options, checked.account);
      return reply.redirect(safeNextPath(next), 303);
    }
    if (checked.refused === 'wrong')
      return html(reply.code(401), signInPage({ ...page, problem: 'The name or the password is wrong.' }));
    const { seconds } = checked;
    const problem = `Too many attempts. Try again in ${minutes(seconds)}.`;
    return html(reply.code(429).header('retry-after', String(seconds)), signInPage({ ...page, problem }));
  });

  scope.post('/sign-out', { config }, async (request, reply) => {
    if (request.session !== null) await sessions.end(request.session);
    if (request.who !== null) await auditSignIn(store, request.who.user, 'signed-out', 'by hand', now());
    cookies.clear(reply, 'session');
    return reply.redirect('/sign-in', 303);
  });

  /** The token of the sign-in form, for a browser that is known by nothing but a random cookie. */
  function formToken(request: FastifyRequest, reply: FastifyReply): string {
    const visit = cookies.read(request, 'visit') ?? randomBytes(32).toString('base64url');
    cookies.set(reply, 'visit', visit);
    return csrfTokenOf(visit);
  }
}

/** Begins a session under a new id; one that the browser had is over. */
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
  return whole === 1 ? 'a minute' : `${whole} minutes`;
}
