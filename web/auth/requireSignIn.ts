import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isAllowed, type SignedInUser } from '../../domain/role.ts';
import { HttpError } from '../http/errors.ts';
import type { Cookies } from './cookies.ts';
import { csrfTokenOf, hasValidCsrfToken } from './csrf.ts';
import { canSeeAllOf, type InstanceLookup, requirementOf } from './limits.ts';
import { signInAddress } from './nextPath.ts';
import type { Sessions } from './session.ts';

/** A page leaves the screen so long after its session is over. */
const LEAVE_SECONDS = 2;

export interface RequireSignInOptions {
  cookies: Cookies;
  sessions: Sessions;
  instancesOf: InstanceLookup;
  idleMs: number;
}

/** Lets nobody through who may not: for every route of the scope that is added behind it. */
export function requireSignIn(
  scope: FastifyInstance,
  { cookies, sessions, instancesOf, idleMs }: RequireSignInOptions,
): void {
  scope.decorateRequest('who', null);
  scope.decorateRequest('session', null);
  scope.decorateRequest('csrfToken', function csrfToken(this: FastifyRequest) {
    return this.session === null ? '' : csrfTokenOf(this.session);
  });

  scope.addHook('onRequest', async (request, reply) => {
    if (isAsset(request)) return;
    reply.header('cache-control', 'no-store');
    const cookie = cookies.read(request, 'session');
    const activity = request.routeOptions.config.background ? 'background' : 'activity';
    request.who = cookie === null ? null : await sessions.who(cookie, activity);
    request.session = request.who === null ? null : cookie;
    const need = requirementOf(request);
    if (need === 'nothing') return;
    if (request.who === null) return signInFirst(request, reply, cookie !== null);
    if (!isAllowed(request.who.role, need)) throw new HttpError(403, 'wrong-role');
  });

  scope.addHook('preHandler', async (request) => {
    if (isAsset(request)) return;
    if (request.method !== 'GET' && request.method !== 'HEAD') checkForm(request);
    if (request.who === null || requirementOf(request) === 'nothing') return;
    if (!(await canSeeAllOf(request.who, request, instancesOf))) throw new HttpError(404, 'no-such-page');
  });

  // What a browser shows when nobody is there any more must not be a patient.
  scope.addHook('onSend', async (request, reply) => {
    const html = String(reply.getHeader('content-type') ?? '').startsWith('text/html');
    if (!html || request.who === null || isFragment(request)) return;
    const seconds = Math.ceil(idleMs / 1_000) + LEAVE_SECONDS;
    // The address of a form's answer is no page to come back to.
    const next = request.method === 'POST' ? '/' : pathOf(request);
    reply.header('refresh', `${seconds}; url=${signInAddress(next, true)}`);
  });

  function checkForm(request: FastifyRequest): void {
    const { url } = request.routeOptions;
    // Where nobody is signed in any more there is nothing to sign out of.
    if (url === '/sign-out' && request.session === null) return;
    const cookie = url === '/sign-in' ? cookies.read(request, 'visit') : request.session;
    if (!hasValidCsrfToken(cookie, tokenOf(request))) throw new HttpError(403, 'old-form');
  }

  async function signInFirst(request: FastifyRequest, reply: FastifyReply, over: boolean): Promise<FastifyReply> {
    if (over) cookies.clear(reply, 'session');
    if (isFragment(request)) reply.header('hx-redirect', signInAddress(shownPath(request), over));
    else if (request.method === 'GET' || request.method === 'HEAD')
      return reply.redirect(signInAddress(pathOf(request), over), 303);
    throw new HttpError(401, 'sign-in-needed');
  }
}

/** A part of a page, which htmx asks for. */
export function isFragment(request: FastifyRequest): boolean {
  return request.headers['hx-request'] === 'true';
}

function isAsset(request: FastifyRequest): boolean {
  return request.routeOptions.url?.startsWith('/assets/') ?? false;
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '/';
}

/** The path of the page that the fragment is for. */
function shownPath({ headers }: FastifyRequest): string {
  const shown = headers['hx-current-url'];
  return typeof shown === 'string' && URL.canParse(shown) ? new URL(shown).pathname : '/';
}

function tokenOf({ headers, body }: FastifyRequest): unknown {
  if (typeof body === 'object' && body !== null && '_csrf' in body) return body._csrf;
  return headers['x-csrf-token'];
}

declare module 'fastify' {
  interface FastifyRequest {
    /** What the cookie of the session holds; null where there is no session. */
    session: string | null;
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is signed in; null for nobody. Behind this check it is never null. */
    who: SignedInUser | null;
    /** Returns the token that every form which POSTs carries as `_csrf` (or the header `x-csrf-token`). */
    csrfToken(): string;
  }
}
