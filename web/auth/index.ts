import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import { MongoError } from 'mongodb';
import type { Logger } from 'pino';
import type { PageSettings } from '../../config/web.ts';
import type { Store } from '../../store/connect.ts';
import { Refusal, refusalOf } from '../http/errors.ts';
import type { SignInStore } from './checkPassword.ts';
import { cookiesFor } from './cookies.ts';
import { headersFor } from './headers.ts';
import type { InstancesOf } from './limits.ts';
import { type OpenIdRoutesOptions, openIdRoutes } from './openIdRoutes.ts';
import { refusalPage } from './pages.tsx';
import { guard, isFragment } from './requireSignIn.ts';
import { signInRoutes } from './routes.ts';
import { sessionsOf } from './session.ts';

export type { Need } from '../../domain/role.ts';
export type { InstancesOf } from './limits.ts';

export interface SignInOptions {
  store: SignInStore &
    OpenIdRoutesOptions['store'] & {
      accounts: Pick<Store['accounts'], 'get'>;
      sessions: Pick<Store['sessions'], 'start' | 'get' | 'prolong' | 'end'>;
    };
  settings: Pick<PageSettings, 'publicUrl' | 'openId'> & { idleMs: number };
  instancesOf: InstancesOf;
  now: () => Date;
  logger: Pick<Logger, 'warn' | 'error'>;
}

/** The pages behind a sign-in: whatever `pages` adds is guarded, unless its `config.needs` is `nothing`. */
export async function behindSignIn(
  scope: FastifyInstance,
  { store, settings, instancesOf, now, logger }: SignInOptions,
  pages: (scope: FastifyInstance) => Promise<void>,
): Promise<void> {
  const { publicUrl, openId, idleMs } = settings;
  const https = publicUrl?.startsWith('https:') ?? false;
  const cookies = cookiesFor(https);
  const sessions = sessionsOf(store, { idleMs, now });

  scope.setErrorHandler((error, request, reply) => {
    const refusal = pageRefusalOf(error);
    // Its text may hold whatever the request held.
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
  await scope.register(helmet, headersFor(https));
  await scope.register(cookie);
  await scope.register(formbody);
  guard(scope, { cookies, sessions, instancesOf, idleMs });

  const common = { store, cookies, sessions, openId: openId !== null, now };
  await signInRoutes(scope, common);
  if (openId !== null && publicUrl !== null)
    await openIdRoutes(scope, { ...common, settings: openId, publicUrl, logger });
  await scope.register(pages);
  scope.get('/*', { config: { needs: 'see' } }, async () => {
    throw new Refusal(404, 'no-such-page');
  });
}

function pageRefusalOf(error: unknown): Refusal {
  return error instanceof MongoError ? new Refusal(503, 'no-database', { 'retry-after': '10' }) : refusalOf(error);
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
