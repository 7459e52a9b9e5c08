import type { Client } from '@temporalio/client';
import { type FastifyInstance, fastify, type LightMyRequestResponse } from 'fastify';
import { afterEach } from 'vitest';
import { createLogger } from '../../config/logger.ts';
import { settingViews } from '../../config/settingViews.ts';
import type { Message } from '../../domain/notification.ts';
import type { Role, VisibleInstances } from '../../domain/role.ts';
import type { UnlockSignal } from '../../domain/unlock.ts';
import { csrfTokenOf } from '../../web/auth/browser.ts';
import { registerBehindSignIn, type SignInOptions } from '../../web/auth/index.ts';
import { staffRoutes } from '../../web/pages.ts';
import type { StaffContext } from '../../web/staff/context.ts';
import { readCounts } from '../../web/staff/frame.ts';
import { patientWorkflowId, syncScheduleId } from '../../workflows/messages.ts';
import { connectionsForTests } from './connectionsForTests.ts';
import { emptyData, memoryStore, type StoredData } from './memoryStore.ts';
import { at } from './recordFixtures.ts';

export const NOW = new Date(at.getTime() + 2 * 3_600_000);
export const COOKIE = 'a-browser';
export const COOKIE_NAME = 'kipu-referrals-session';
const LATER = new Date('2100-01-01');
const INSTANCES = ['north', 'south'];

const open = new Set<FastifyInstance>();
afterEach(async () => {
  await Promise.all([...open].map((app) => app.close()));
  open.clear();
});

/** What the pages sent to Temporal. */
interface TemporalRequest {
  what: 'unlock' | 'sync';
  /** The record or the instance. */
  of: string;
  /** All that the signal carries. */
  signal?: UnlockSignal;
}

interface StaffAppOptions {
  role?: Role;
  /** The instances the user may see. */
  sees?: VisibleInstances;
  /** The time zone that the user chose. */
  timeZone?: string;
  stored?: Partial<StoredData>;
  temporalDown?: boolean;
  context?: Partial<StaffContext>;
  /** The time of the server, which a test may change, and when the session ends without activity. */
  clock?: { at: Date };
  sessionEndsAt?: Date;
  outages?: SignInOptions['outages'];
  /** Builds the application around the pages; by default one that has nothing else. */
  build?: (pages: (scope: FastifyInstance) => Promise<void>) => FastifyInstance;
}

/** Starts the staff pages with a signed-in user, a store in memory and a fake Temporal. There are two instances. */
export async function staffApp(options: StaffAppOptions = {}) {
  const { role = 'staff', sees = '*', stored = {}, temporalDown = false, context, outages } = options;
  const { clock = { at: NOW }, sessionEndsAt = LATER, build = alone, timeZone = null } = options;
  const now = () => clock.at;
  const data: StoredData = structuredClone({ ...emptyData(), ...stored });
  const requests: TemporalRequest[] = [];
  const sent: { to: string; message: Message }[] = [];
  const temporal = fakeTemporal(data, requests, temporalDown);
  const staff: StaffContext = {
    store: memoryStore(data),
    temporal: () => temporal,
    taskQueue: 'tests',
    instances: INSTANCES.map((name) => ({ name, webhookSecrets: name === 'north' ? ['not to be shown'] : [] })),
    freshWithinMs: 5_400_000,
    webUrl: () => 'https://referrals.example',
    uiUrl: 'http://127.0.0.1:8233',
    namespace: 'default',
    now,
    sendTo: async (target, message) => {
      sent.push({ to: target.target, message });
      return { sent: true };
    },
    hasMail: true,
    noticeHost: null,
    settings: () => settingViews({}),
    ...context,
    connections: context?.connections ?? connectionsForTests(data, memoryStore(data).auditEvents),
  };
  const pages = (scope: FastifyInstance) => registerBehindSignIn(scope, signIn, (behind) => staffRoutes(behind, staff));
  const logged: string[] = [];
  const routes: string[] = [];
  const signIn: SignInOptions = {
    store: signedInStore({ role, instances: sees, timeZone, expiresAt: sessionEndsAt, now }, staff.store.auditEvents),
    settings: { publicUrl: null, openId: null, idleMs: 60_000, requireSecondFactor: false, hasMail: true },
    instancesOf: {
      records: async (ids) => instancesIn(data.records, ids),
      runs: async (ids) => instancesIn(data.runs, ids),
    },
    now,
    logger: createLogger('error', { write: (line) => void logged.push(line) }),
    ...(outages === undefined ? {} : { outages }),
    counts: (who) => readCounts(staff, who),
  };
  const app = build(pages);
  app.addHook('onRoute', ({ method, url }) => void routes.push(...[method].flat().map((one) => `${one} ${url}`)));
  open.add(app);
  await app.ready();

  const cookies = { [COOKIE_NAME]: COOKIE };
  const get = (url: string, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> =>
    app.inject({ url, cookies, headers });
  const post = (url: string, form: Record<string, string | string[]> = {}, headers: Record<string, string> = {}) =>
    app.inject({
      ...{ method: 'POST', url, cookies },
      payload: new URLSearchParams([
        ['_csrf', csrfTokenOf(COOKIE)],
        ...Object.entries(form).flatMap(([name, value]) => [value].flat().map((one) => [name, one])),
      ]).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });
  return {
    app,
    data,
    auditEvents: staff.store.auditEvents,
    requests,
    /** The messages to recipients. */
    sent,
    /** The lines of the log. */
    logged,
    /** `GET /held` for each route. */
    routes,
    get,
    post,
    /** Sends a form, and returns the page to which the answer redirects, with its address. */
    async submit(url: string, form: Record<string, string | string[]> = {}) {
      const { statusCode, headers } = await post(url, form);
      if (statusCode !== 303) throw new Error(`POST ${url} did not redirect: ${statusCode}`);
      const at = String(headers.location);
      return { at, ...(await get(at)) };
    },
  };
}

function alone(pages: (scope: FastifyInstance) => Promise<void>): FastifyInstance {
  const app = fastify();
  app.register((scope) => pages(scope));
  return app;
}

/** Records unlock signals and triggered schedules; describes and queries nothing. */
function fakeTemporal(data: StoredData, requests: TemporalRequest[], down: boolean): Client {
  const accept = async (request: TemporalRequest) => {
    if (down) throw new Error('down');
    requests.push(request);
  };
  const noAnswer = () => Promise.reject(new Error('no answer'));
  const parts = {
    connection: { withDeadline: <T>(_deadline: number, call: () => Promise<T>) => call() },
    workflow: {
      signalWithStart: (_type: string, { workflowId, signalArgs: [signal] }: SignalOptions) => {
        const record = data.records.find(({ _id }) => patientWorkflowId(_id) === workflowId);
        return accept({ what: 'unlock', of: record?._id ?? workflowId, signal });
      },
      getHandle: () => ({ query: noAnswer }),
    },
    schedule: {
      getHandle: (id: string) => ({
        trigger: () =>
          accept({ what: 'sync', of: INSTANCES.find((instance) => syncScheduleId(instance) === id) ?? id }),
        describe: noAnswer,
      }),
    },
  };
  // Only what the pages call.
  return parts as unknown as Client;
}

interface SignalOptions {
  workflowId: string;
  signalArgs: [UnlockSignal];
}

interface SignedIn {
  role: Role;
  instances: VisibleInstances;
  timeZone: string | null;
  expiresAt: Date;
  now: () => Date;
}

function signedInStore(
  { role, instances, timeZone, expiresAt, now }: SignedIn,
  auditEvents: StaffContext['store']['auditEvents'],
): SignInOptions['store'] {
  const account = {
    _id: 'a',
    name: 'rvale',
    displayName: 'Robin Vale',
    role,
    instances,
    timeZone,
    disabled: false,
    epoch: 1,
  };
  const session = { _id: 's', account: 'a', epoch: 1, startedAt: at, endsAt: LATER, expiresAt };
  const parts = {
    accounts: { get: async () => account },
    sessions: {
      get: async () => (session.expiresAt > now() ? { ...session } : null),
      prolong: async (_id: string, until: Date) => {
        if (until > session.expiresAt) session.expiresAt = until;
      },
    },
    auditEvents,
  };
  // These tests neither sign in nor sign out.
  return parts as unknown as SignInOptions['store'];
}

function instancesIn(all: { _id: string; instance: string }[], ids: readonly string[]): Map<string, string> {
  return new Map(all.filter(({ _id }) => ids.includes(_id)).map(({ _id, instance }) => [_id, instance]));
}
