import { setTimeout as sleep } from 'node:timers/promises';
import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MongoError } from 'mongodb';
import type { Logger } from 'pino';
import { auditRefusedAccess } from '../../client/audit.ts';
import type { PageSettings } from '../../config/web.ts';
import type { Outage } from '../../domain/outage.ts';
import type { SignedInUser } from '../../domain/role.ts';
import { DEFAULT_ZONE } from '../../domain/time.ts';
import type { Store } from '../../store/connect.ts';
import { enforceRate, HttpError, rateLimit, toHttpError } from '../http/checks.ts';
import type { SectionCounts } from '../ui/navigation.tsx';
import { type AccountRoutesOptions, accountRoutes } from './accountRoutes.ts';
import { createCookies, createSessions } from './browser.ts';
import type { SignInStore } from './checkPassword.ts';
import { type OpenIdRoutesOptions, openIdRoutes } from './openIdRoutes.ts';
import { refusalPage } from './pages.tsx';
import { type PasswordLinkOptions, passwordLinkRoutes } from './passwordLinkRoutes.tsx';
import { type InstanceLookup, isAsset, isFragment, requireSignIn } from './requireSignIn.ts';
import { signInRoutes } from './routes.ts';
import { type SecondFactorOptions, secondFactorRoutes } from './secondFactorRoutes.ts';
import { sessionRoutes } from './sessionRoutes.ts';

export { createCookies, createSessions, type Sessions } from './browser.ts';
export type { InstanceLookup } from './requireSignIn.ts';

/** The longest form in bytes: the unlock of several records has 200 ids. */
const FORM_LIMIT = 64 * 1_024;
/** Requests for pages, parts and assets per address; people of one organization often share an address. */
const REQUESTS = { perSecond: 50, burst: 1_000 };

/** How soon a browser that shows that the database is away loads the page again. */
const RELOAD_SECONDS = 15;
const NO_OUTAGES: NonNullable<SignInOptions['outages']> = { banners: () => [], databaseAwaySince: () => null };

/** What is away, as far as pages tell it. */
export interface Outages {
  /** Returns what every page shows to a person; before the sign-in nothing about instances. */
  banners(who: SignedInUser | null): Outage[];
  /** Returns since when MongoDB is away; null while it is not. Pages cannot be rendered without it. */
  databaseAwaySince(): Date | null;
}

export interface SignInOptions {
  store: SignInStore &
    OpenIdRoutesOptions['store'] &
    AccountRoutesOptions['store'] &
    PasswordLinkOptions['store'] &
    SecondFactorOptions['store'] & {
      accounts: Pick<Store['accounts'], 'get' | 'signedIn'>;
      sessions: Pick<Store['sessions'], 'start' | 'get' | 'prolong' | 'end'>;
    };
  settings: Pick<PageSettings, 'publicUrl' | 'openId' | 'requireSecondFactor'> & { idleMs: number; hasMail: boolean };
  instancesOf: InstanceLookup;
  now: () => Date;
  /** The time zone of pages that belong to no instance; UTC without it. */
  zone?: () => string;
  logger: Pick<Logger, 'warn' | 'error'>;
  /** What is away now, by default nothing. */
  outages?: Outages;
  /** Returns the counts that the navigation shows to a person; by default none. */
  counts?: (who: SignedInUser) => Promise<SectionCounts>;
  /** Waits before a refusal is answered; tests replace it. */
  pause?: (ms: number) => Promise<unknown>;
}

/** Adds the sign-in and the pages behind it. Every route needs a sign-in unless its `config.needs` is `nothing`. */
export async function registerBehindSignIn(
  scope: FastifyInstance,
  options: SignInOptions,
  pages: (scope: FastifyInstance) => Promise<void>,
): Promise<void> {
  const { store, settings, instancesOf, now, zone = () => DEFAULT_ZONE, logger } = options;
  const { outages = NO_OUTAGES, counts = async () => ({}), pause = sleep } = options;
  const { publicUrl, openId, idleMs, requireSecondFactor, hasMail } = settings;
  const https = publicUrl?.startsWith('https:') ?? false;
  const cookies = createCookies(https);
  const sessions = createSessions(store, { idleMs, requireSecondFactor, now });

  scope.setErrorHandler(async (error, request, reply) => {
    const refusal = pageRefusalOf(error);
    // The error's text may contain parts of the request.
    if (refusal.status >= 500) logger.error({ code: nameOf(error), why: refusal.why }, 'a page failed');
    await auditRefusal(request, refusal);
    const { status, why, headers } = refusal;
    const who = isFragment(request) ? null : (request.who ?? null);
    const since = why === 'no-database' ? outages.databaseAwaySince() : null;
    // The page itself says that the database is away.
    const banners = who === null || why === 'no-database' ? [] : request.banners();
    const csrf = who === null ? '' : request.csrfToken();
    // A page that failed must not wait for what may have failed.
    const waiting = who === null || status >= 500 ? {} : await request.counts();
    const page = refusalPage({ status, why, who, since, zone: zone(), csrf, banners, counts: waiting });
    if (why === 'no-database' && request.method === 'GET') reply.header('refresh', String(RELOAD_SECONDS));
    return reply
      .code(status)
      .headers(headers)
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(page);
  });
  const addressRate = rateLimit(REQUESTS, now);
  scope.addHook('onRequest', async (request) => enforceRate(addressRate, request.ip));
  if (https) {
    // Only a trusted proxy's X-Forwarded-Proto counts: who reaches the port itself must not get the pages by plain http.
    scope.addHook('onRequest', async (request) => {
      if (request.protocol !== 'https') throw new HttpError(403, 'https-only');
    });
  }
  scope.decorateRequest('banners', function banners(this: FastifyRequest) {
    return outages.banners(this.who);
  });
  scope.decorateRequest('counts', async function ofSections(this: FastifyRequest) {
    // Who has something to do first sees no other page.
    if (this.who === null || this.firstTask !== null) return {};
    return counts(this.who).catch(() => ({}));
  });
  scope.removeAllContentTypeParsers();
  await scope.register(helmet, responseHeaders(https));
  await scope.register(cookie);
  await scope.register(formbody, { bodyLimit: FORM_LIMIT });
  // Otherwise every request would wait for MongoDB's driver to give up.
  scope.addHook('onRequest', async (request) => {
    if (!isAsset(request) && outages.databaseAwaySince() !== null) throw noDatabase();
  });
  requireSignIn(scope, { cookies, sessions, instancesOf, idleMs, now });
  sessionRoutes(scope, now);

  const common = { store, cookies, sessions, openId: openId !== null, now };
  await signInRoutes(scope, { ...common, pause, logger });
  if (openId !== null && publicUrl !== null)
    await openIdRoutes(scope, { ...common, settings: openId, publicUrl, logger });
  await accountRoutes(scope, { ...common, zone, requireSecondFactor, hasMail });
  await secondFactorRoutes(scope, common);
  await passwordLinkRoutes(scope, common);
  await scope.register(pages);
  scope.get('/*', { config: { needs: 'see' } }, async () => {
    throw new HttpError(404, 'no-such-page');
  });

  /** Audits that a signed-in person was refused something. The person is refused also when the audit fails. */
  async function auditRefusal(request: FastifyRequest, { status, why: reason }: HttpError): Promise<void> {
    if ((status !== 403 && status !== 404) || request.who === null || request.who === undefined) return;
    const of = targetOf(request);
    // There is nothing to see at an address without a page.
    if (status === 404 && of === 'page') return;
    await auditRefusedAccess(store, request.viewer(), { reason, of }, now()).catch((error: unknown) =>
      logger.error({ code: nameOf(error) }, 'a refused access could not be audited'),
    );
  }
}

/** Returns what a request was for, without naming it. */
function targetOf({ params, query, body }: FastifyRequest): 'record' | 'run' | 'instance' | 'page' {
  const names = [params, query, body].flatMap((part) =>
    typeof part === 'object' && part !== null ? Object.keys(part) : [],
  );
  if (names.includes('recordId')) return 'record';
  if (names.includes('runId')) return 'run';
  return names.includes('instance') ? 'instance' : 'page';
}

function pageRefusalOf(error: unknown): HttpError {
  return error instanceof MongoError ? noDatabase() : toHttpError(error);
}

function noDatabase(): HttpError {
  return new HttpError(503, 'no-database', { 'retry-after': '10' });
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** Returns the security headers: nothing from other origins, no inline scripts or styles, no frames, no referrer. */
function responseHeaders(https: boolean): FastifyHelmetOptions {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    // Browsers ignore it over http, and on localhost it would apply to other servers too.
    strictTransportSecurity: https && { maxAge: 31_536_000, includeSubDomains: false },
  };
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Returns what is away now, as far as the sender may see it. */
    banners(): Outage[];
    /** Returns the counts that the navigation shows to the sender; none where they can't be read. */
    counts(): Promise<SectionCounts>;
  }
}
