import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { OpenIdSettings } from '../../config/web.ts';
import type { Store } from '../../store/connect.ts';
import { HttpError } from '../http/errors.ts';
import { auditRefusedSignIn, auditSignIn } from './auditSignIn.ts';
import { parseClaims } from './claims.ts';
import { safeNextPath } from './nextPath.ts';
import { createOpenId, type PendingSignIn, parsePendingSignIn, serializePendingSignIn } from './openId.ts';
import { type SignInRoutesOptions, signedIn } from './routes.ts';

const CALLBACK = '/sign-in/openid/callback';
/** Between setting out for the provider and coming back. */
const TRIP_SECONDS = 600;

export interface OpenIdRoutesOptions extends Omit<SignInRoutesOptions, 'store'> {
  store: { accounts: Pick<Store['accounts'], 'upsertOpenId'>; auditEvents: Pick<Store['auditEvents'], 'add' | 'get'> };
  settings: OpenIdSettings;
  publicUrl: string;
  logger: Pick<Logger, 'warn'>;
}

const asked = z.object({ next: z.string().catch('/') });

/** `GET /sign-in/openid`, which leads to the provider, and the address to which that leads back. */
export async function openIdRoutes(scope: FastifyInstance, options: OpenIdRoutesOptions): Promise<void> {
  const { store, cookies, settings, publicUrl, now, logger } = options;
  const openId = createOpenId(settings, `${publicUrl}${CALLBACK}`);
  const config = { needs: 'nothing' } as const;

  scope.get('/sign-in/openid', { config }, async (request, reply) => {
    const { next } = asked.parse(request.query);
    const { address, trip } = await openId.start(safeNextPath(next)).catch(away);
    cookies.set(reply, 'openId', serializePendingSignIn(trip), TRIP_SECONDS);
    return reply.redirect(address, 303);
  });

  scope.get(CALLBACK, { config }, async (request, reply) => {
    const trip = parsePendingSignIn(cookies.read(request, 'openId') ?? '');
    // It is good for one answer.
    cookies.clear(reply, 'openId');
    if (trip === null) throw new HttpError(400, 'trip-over');
    const { issuer, subject, claims } = await answerOf(new URL(request.url, publicUrl), trip);
    const person = parseClaims(claims, settings);
    if ('refused' in person) {
      const lacking = person.refused === 'no-role' ? 'no role' : 'no instance';
      await auditRefusedSignIn(store, null, `${lacking} by OpenID Connect`, now());
      throw new HttpError(403, person.refused);
    }
    const account = await store.accounts.upsertOpenId({ issuer, subject, ...person }, now());
    if (account.disabled) {
      await auditRefusedSignIn(store, account.name, 'the account is disabled', now());
      throw new HttpError(403, 'account-disabled');
    }
    await auditSignIn(store, account.name, 'signed-in', 'by OpenID Connect', now());
    await signedIn(request, reply, options, account);
    return reply.redirect(safeNextPath(trip.next), 303);
  });

  async function answerOf(callback: URL, trip: PendingSignIn) {
    if (callback.searchParams.get('state') !== trip.state) throw new HttpError(400, 'trip-over');
    if (callback.searchParams.has('error')) throw new HttpError(403, 'provider-refused');
    return openId.finish(callback, trip).catch(away);
  }

  function away(error: unknown): never {
    // Its text may hold what the provider sent.
    logger.warn({ code: codeOf(error) }, 'a sign-in by OpenID Connect failed');
    throw new HttpError(502, 'provider-away');
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { cause } = error;
  const of = 'code' in error && error.code !== undefined ? error : cause instanceof Error ? cause : error;
  return 'code' in of && of.code !== undefined ? String(of.code) : of.name;
}
