import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { changeOwnPassword } from '../../client/accounts.ts';
import { passwordProblem } from '../../client/passwords.ts';
import { setOwnNotifications } from '../../client/recipients.ts';
import { isEmailAddress, subscriptions } from '../../domain/notification.ts';
import { addHours, isTimeZone } from '../../domain/time.ts';
import type { AccountDocument } from '../../store/accessDocuments.ts';
import type { Store } from '../../store/connect.ts';
import { HttpError } from '../http/checks.ts';
import type { OwnNotifications } from './accountNotifications.tsx';
import { accountPage, type PasswordState } from './accountPage.tsx';
import { type OwnZone, zoneTexts } from './accountZone.tsx';
import { auditSignIn } from './auditSignIn.ts';
import { rememberDevice, sessionIdOf } from './browser.ts';
import { ownPasswordProblem } from './checkPassword.ts';
import { type SignInRoutesOptions, signedIn } from './routes.ts';

export interface AccountRoutesOptions extends Omit<SignInRoutesOptions, 'store' | 'pause' | 'logger' | 'openId'> {
  store: {
    accounts: Pick<Store['accounts'], 'byName' | 'replacePassword' | 'setTimeZone'>;
    sessions: Pick<Store['sessions'], 'ofAccount' | 'endOne' | 'endOthers' | 'endAll'>;
    recipients: Pick<Store['recipients'], 'ofAccount' | 'setOfAccount'>;
    signInAttempts: Pick<Store['signInAttempts'], 'take' | 'giveBack' | 'forget'>;
    knownDevices: Pick<Store['knownDevices'], 'isKnown' | 'remember' | 'forgetAll'>;
    auditEvents: Pick<Store['auditEvents'], 'add' | 'get'>;
    pageStates: Pick<Store['pageStates'], 'add' | 'get'>;
  };
  requireSecondFactor: boolean;
  /** The time zone in which times are shown. */
  zone: () => string;
  /** Whether e-mail is set up. */
  hasMail: boolean;
}

const DIGEST_HOUR = 8;
const DONE = {
  password: 'Your password was changed. All other sessions have ended.',
  session: 'The session has ended.',
  others: 'You are signed out everywhere else.',
  notifications: 'Saved.',
  zone: 'Your time zone is saved.',
} as const;
const query = z.object({
  done: z.enum(['password', 'session', 'others', 'notifications', 'zone']).optional().catch(undefined),
  /** The id of a form that was refused. */
  form: z.string().max(40).optional().catch(undefined),
});
/** What is kept of a refused form: why, and never a password. */
const refusedForm = z.object({ problem: z.string(), of: z.enum(['password', 'notifications', 'zone']) });
const KEPT_HOURS = 1;
const passwordForm = z.object({ current: z.string().max(1_000), fresh: z.string().max(1_000), again: z.string() });
const notificationsForm = z.object({
  email: z.string().trim().max(300).catch(''),
  subscription: z
    .preprocess((value) => (value === undefined ? [] : [value].flat()), z.array(z.enum(subscriptions)))
    .catch([]),
  hour: z.coerce.number().int().min(0).max(23).catch(DIGEST_HOUR),
});
const zoneForm = z.object({ timeZone: z.string().trim().max(100).catch('') });
const sessionForm = z.object({ session: z.string().max(100) });

/** Adds `GET /account`, where users change their password and end their sessions. */
export async function accountRoutes(scope: FastifyInstance, options: AccountRoutesOptions): Promise<void> {
  const { store, cookies, now, zone, requireSecondFactor, hasMail } = options;
  const config = { needs: 'see' } as const;

  scope.get('/account', { config }, async (request, reply) => {
    const { done, form } = query.parse(request.query);
    const account = await accountOf(request);
    const refused = form === undefined ? null : await store.pageStates.get(form, account.name, now());
    if (refused?.kind === 'form') return show(request, reply, account, shownAgain(refused.fields));
    return show(request, reply, account, done === undefined ? {} : { done: DONE[done] });
  });

  scope.post('/account/password', { config }, async (request, reply) => {
    const { current, fresh, again } = passwordForm.parse(request.body);
    const account = await accountOf(request);
    const { name, passwordHash } = account;
    if (passwordHash === null) throw new HttpError(404, 'no-such-page');
    const refuse = (problem: string) => redirectRefused(reply, account, { of: 'password', problem });
    const wrong = await ownPasswordProblem(store, account, current, now());
    if (wrong !== null) return show(request, reply.code(wrong.status), account, { problem: wrong.text });
    if (fresh !== again) return refuse('The two new passwords are not the same.');
    if (fresh === current) return refuse('The new password is the current one.');
    const problem = passwordProblem(fresh, name);
    if (problem !== null) return refuse(`Choose another password: ${problem}.`);
    const changed = await changeOwnPassword(store, account, fresh, { ...request.viewer(), at: now() });
    if (changed === null) return refuse('The password was changed elsewhere at the same time. Try again.');
    await signedIn(request, reply, options, changed);
    await rememberDevice(store, cookies, { request, reply }, changed, now());
    return reply.redirect('/account?done=password', 303);
  });

  scope.post('/account/sessions/end', { config }, async (request, reply) => {
    const { session } = sessionForm.parse(request.body);
    const { _id } = await accountOf(request);
    if (await store.sessions.endOne(_id, session))
      await auditSignIn(store, request.viewer(), 'signed-out', 'another session, by hand', now());
    return reply.redirect('/account?done=session', 303);
  });

  scope.post('/account/sign-out-others', { config }, async (request, reply) => {
    const { _id } = await accountOf(request);
    await store.sessions.endOthers(_id, sessionIdOf(request.session ?? ''));
    await auditSignIn(store, request.viewer(), 'signed-out', 'everywhere else, by hand', now());
    return reply.redirect('/account?done=others', 303);
  });

  scope.post('/account/notifications', { config }, async (request, reply) => {
    if (!hasMail) throw new HttpError(404, 'no-such-page');
    const account = await accountOf(request);
    const form = notificationsForm.parse(request.body);
    const { email: target, subscription, hour } = form;
    const wanted = { target, subscriptions: subscription, hour };
    const none = target === '' || subscription.length === 0;
    if (!none && !isEmailAddress(target)) {
      const problem = 'Enter one e-mail address, for example you@example.org.';
      const entered = { ...form, hour: String(hour) };
      return redirectRefused(reply, account, { of: 'notifications', problem, ...entered });
    }
    await setOwnNotifications(store, account, none ? null : wanted, { ...request.viewer(), at: now() });
    return reply.redirect('/account?done=notifications', 303);
  });

  scope.post('/account/zone', { config }, async (request, reply) => {
    const account = await accountOf(request);
    const { timeZone } = zoneForm.parse(request.body);
    if (timeZone !== '' && !isTimeZone(timeZone))
      return redirectRefused(reply, account, { of: 'zone', problem: zoneTexts.unknown, timeZone });
    await store.accounts.setTimeZone(account._id, timeZone === '' ? null : timeZone, now());
    return reply.redirect('/account?done=zone', 303);
  });

  scope.post('/account/sign-out-everywhere', { config }, async (request, reply) => {
    const { _id } = await accountOf(request);
    await store.sessions.endAll(_id);
    await auditSignIn(store, request.viewer(), 'signed-out', 'everywhere, by hand', now());
    cookies.clear(reply, 'session');
    return reply.redirect('/sign-in', 303);
  });

  /** Redirects to the page that says why a form was refused, so that going back and reloading send nothing. */
  async function redirectRefused(
    reply: FastifyReply,
    { name }: AccountDocument,
    fields: z.infer<typeof refusedForm> & Record<string, string | string[]>,
  ): Promise<FastifyReply> {
    const id = await store.pageStates.add(name, { kind: 'form', fields }, addHours(now(), KEPT_HOURS));
    return reply.redirect(`/account?form=${id}`, 303);
  }

  async function accountOf(request: FastifyRequest): Promise<AccountDocument> {
    const account = request.who === null ? null : await store.accounts.byName(request.who.user);
    if (account === null) throw new HttpError(401, 'sign-in-needed');
    return account;
  }

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    account: AccountDocument,
    more: Shown,
  ): Promise<FastifyReply> {
    const { who, session } = request;
    if (who === null || session === null) throw new HttpError(401, 'sign-in-needed');
    const sessions = await store.sessions.ofAccount(account._id, now());
    const current = sessionIdOf(session);
    const { secondFactor: factor } = account;
    const secondFactor = {
      on: Boolean(factor),
      codesLeft: factor?.recovery.length ?? 0,
      required: requireSecondFactor,
    };
    const own = await store.recipients.ofAccount(account._id);
    const { target, subscriptions: chosen, hour } = own ?? { target: '', subscriptions, hour: DIGEST_HOUR };
    const notifications = hasMail ? { target, subscriptions: chosen, hour } : null;
    const page = {
      who,
      csrf: request.csrfToken(),
      sessions,
      current,
      zone: who.timeZone ?? zone(),
      ownZone: { chosen: who.timeZone ?? '' },
      now: now(),
      notifications,
      banners: request.banners(),
      counts: await request.counts(),
      ...more,
    };
    return reply
      .type('text/html; charset=utf-8')
      .send(accountPage({ ...page, password: passwordState(account), secondFactor }));
  }
}

interface Shown {
  /** Why the password was not changed. */
  problem?: string;
  done?: string;
  notifications?: OwnNotifications;
  ownZone?: OwnZone;
}

function shownAgain(fields: Readonly<Record<string, unknown>>): Shown {
  const { of, problem } = refusedForm.parse(fields);
  if (of === 'password') return { problem };
  if (of === 'zone') return { ownZone: { chosen: zoneForm.parse(fields).timeZone, problem } };
  const { email: target, subscription, hour } = notificationsForm.parse(fields);
  return { notifications: { target, subscriptions: subscription, hour, problem } };
}

function passwordState({ passwordHash, mustChangePassword }: AccountDocument): PasswordState {
  if (passwordHash === null) return 'elsewhere';
  return mustChangePassword ? 'given' : 'own';
}
