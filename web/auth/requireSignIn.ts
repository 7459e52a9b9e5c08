import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Viewer } from '../../client/audit.ts';
import { canSee, isAllowed, type Requirement, type SignedInUser } from '../../domain/role.ts';
import { HttpError, isRefresh } from '../http/checks.ts';
import { type Cookies, csrfTokenOf, type FirstTask, hasValidCsrfToken, type Sessions, sessionIdOf } from './browser.ts';
import { signInAddress } from './routes.ts';

/** How long after the end of the session an open page goes to the sign-in. */
const LEAVE_SECONDS = 2;
/** How much of a session's stored id the audit has. */
const SESSION_LENGTH = 12;

/** Forms of browsers without a session. */
const BEFORE_SIGN_IN = ['/sign-in', '/sign-in/code', '/choose-password'];

interface RequireSignInOptions {
  cookies: Cookies;
  sessions: Sessions;
  instancesOf: InstanceLookup;
  idleMs: number;
  now: () => Date;
}

/** Checks sign-in, role, CSRF token and instances for every route that is added to the scope afterwards. */
export function requireSignIn(
  scope: FastifyInstance,
  { cookies, sessions, instancesOf, idleMs, now }: RequireSignInOptions,
): void {
  scope.decorateRequest('who', null);
  scope.decorateRequest('session', null);
  scope.decorateRequest('sessionEndsAt', null);
  scope.decorateRequest('firstTask', null);
  scope.decorateRequest('csrfToken', function csrfToken(this: FastifyRequest) {
    return this.session === null ? '' : csrfTokenOf(this.session);
  });
  scope.decorateRequest('viewer', function viewer(this: FastifyRequest) {
    if (this.who === null) throw new HttpError(401, 'sign-in-needed');
    const session = this.session === null ? {} : { session: sessionIdOf(this.session).slice(0, SESSION_LENGTH) };
    return { who: this.who.user, from: this.ip, ...session };
  });

  scope.addHook('onRequest', async (request, reply) => {
    if (isAsset(request)) return;
    reply.header('cache-control', 'no-store');
    const cookie = cookies.read(request, 'session');
    const activity = request.routeOptions.config.background || isRefresh(request) ? 'background' : 'activity';
    const found = cookie === null ? null : await sessions.who(cookie, activity);
    request.who = found?.who ?? null;
    request.session = request.who === null ? null : cookie;
    request.sessionEndsAt = found?.endsAt ?? null;
    request.firstTask = found?.first ?? null;
    const need = requirementOf(request);
    if (need === 'nothing') return;
    if (request.who === null) return signInFirst(request, reply, cookie !== null);
    const first = request.firstTask;
    if (first !== null && !MAY_FIRST[first].test(request.routeOptions.url ?? '')) return doFirst(request, reply, first);
    if (!isAllowed(request.who.role, need)) throw new HttpError(403, 'wrong-role');
  });

  scope.addHook('preHandler', async (request) => {
    if (isAsset(request)) return;
    if (request.method !== 'GET' && request.method !== 'HEAD') checkForm(request);
    if (request.who === null || requirementOf(request) === 'nothing') return;
    if (!(await canSeeAllOf(request.who, request, instancesOf))) throw new HttpError(404, 'no-such-page');
  });

  // An unattended browser must not keep showing a patient after the session has ended.
  scope.addHook('onSend', async (request, reply, payload) => {
    const html = String(reply.getHeader('content-type') ?? '').startsWith('text/html');
    if (!html || request.who === null || isFragment(request)) return payload;
    // The URL of a POST is not a page to return to.
    const next = signInAddress(request.method === 'POST' ? '/' : pathOf(request), true);
    const leave = `${Math.ceil(idleMs / 1_000) + LEAVE_SECONDS}; url=${next}`;
    if (typeof payload === 'string' && payload.includes('</head>')) {
      // A script warns first, and stays when the session is extended, which no header allows. Added here, no page is without.
      const seconds = Math.ceil(((request.sessionEndsAt ?? now()).getTime() - now().getTime()) / 1_000);
      const meta = `<meta name="session-seconds" content="${seconds}"/>`;
      const without = `<noscript><meta http-equiv="refresh" content="${leave.replaceAll('&', '&amp;')}"/></noscript>`;
      return payload.replace('</head>', `${meta}${without}</head>`);
    }
    reply.header('refresh', leave);
    return payload;
  });

  function checkForm(request: FastifyRequest): void {
    const { url } = request.routeOptions;
    // Without a session there is nothing to sign out of.
    if (url === '/sign-out' && request.session === null) return;
    const cookie = BEFORE_SIGN_IN.includes(url ?? '') ? cookies.read(request, 'visit') : request.session;
    if (!hasValidCsrfToken(cookie, tokenOf(request))) throw new HttpError(403, 'expired-form');
  }

  async function doFirst(request: FastifyRequest, reply: FastifyReply, first: FirstTask): Promise<FastifyReply> {
    if (isFragment(request)) reply.header('hx-redirect', '/account');
    else if (request.method === 'GET' || request.method === 'HEAD') return reply.redirect('/account', 303);
    throw new HttpError(403, first === 'password' ? 'new-password-needed' : 'second-factor-needed');
  }

  async function signInFirst(request: FastifyRequest, reply: FastifyReply, over: boolean): Promise<FastifyReply> {
    if (over) cookies.clear(reply, 'session');
    if (isFragment(request)) reply.header('hx-redirect', signInAddress(shownPath(request), over));
    else if (request.method === 'GET' || request.method === 'HEAD')
      return reply.redirect(signInAddress(pathOf(request), over), 303);
    throw new HttpError(401, 'sign-in-needed');
  }
}

/** Returns true when htmx requests a part of a page. */
export function isFragment(request: FastifyRequest): boolean {
  return request.headers['hx-request'] === 'true';
}

/** Returns true for the style sheet, the script and the icon, which need no sign-in. */
export function isAsset(request: FastifyRequest): boolean {
  return request.routeOptions.url?.startsWith('/assets/') ?? false;
}

/** The routes that are open while something has to be done first. */
const MAY_FIRST: Readonly<Record<FirstTask, RegExp>> = {
  password: /^\/account(\/password)?$/,
  'second-factor': /^\/account(\/|$)/,
};

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '/';
}

/** Returns the path of the page that requested the part. */
function shownPath({ headers }: FastifyRequest): string {
  const shown = headers['hx-current-url'];
  return typeof shown === 'string' && URL.canParse(shown) ? new URL(shown).pathname : '/';
}

function tokenOf({ headers, body }: FastifyRequest): unknown {
  if (typeof body === 'object' && body !== null && '_csrf' in body) return body._csrf;
  return headers['x-csrf-token'];
}

/** Returns the `config.needs` of the route; by default `see` for GET and HEAD, `unlock` for other methods. */
function requirementOf(request: FastifyRequest): Requirement {
  const { needs } = request.routeOptions.config;
  return needs ?? (request.method === 'GET' || request.method === 'HEAD' ? 'see' : 'unlock');
}

/** Returns the instances of records or runs by id; ids that do not exist are left out. */
export interface InstanceLookup {
  records(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  runs(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/**
 * Returns true when the user may see everything that the request names: each `instance`, `recordId` and `runId` in the
 * path, the query string and the form, one or several. A record or run that does not exist counts as not visible.
 */
async function canSeeAllOf(who: SignedInUser, request: FastifyRequest, of: InstanceLookup): Promise<boolean> {
  const named = (name: string) => [
    ...new Set([request.params, request.query, request.body].flatMap((part) => textsOf(part, name))),
  ];
  const all = async (ids: string[], find: InstanceLookup['records']) => {
    if (ids.length === 0) return true;
    const found = await find(ids);
    return ids.every((id) => {
      const instance = found.get(id);
      return instance !== undefined && canSee(who, instance);
    });
  };
  return (
    // A filter for all instances is blank.
    named('instance').every((instance) => instance === '' || canSee(who, instance)) &&
    (await all(named('recordId'), of.records)) &&
    (await all(named('runId'), of.runs))
  );
}

function textsOf(part: unknown, name: string): string[] {
  if (typeof part !== 'object' || part === null || !Object.hasOwn(part, name)) return [];
  const value = Object.entries(part).find(([key]) => key === name)?.[1];
  return [value].flat().map(String);
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The value of the session cookie; null without a session. */
    session: string | null;
    /** The signed-in user; null without a session. Not null in routes that need a sign-in. */
    who: SignedInUser | null;
    /** When the session ends without further activity; null without a session. */
    sessionEndsAt: Date | null;
    /** What the user has to do before seeing the other pages. */
    firstTask: FirstTask | null;
    /** Returns the token that every form which POSTs carries as `_csrf` (or the header `x-csrf-token`). */
    csrfToken(): string;
    /** Returns the signed-in user, the address and the session, for the audit. */
    viewer(): Viewer;
  }

  interface FastifyContextConfig {
    /** What the user needs to call the route; see `requirementOf`. */
    needs?: Requirement;
    /** Pages poll this route, so it does not extend the session. */
    background?: boolean;
  }
}
