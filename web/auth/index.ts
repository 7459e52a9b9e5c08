import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import { MongoError } from 'mongodb';
import type { Logger } from 'pino';
import type { PageSettings } from '../../config/web.ts';
import type { Store } from '../../store/connect.ts';
import { HttpError, toHttpError } from '../http/errors.ts';
import type { SignInStore } from './checkPassword.ts';
import { createCookies } from './cookies.ts';
import { type OpenIdRoutesOptions, openIdRoutes } from './openIdRoutes.ts';
import { refusalPage } from './pages.tsx';
import { type InstanceLookup, isFragment, requireSignIn } from './requireSignIn.ts';
import { signInRoutes } from './routes.ts';
import { createSessions } from './session.ts';

export type { InstanceLookup } from './requireSignIn.ts';

export interface SignInOptions {
  store: SignInStore &
    OpenIdRoutesOptions['store'] & {
      accounts: Pick<Store['accounts'], 'get'>;
      sessions: Pick<Store['sessions'], 'start' | 'get' | 'prolong' | 'end'>;
    };
  settings: Pick<PageSettings, 'publicUrl' | 'openId'> & { idleMs: number };
  instancesOf: InstanceLookup;
  now: () => Date;
  logger: Pick<Logger, 'warn' | 'error'>;
}

/** Adds the sign-in and the pages behind it. Every route needs a sign-in unless its `config.needs` is `nothing`. */
export async function registerBehindSignIn(
  scope: FastifyInstance,
  { store, settings, instancesOf, now, logger }: SignInOptions,
  pages: (scope: FastifyInstance) => Promise<void>,
): Promise<void> {
  const { publicUrl, openId, idleMs } = settings;
  const https = publicUrl?.startsWith('https:') ?? false;
  const cookies = createCookies(https);
  const sessions = createSessions(store, { idleMs, now });

  scope.setErrorHandler((error, request, reply) => {
    const refusal = pageRefusalOf(error);
    // The error's text may contain parts of the request.
    if (refusal.status >= 500) logger.error({ code: nameOf(error), why: refusal.why }, 'a page failed');
    const { status, why, headers } = refusal;
    const who = isFragment(request) ? null : (request.who ?? null);
    const page = refusalPage({ status, why, who, csrf: who === null ? '' : request.csrfToken() });
    return reply
      .code(status)
      .headers(headers)
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(page);
  });
  scope.removeAllContentTypeParsers();
  await scope.register(helmet, responseHeaders(https));
  await scope.register(cookie);
  await scope.register(formbody);
  requireSignIn(scope, { cookies, sessions, instancesOf, idleMs });

  const common = { store, cookies, sessions, openId: openId !== null, now };
  await signInRoutes(scope, common);
  if (openId !== null && publicUrl !== null)
    await openIdRoutes(scope, { ...common, settings: openId, publicUrl, logger });
  await scope.register(pages);
  scope.get('/*', { config: { needs: 'see' } }, async () => {
    throw new HttpError(404, 'no-such-page');
  });
}

function pageRefusalOf(error: unknown): HttpError {
  return error instanceof MongoError ? new HttpError(503, 'no-database', { 'retry-after': '10' }) : toHttpError(error);
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
