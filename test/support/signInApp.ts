import { type FastifyInstance, fastify, type InjectOptions, type LightMyRequestResponse } from 'fastify';
import { afterEach } from 'vitest';
import { hashPassword } from '../../client/passwords.ts';
import { createLogger } from '../../config/logger.ts';
import type { Role, VisibleInstances } from '../../domain/role.ts';
import type {
  AccountDocument,
  AuditDocument,
  PageState,
  PasswordLinkDocument,
  SecondFactor,
  SessionDocument,
  SignInChallengeDocument,
} from '../../store/accessDocuments.ts';
import type { AuditEvent } from '../../store/auditEvents.ts';
import type { RecipientDocument } from '../../store/notificationDocuments.ts';
import type { NewRecipient } from '../../store/recipients.ts';
import { registerBehindSignIn, type SignInOptions } from '../../web/auth/index.ts';

export const password = 'seven quiet herons';
const passwordHash = hashPassword(password);
const started = new Date('2026-03-02T10:00:00Z');

const open = new Set<FastifyInstance>();
afterEach(async () => {
  await Promise.all([...open].map((app) => app.close()));
  open.clear();
});

/** Starts the sign-in over stores in memory, with a page of each kind behind it and a clock that only tests move. */
export async function signInApp(
  settings: Partial<SignInOptions['settings']> & { trustProxy?: string[]; pause?: SignInOptions['pause'] } & Pick<
      SignInOptions,
      'outages' | 'counts'
    > = {},
) {
  const { trustProxy = [], pause = async () => undefined, outages, counts, ...rest } = settings;
  const clock = { at: started };
  const stores = memory();
  const logged: string[] = [];
  const app = fastify({ trustProxy });
  app.register((scope) =>
    registerBehindSignIn(
      scope,
      {
        store: stores,
        settings: {
          publicUrl: null,
          openId: null,
          idleMs: 30 * 60_000,
          requireSecondFactor: false,
          hasMail: true,
          ...rest,
        },
        instancesOf: {
          records: async (ids) => new Map(ids.filter((id) => id in places).map((id) => [id, places[id] ?? ''])),
          runs: async (ids) => new Map(ids.filter((id) => id in places).map((id) => [id, places[id] ?? ''])),
        },
        now: () => clock.at,
        pause,
        ...(outages === undefined ? {} : { outages }),
        ...(counts === undefined ? {} : { counts }),
        logger: createLogger('debug', { write: (line) => void logged.push(line) }),
      },
      pages,
    ),
  );
  open.add(app);
  await app.ready();

  return {
    app,
    ...stores,
    logged,
    /** Moves the clock. */
    pass: (minutes: number) => {
      clock.at = new Date(clock.at.getTime() + minutes * 60_000);
    },
    async account(name: string, role: Role = 'viewer', instances: VisibleInstances = '*') {
      const account: AccountDocument = {
        ...{ _id: `id-of-${name}`, schemaVersion: 1, name, displayName: `${name} shown`, role, instances },
        ...{ passwordHash: await passwordHash, openId: null, disabled: false, epoch: 1 },
        ...{ createdAt: started, updatedAt: started },
      };
      stores.all.push(account);
      return account;
    },
    browser: (headers: Record<string, string> = {}) => browser(app, headers),
  };
}

const places: Record<string, string> = { 'r-north': 'north', 'r-south': 'south', 'run-north': 'north' };

/** Adds routes like those of the staff pages: to see, to act, for admins, and one that pages poll. */
async function pages(scope: FastifyInstance): Promise<void> {
  const page = async () => 'page';
  scope.get('/', async (_, reply) => reply.type('text/html').send('<p>home</p>'));
  scope.get('/held', page);
  scope.get('/records/:recordId', page);
  scope.get('/runs/:runId', page);
  scope.post('/search', { config: { needs: 'see' } }, page);
  scope.post('/unlock', page);
  scope.get('/export', { config: { needs: 'administer' } }, page);
  scope.get('/fragment', { config: { background: true } }, page);
  scope.get('/assets/staff.css', page);
  scope.get('/fails', async () => {
    throw new Error('Ada Wren');
  });
  scope.get('/token', async (request) => request.csrfToken());
}

/** Returns a browser that keeps cookies and sends forms with the token of the last page. */
export function browser(app: FastifyInstance, headers: Record<string, string> = {}) {
  const cookies = new Map<string, string>();
  let token = '';

  const send = async (options: InjectOptions): Promise<LightMyRequestResponse> => {
    const answer = await app.inject({ headers: { ...headers }, cookies: Object.fromEntries(cookies), ...options });
    for (const { name, value } of answer.cookies) value === '' ? cookies.delete(name) : cookies.set(name, value);
    token = /name="_csrf" value="([^"]+)"/.exec(answer.body)?.[1] ?? token;
    return answer;
  };
  const post = (url: string, form: Record<string, string> = {}) =>
    send({
      method: 'POST',
      url,
      payload: new URLSearchParams({ _csrf: token, ...form }).toString(),
      headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    });
  return {
    cookies,
    get: (url: string, more: Record<string, string> = {}) => send({ url, headers: { ...headers, ...more } }),
    post,
    /** Signs in by the form and returns its answer. */
    async signIn(name: string, typed = password, next = '') {
      await send({ url: `/sign-in?${new URLSearchParams({ next })}` });
      const answer = await post('/sign-in', { name, password: typed, next });
      if (answer.statusCode === 303) token = (await send({ url: '/token' })).body;
      return answer;
    },
  };
}

function memory() {
  const all: AccountDocument[] = [];
  const running = new Map<string, SessionDocument>();
  const times = new Map<string, number>();
  const challenges = new Map<string, SignInChallengeDocument>();
  const own = new Map<string, NewRecipient>();
  const devices = new Map<string, Date>();
  const links = new Map<string, PasswordLinkDocument>();
  const audited: AuditEvent[] = [];
  const states = new Map<string, PageState>();
  return {
    all,
    running,
    audited,
    accounts: {
      get: async (id: string) => all.find(({ _id }) => _id === id) ?? null,
      byName: async (name: string) => all.find((one) => one.name === name) ?? null,
      proposeSecret: async (id: string, secret: string) =>
        void Object.assign(all.find(({ _id }) => _id === id) ?? {}, { proposedSecret: secret }),
      activateSecondFactor: async (id: string, secondFactor: SecondFactor) => {
        const found = all.find((one) => one._id === id && one.proposedSecret === secondFactor.secret);
        return found !== undefined && Object.assign(found, { secondFactor, proposedSecret: null }) !== null;
      },
      useStep: async (id: string, step: number) => {
        const factor = all.find(({ _id }) => _id === id)?.secondFactor;
        if (!factor || factor.lastStep >= step) return false;
        factor.lastStep = step;
        return true;
      },
      useRecoveryCode: async (id: string, hash: string) => {
        const factor = all.find(({ _id }) => _id === id)?.secondFactor;
        if (!factor?.recovery.includes(hash)) return false;
        factor.recovery = factor.recovery.filter((one) => one !== hash);
        return true;
      },
      setTimeZone: async (id: string, timeZone: string | null) => {
        for (const one of all) if (one._id === id) one.timeZone = timeZone;
      },
      replacePassword: async (id: string, { from, to }: { from: string; to: string }) => {
        const found = all.find((one) => one._id === id && one.passwordHash === from && !one.disabled);
        if (found === undefined) return null;
        return Object.assign(found, { passwordHash: to, mustChangePassword: false, epoch: found.epoch + 1 });
      },
      signedIn: async (id: string, signedInAt: Date) =>
        void Object.assign(all.find(({ _id }) => _id === id) ?? {}, { signedInAt }),
      choosePassword: async (id: string, epoch: number, passwordHash: string) => {
        const found = all.find((one) => one._id === id && one.epoch === epoch && !one.disabled);
        return found !== undefined && Object.assign(found, { passwordHash, epoch: epoch + 1 }) !== null;
      },
      upsertOpenId: async (): Promise<AccountDocument> => {
        throw new Error('not in memory');
      },
    },
    sessions: {
      start: async (session: Omit<SessionDocument, 'schemaVersion'>) =>
        void running.set(session._id, { ...session, schemaVersion: 1 }),
      get: async (id: string, now: Date) => {
        const found = running.get(id);
        return found !== undefined && found.expiresAt > now && found.endsAt > now ? found : null;
      },
      prolong: async (id: string, expiresAt: Date) => {
        const found = running.get(id);
        if (found !== undefined) running.set(id, { ...found, expiresAt });
      },
      end: async (id: string) => void running.delete(id),
      ofAccount: async (account: string, now: Date) =>
        [...running.values()].filter((one) => one.account === account && one.expiresAt > now).reverse(),
      endOne: async (account: string, id: string) => running.get(id)?.account === account && running.delete(id),
      endOthers: async (account: string, kept: string) => {
        const ended = [...running.values()].filter((one) => one.account === account && one._id !== kept);
        for (const { _id } of ended) running.delete(_id);
        return ended.length;
      },
      endAll: async (account: string) => {
        const ended = [...running.values()].filter((one) => one.account === account);
        for (const { _id } of ended) running.delete(_id);
        return ended.length;
      },
    },
    own,
    recipients: {
      ofAccount: async (account: string): Promise<RecipientDocument | null> => {
        const found = own.get(account);
        return found === undefined ? null : { _id: account, schemaVersion: 1, ...found };
      },
      setOfAccount: async (account: string, recipient: NewRecipient | null) =>
        void (recipient === null ? own.delete(account) : own.set(account, recipient)),
    },
    devices,
    knownDevices: {
      isKnown: async (id: string, now: Date) => (devices.get(id) ?? new Date(0)) > now,
      forgetAll: async () => devices.clear(),
      remember: async ({ _id }: { _id: string }, expiresAt: Date) => void devices.set(_id, expiresAt),
    },
    links,
    passwordLinks: {
      get: async (id: string, now: Date) => {
        const found = links.get(id);
        return found !== undefined && found.expiresAt > now ? found : null;
      },
      end: async (id: string) => void links.delete(id),
    },
    signInChallenges: {
      start: async (one: Omit<SignInChallengeDocument, 'schemaVersion'>) =>
        void challenges.set(one._id, { ...one, schemaVersion: 1 }),
      get: async (id: string, now: Date) => {
        const found = challenges.get(id);
        return found !== undefined && found.expiresAt > now ? found : null;
      },
      end: async (id: string) => void challenges.delete(id),
    },
    signInAttempts: {
      take: async (id: string) => {
        times.set(id, (times.get(id) ?? 0) + 1);
        return times.get(id) ?? 0;
      },
      giveBack: async (id: string) => void times.set(id, (times.get(id) ?? 1) - 1),
      forget: async (id: string) => void times.delete(id),
    },
    pageStates: {
      add: async (account: string, state: PageState) => {
        const id = `s-${states.size + 1}`;
        states.set(`${account} ${id}`, state);
        return id;
      },
      get: async (id: string, account: string) => states.get(`${account} ${id}`) ?? null,
    },
    states,
    auditEvents: {
      add: async (event: AuditEvent) => {
        if (!audited.some(({ _id }) => _id === event._id)) audited.push(event);
      },
      get: async (id: string): Promise<AuditDocument | null> => {
        const found = audited.find(({ _id }) => _id === id);
        return found === undefined ? null : { ...found, schemaVersion: 1, seq: 1, previous: '', hash: '' };
      },
    },
  };
}
