import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { OpenIdSettings } from '../../config/web.ts';
import type { Store } from '../../store/connect.ts';
import { HttpError } from '../http/checks.ts';
import { auditRefusedSignIn, auditSignIn } from './auditSignIn.ts';
import { createOpenId, type PendingSignIn, parseClaims, parsePendingSignIn, serializePendingSignIn } from './openId.ts';
import { providerSignOutPage } from './pages.tsx';
import { OPENID_SIGN_OUT, type SignInRoutesOptions, safeNextPath, signedIn } from './routes.ts';

const CALLBACK = '/sign-in/openid/callback';
/** How long a user may take at the provider. */
const PENDING_SECONDS = 600;

export interface OpenIdRoutesOptions extends Omit<SignInRoutesOptions, 'store' | 'pause' | 'logger'> {
  store: { accounts: Pick<Store['accounts'], 'upsertOpenId'>; auditEvents: Pick<Store['auditEvents'], 'add' | 'get'> };
  settings: OpenIdSettings;
  publicUrl: string;
  logger: Pick<Logger, 'warn'>;
}

/** The reasons in the audit by the words of the answer. */
const failures: Readonly<Record<string, string>> = {
  'sign-in-expired': 'the answer belongs to no sign-in of this browser',
  'provider-refused': 'the provider refused',
  'provider-failed': 'the answer of the provider is not valid',
};

const query = z.object({ next: z.string().catch('/') });

/** Adds `GET /sign-in/openid`, which redirects to the provider, and the callback to which the provider redirects. */
export async function openIdRoutes(scope: FastifyInstance, options: OpenIdRoutesOptions): Promise<void> {
  const { store, cookies, settings, publicUrl, now, logger } = options;
  const openId = createOpenId(settings, `${publicUrl}${CALLBACK}`);
  const config = { needs: 'nothing' } as const;

  scope.get('/sign-in/openid', { config }, async (request, reply) => {
    const { next } = query.parse(request.query);
    const { address, pending } = await openId.start(safeNextPath(next)).catch(refuse);
    cookies.set(reply, 'openId', serializePendingSignIn(pending), PENDING_SECONDS);
    return reply.redirect(address, 303);
  });

  scope.get(CALLBACK, { config }, async (request, reply) => {
    const { ip: from } = request;
    const pending = parsePendingSignIn(cookies.read(request, 'openId') ?? '');
    // It is valid for one answer.
    cookies.clear(reply, 'openId');
    const answer = answerOf(new URL(request.url, publicUrl), pending);
    const { issuer, subject, claims, next } = await answer.catch((error: unknown) => auditFailure(error, from));
    const person = parseClaims(claims, settings);
    if ('refused' in person) {
      const missing = person.refused === 'no-role' ? 'no role' : 'no instance';
      await auditRefusedSignIn(store, { account: null, from }, `${missing} by OpenID Connect`, now());
      throw new HttpError(403, person.refused);
    }
    const account = await store.accounts.upsertOpenId({ issuer, subject, ...person }, now());
    if (account.disabled) {
      await auditRefusedSignIn(store, { account: account.name, from }, 'the account is disabled', now());
      throw new HttpError(403, 'account-disabled');
    }
    await auditSignIn(store, { who: account.name, from }, 'signed-in', 'by OpenID Connect', now());
    await signedIn(request, reply, options, account);
    return reply.redirect(safeNextPath(next), 303);
  });

  scope.get(OPENID_SIGN_OUT, { config }, async (_, reply) => {
    const address = await openId.signOutAddress(`${publicUrl}/sign-in`).catch(() => null);
    if (address === null) return reply.redirect('/sign-in', 303);
    // Not a redirect: browsers apply the form-action of the page with the form to redirects after it.
    return reply
      .header('refresh', `0; url=${address}`)
      .type('text/html; charset=utf-8')
      .send(providerSignOutPage(address));
  });

  /** Audits an answer of the provider that signs nobody in. */
  async function auditFailure(error: unknown, from: string): Promise<never> {
    const reason = error instanceof HttpError ? failures[error.why] : undefined;
    if (reason !== undefined)
      await auditRefusedSignIn(store, { account: null, from }, `${reason} (OpenID Connect)`, now());
    throw error;
  }

  async function answerOf(callback: URL, pending: PendingSignIn | null) {
    if (pending === null) throw new HttpError(400, 'sign-in-expired');
    if (callback.searchParams.get('state') !== pending.state) throw new HttpError(400, 'sign-in-expired');
    if (callback.searchParams.has('error')) throw new HttpError(403, 'provider-refused');
    return { ...(await openId.finish(callback, pending).catch(refuse)), next: pending.next };
  }

  function refuse(error: unknown): never {
    // The error's text may contain what the provider sent.
    logger.warn({ code: codeOf(error) }, 'a sign-in by OpenID Connect failed');
    throw new HttpError(502, 'provider-failed');
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { cause } = error;
  const of = 'code' in error && error.code !== undefined ? error : cause instanceof Error ? cause : error;
  return 'code' in of && of.code !== undefined ? String(of.code) : of.name;
}
