import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { activateSecondFactor } from '../../client/accounts.ts';
import { appAddress, generateSecret, hashRecoveryCode, stepOfCode } from '../../client/secondFactor.ts';
import { clearAttempts, countAttempt } from '../../client/signInAttempts.ts';
import type { AccountDocument } from '../../store/accessDocuments.ts';
import type { Store } from '../../store/connect.ts';
import { HttpError } from '../http/checks.ts';
import { auditRefusedSignIn, auditSignIn } from './auditSignIn.ts';
import { knownDevice, rememberDevice, sessionIdOf } from './browser.ts';
import { ownPasswordProblem } from './checkPassword.ts';
import { formToken, type SignInRoutesOptions, safeNextPath, signedIn } from './routes.ts';
import { codePage, recoveryPage, setUpPage } from './secondFactorPages.tsx';

export interface SecondFactorOptions extends Omit<SignInRoutesOptions, 'store' | 'pause' | 'logger' | 'openId'> {
  store: SignInRoutesOptions['store'] & {
    accounts: Pick<
      Store['accounts'],
      'get' | 'byName' | 'proposeSecret' | 'activateSecondFactor' | 'useStep' | 'useRecoveryCode'
    >;
    sessions: Pick<Store['sessions'], 'ofAccount' | 'endOne'>;
    signInChallenges: Pick<Store['signInChallenges'], 'get' | 'end'>;
  };
}

const query = z.object({ next: z.string().catch('/') });
const codeForm = z.object({ code: z.string().max(100), next: z.string().catch('/') });
const passwordForm = z.object({ current: z.string().max(1_000) });

/** Adds `GET` and `POST /sign-in/code`, and below `/account` the set-up of an authenticator app. */
export async function secondFactorRoutes(scope: FastifyInstance, options: SecondFactorOptions): Promise<void> {
  const { store, cookies, now } = options;
  const open = { config: { needs: 'nothing' } } as const;
  const behind = { config: { needs: 'see' } } as const;

  scope.get('/sign-in/code', open, async (request, reply) => {
    const next = safeNextPath(query.parse(request.query).next);
    if ((await challengeOf(request)) === null) return reply.redirect('/sign-in', 303);
    return html(reply, codePage({ csrf: formToken(cookies, request, reply), next }));
  });

  scope.post('/sign-in/code', open, async (request, reply) => {
    const { code, next: typedNext } = codeForm.parse(request.body);
    const next = safeNextPath(typedNext);
    const found = await challengeOf(request);
    if (found === null) throw new HttpError(400, 'sign-in-expired');
    const { id, account } = found;
    const refuse = (status: number, problem: string) =>
      html(reply.code(status), codePage({ csrf: formToken(cookies, request, reply), next, problem }));
    const known = await knownDevice(store, cookies.read(request, 'device'), account.name, now());
    const attempt = { name: account.name, address: request.ip, device: `code of ${known ?? account._id}` };
    if ((await countAttempt(store.signInAttempts, attempt, now())) > 0) {
      await auditRefusedSignIn(store, { account: account.name, from: request.ip }, 'too many codes', now());
      return refuse(429, 'Too many attempts. Try again in 15 minutes.');
    }
    const how = await useCode(account, code);
    if (how === null) {
      await auditRefusedSignIn(store, { account: account.name, from: request.ip }, 'wrong code', now());
      return refuse(401, 'The code is incorrect, or was used before.');
    }
    await clearAttempts(store.signInAttempts, attempt, now());
    await store.signInChallenges.end(id);
    cookies.clear(reply, 'challenge');
    await auditSignIn(store, { who: account.name, from: request.ip }, 'signed-in', `by password and ${how}`, now());
    await rememberDevice(store, cookies, { request, reply }, account, now());
    await signedIn(request, reply, options, account);
    return reply.redirect(next, 303);
  });

  scope.post('/account/second-factor', behind, async (request, reply) => {
    const { current } = passwordForm.parse(request.body);
    const account = await ownAccount(request);
    if (account.passwordHash === null) throw new HttpError(404, 'no-such-page');
    const problem = await ownPasswordProblem(store, account, current, now());
    if (problem !== null) throw new HttpError(problem.status, problem.status === 429 ? 'too-many' : 'wrong-password');
    const secret = generateSecret();
    await store.accounts.proposeSecret(account._id, secret, now());
    return showSetUp(request, reply, { name: account.name, secret });
  });

  scope.post('/account/second-factor/confirm', behind, async (request, reply) => {
    const { code } = codeForm.parse(request.body);
    const account = await ownAccount(request);
    const { name, proposedSecret: secret } = account;
    if (!secret || request.session === null) throw new HttpError(400, 'expired-form');
    const step = stepOfCode(secret, code, now());
    const problem = 'The code is incorrect. Check the key and the clock of the device.';
    if (step === null) return showSetUp(request, reply.code(422), { name, secret, problem });
    const codes = await activateSecondFactor(store, account, { secret, step }, { ...request.viewer(), at: now() });
    if (codes === null) throw new HttpError(400, 'expired-form');
    const current = sessionIdOf(request.session);
    // They were started without the second factor.
    for (const { _id } of await store.sessions.ofAccount(account._id, now()))
      if (_id !== current) await store.sessions.endOne(account._id, _id);
    return html(reply, recoveryPage({ ...(await frameOf(request)), codes }));
  });

  /** Returns the sign-in that waits in this browser for its code; null when there is none. */
  async function challengeOf(request: FastifyRequest): Promise<{ id: string; account: AccountDocument } | null> {
    const cookie = cookies.read(request, 'challenge');
    const challenge = cookie === null ? null : await store.signInChallenges.get(sessionIdOf(cookie), now());
    const account = challenge === null ? null : await store.accounts.get(challenge.account);
    if (challenge === null || account === null) return null;
    return account.disabled || account.epoch !== challenge.epoch ? null : { id: challenge._id, account };
  }

  /** Uses up a code. Returns what it was, or null when it is not valid. */
  async function useCode({ _id, secondFactor }: AccountDocument, code: string): Promise<string | null> {
    if (!secondFactor) return null;
    const step = stepOfCode(secondFactor.secret, code, now());
    if (step !== null) return (await store.accounts.useStep(_id, step)) ? 'code' : null;
    return (await store.accounts.useRecoveryCode(_id, hashRecoveryCode(code))) ? 'recovery code' : null;
  }

  async function ownAccount({ who }: FastifyRequest): Promise<AccountDocument> {
    const account = who === null ? null : await store.accounts.byName(who.user);
    if (account === null) throw new HttpError(401, 'sign-in-needed');
    return account;
  }

  async function showSetUp(
    request: FastifyRequest,
    reply: FastifyReply,
    { name, ...shown }: { name: string; secret: string; problem?: string },
  ): Promise<FastifyReply> {
    return html(reply, setUpPage({ ...(await frameOf(request)), ...shown, address: appAddress(shown.secret, name) }));
  }
}

async function frameOf(request: FastifyRequest) {
  if (request.who === null) throw new HttpError(401, 'sign-in-needed');
  return {
    ...{ who: request.who, csrf: request.csrfToken() },
    ...{ banners: request.banners(), counts: await request.counts() },
  };
}

function html(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(text);
}
