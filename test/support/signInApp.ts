import { type FastifyInstance, fastify, type InjectOptions, type LightMyRequestResponse } from 'fastify';
import { afterEach } from 'vitest';
import { hashPassword } from '../../client/passwords.ts';
import { createLogger } from '../../config/logger.ts';
import type { Role, VisibleInstances } from '../../domain/role.ts';
import type { AccountDocument, AuditDocument, SessionDocument } from '../../store/accessDocuments.ts';
import type { AuditEvent } from '../../store/auditEvents.ts';
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
export async function signInApp(settings: Partial<SignInOptions['settings']> & { trustProxy?: string[] } = {}) {
  const { trustProxy = [], ...rest } = settings;
  const clock = { at: started };
  const stores = memory();
  const logged: string[] = [];
  const app = fastify({ trustProxy });
  app.register((scope) =>
    registerBehindSignIn(
      scope,
      {
        store: stores,
        settings: { publicUrl: null, openId: null, idleMs: 30 * 60_000, ...rest },
        instancesOf: {
          records: async (ids) => new Map(ids.filter((id) => id in places).map((id) => [id, places[id] ?? ''])),
          runs: async (ids) => new Map(ids.filter((id) => id in places).map((id) => [id, places[id] ?? ''])),
        },
        now: () => clock.at,
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
  const audited: AuditEvent[] = [];
  return {
    all,
    running,
    audited,
    accounts: {
      get: async (id: string) => all.find(({ _id }) => _id === id) ?? null,
      byName: async (name: string) => all.find((one) => one.name === name) ?? null,
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
    },
    signInAttempts: {
      take: async (id: string) => {
        times.set(id, (times.get(id) ?? 0) + 1);
        return times.get(id) ?? 0;
      },
      giveBack: async (id: string) => void times.set(id, (times.get(id) ?? 1) - 1),
      forget: async (id: string) => void times.delete(id),
    },
    auditEvents: {
      add: async (event: AuditEvent) => void audited.push(event),
      get: async (id: string): Promise<AuditDocument | null> => {
        const found = audited.find(({ _id }) => _id === id);
        return found === undefined ? null : { ...found, schemaVersion: 1, seq: 1, previous: '', hash: '' };
      },
    },
  };
}
