import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { changeAccess, resetSecondFactor, setDisabled, signOutEverywhere, unblock } from '../../../client/accounts.ts';
import { accountView, signInName } from '../../../client/accountViews.ts';
import { inviteAccount, type PasswordLink, resetPassword } from '../../../client/passwordLinks.ts';
import { blockedOf } from '../../../client/signInAttempts.ts';
import type { AccountDocument } from '../../../store/accessDocuments.ts';
import { type StaffContext, visibleTo } from '../context.ts';
import { keepForm, readKeptForm } from '../keptForms.ts';
import { notFound, sendPage, signedInUserOf } from '../respond.ts';
import { personZone } from '../zones.ts';
import {
  type AccountForm,
  accountForm,
  blank,
  fieldsOf,
  inviteProblem,
  lowersOwn,
  mayManage,
  problemOf,
} from './form.ts';
import { PeoplePage, type PersonRow } from './listPage.tsx';
import { type Action, actions, LinkPage, PersonPage } from './personPage.tsx';
import { texts } from './texts.ts';

const params = z.object({ accountId: z.string().max(100) });
const doneNames = ['changed', ...actions.filter((action) => action !== 'reset-password')] as const;
const query = z.object({ done: z.enum(doneNames).optional().catch(undefined) });
const actionForm = z.object({ action: z.enum(actions) });
type Done = (typeof doneNames)[number];

/** Adds `/people`, where administrators manage the accounts. */
export async function peopleRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { store, now, hasMail, sendTo, webUrl } = staff;
  const config = { needs: 'administer' } as const;
  const byOf = (request: FastifyRequest) => ({ ...request.viewer(), at: now() });
  type Shown = { form?: AccountForm; problem?: string; asksOwn?: boolean; done?: Done | undefined };

  scope.get('/people', { config }, async (request, reply) => showList(request, reply, await refusedBefore(request)));

  scope.post('/people', { config }, async (request, reply) => {
    const form = accountForm(request.body);
    const name = signInName(form.name);
    const problem = inviteProblem(form);
    const refuse = (why: string) => redirectRefused(request, reply, '/people', { form, problem: why });
    if (name === null || problem !== null) return refuse(problem ?? texts.problems.name);
    const { displayName, role, instances, email } = form;
    const made = await inviteAccount(store, { name, displayName, role, instances }, byOf(request));
    if (made === 'taken') return refuse(texts.problems.taken);
    return showLink(request, reply, displayName, made, email === '' ? null : { to: email, name });
  });

  scope.get('/people/:accountId', { config }, async (request, reply) => {
    const { done } = query.parse(request.query);
    const account = await accountOf(request);
    return showPerson(request, reply, account, { done, ...(await refusedBefore(request)) });
  });

  scope.post('/people/:accountId', { config }, async (request, reply) => {
    const account = await accountOf(request);
    const form = accountForm(request.body);
    const refuse = (problem: string, asksOwn = false) =>
      redirectRefused(request, reply, `/people/${account._id}`, { form, problem, asksOwn });
    const problem = problemOf(form);
    if (problem !== null) return refuse(problem);
    if (lowersOwn(signedInUserOf(request), account, form) && !form.confirmed) return refuse(texts.problems.own, true);
    const { displayName, role, instances } = form;
    const changed = await changeAccess(store, { name: account.name, displayName, role, instances }, byOf(request));
    if (changed === 'unknown') throw notFound();
    if (typeof changed === 'string') return refuse(texts.problems[changed]);
    return reply.redirect(`/people/${account._id}?done=changed`, 303);
  });

  scope.post('/people/:accountId/do', { config }, async (request, reply) => {
    const account = await accountOf(request);
    const parsed = actionForm.safeParse(request.body);
    // Their own sign-in people change on the page of their account.
    if (!parsed.success || account.name === signedInUserOf(request).user) throw notFound();
    const { action } = parsed.data;
    const { name, displayName } = account;
    const refuse = (problem: string) => redirectRefused(request, reply, `/people/${account._id}`, { problem });
    if (action === 'reset-password') {
      const made = await resetPassword(store, name, byOf(request));
      if (typeof made === 'string') return refuse(texts.problems.elsewhere);
      return showLink(request, reply, displayName, made, null);
    }
    const done = await act(action, name, byOf(request));
    if (done === 'unknown') throw notFound();
    if (done !== 'done') return refuse(texts.problems[done]);
    return reply.redirect(`/people/${account._id}?done=${action}`, 303);
  });

  function act(action: Exclude<Action, 'reset-password'>, name: string, by: ReturnType<typeof byOf>) {
    switch (action) {
      case 'second-factor':
        return resetSecondFactor(store, name, by);
      case 'sign-out':
        return signOutEverywhere(store, name, by);
      case 'unblock':
        return unblock(store, name, by);
      case 'disable':
      case 'enable':
        return setDisabled(store, { name, disabled: action === 'disable' }, by);
    }
  }

  /** Redirects to the page that says why a form was refused, so that going back and reloading send nothing. */
  async function redirectRefused(
    request: FastifyRequest,
    reply: FastifyReply,
    path: string,
    { form, problem, asksOwn = false }: Shown & { problem: string },
  ) {
    const fields = { ...(form && fieldsOf(form)), problem, ...(asksOwn && { asksOwn: '1' }) };
    return reply.redirect(`${path}?form=${await keepForm(staff, request, fields)}`, 303);
  }

  async function refusedBefore(request: FastifyRequest): Promise<Shown> {
    const kept = await readKeptForm(staff, request);
    if (kept === null || typeof kept.problem !== 'string') return {};
    const { problem, asksOwn } = kept;
    return { problem, asksOwn: asksOwn === '1', ...('role' in kept ? { form: accountForm(kept) } : {}) };
  }

  async function accountOf(request: FastifyRequest): Promise<AccountDocument> {
    const { accountId } = params.parse(request.params);
    const account = await store.accounts.get(accountId);
    if (account === null || !mayManage(signedInUserOf(request), account)) throw notFound();
    return account;
  }

  async function rowsOf(accounts: readonly AccountDocument[]): Promise<PersonRow[]> {
    const names = accounts.map(({ name }) => name);
    const blocked = await blockedOf(store.signInAttempts, names, now());
    return accounts.map((one) => ({ ...accountView(one), id: one._id, blocked: blocked.has(one.name) }));
  }

  async function showList(request: FastifyRequest, reply: FastifyReply, { form = blank, problem }: Shown) {
    const who = signedInUserOf(request);
    const [instances, all] = await Promise.all([visibleTo(who, staff), store.accounts.list()]);
    const rows = await rowsOf(all.filter((account) => mayManage(who, account)));
    const props = {
      rows,
      instances,
      sees: who.instances,
      form,
      problem,
      hasMail,
      now: now(),
      zone: personZone(who, staff.instances),
    };
    return sendPage(staff, request, reply, {
      ...{ title: texts.title, section: '/people', shown: null },
      children: <PeoplePage {...props} csrf={request.csrfToken()} />,
    });
  }

  async function showPerson(request: FastifyRequest, reply: FastifyReply, account: AccountDocument, shown: Shown) {
    const who = signedInUserOf(request);
    const { displayName, role, instances: visible } = account;
    const { form = { ...blank, displayName, role, instances: visible }, problem, asksOwn = false, done } = shown;
    const [[row], instances] = await Promise.all([rowsOf([account]), visibleTo(who, staff)]);
    if (row === undefined) throw notFound();
    const props = { row, own: account.name === who.user, instances, sees: who.instances, form, problem, asksOwn };
    return sendPage(staff, request, reply, {
      ...{ title: texts.title, section: '/people', shown: null },
      children: (
        <PersonPage
          {...props}
          done={done === undefined ? undefined : texts.done[done]}
          csrf={request.csrfToken()}
          zone={personZone(who, staff.instances)}
          now={now()}
        />
      ),
    });
  }

  /** Shows a link once, and sends it where an address was entered. */
  async function showLink(
    request: FastifyRequest,
    reply: FastifyReply,
    person: string,
    { token }: PasswordLink,
    mail: { to: string; name: string } | null,
  ) {
    const link = `${webUrl()}/choose-password/${token}`;
    const mailed = mail === null || !hasMail ? null : await sendLink(mail, link, signedInUserOf(request).name);
    return sendPage(staff, request, reply, {
      ...{ title: texts.title, section: '/people', shown: null },
      children: <LinkPage name={person} link={link} mailed={mailed} />,
    });
  }

  async function sendLink({ to, name }: { to: string; name: string }, link: string, by: string): Promise<boolean> {
    const lines = [
      `${by} invites you to KIPU Referrals. Your username is ${name}.`,
      `Choose your password within seven days: ${link}`,
    ];
    const message = { id: `invite/${randomUUID()}`, kind: 'invitation', instance: null, path: '/' } as const;
    const target = { channel: 'email', target: to, secret: null } as const;
    return (await sendTo(target, { ...message, subject: 'Your invitation to KIPU Referrals', lines })).sent;
  }
}
