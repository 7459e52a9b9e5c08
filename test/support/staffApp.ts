import type { Client } from '@temporalio/client';
import { type FastifyInstance, fastify, type LightMyRequestResponse } from 'fastify';
import { afterEach } from 'vitest';
import { createLogger } from '../../config/logger.ts';
import type { Role, VisibleInstances } from '../../domain/role.ts';
import { csrfTokenOf } from '../../web/auth/csrf.ts';
import { registerBehindSignIn, type SignInOptions } from '../../web/auth/index.ts';
import { createActions } from '../../web/staff/actions.ts';
import { pageRoutes, type StaffContext } from '../../web/staffRoutes.ts';
import { type Held, memoryStore, nothing } from './memoryStore.ts';
import { at } from './recordFixtures.ts';

export const NOW = new Date(at.getTime() + 2 * 3_600_000);
const COOKIE = 'a-browser';
const LATER = new Date('2100-01-01');

const open = new Set<FastifyInstance>();
afterEach(async () => {
  await Promise.all([...open].map((app) => app.close()));
  open.clear();
});

export interface Deed {
  what: 'unlock' | 'sync';
  of: string;
  by?: string;
  why?: string | undefined;
}

interface SentUnlock {
  args: [{ recordId: string }];
  signalArgs: [{ by: string; why?: string }];
}

export interface DeskOptions {
  role?: Role;
  sees?: VisibleInstances;
  held?: Partial<Held>;
  /** Temporal takes nothing. */
  temporalAway?: boolean;
  facts?: Partial<StaffContext>;
}

/** The pages behind the guard, with somebody signed in. Two instances: north and south. */
export async function desk({ role = 'staff', sees = '*', held = {}, temporalAway = false, facts }: DeskOptions = {}) {
  const data: Held = structuredClone({ ...nothing(), ...held });
  const store = memoryStore(data);
  const deeds: Deed[] = [];
  const away = () => (temporalAway ? Promise.reject(new Error('away')) : Promise.resolve());
  // As much of a client as a request uses.
  const temporal = {
    connection: { withDeadline: (_: number, call: () => Promise<unknown>) => call() },
    workflow: {
      signalWithStart: (_: string, { args, signalArgs }: SentUnlock) =>
        away().then(() => void deeds.push({ what: 'unlock', of: args[0].recordId, ...signalArgs[0] })),
    },
    schedule: {
      getHandle: (id: string) => ({
        trigger: () => away().then(() => void deeds.push({ what: 'sync', of: id.replace('sync/', '') })),
      }),
    },
  } as unknown as Client;
  const staff: StaffContext = {
    store,
    actions: {
      ...createActions(store, () => temporal, 'kipu-referrals'),
      schedule: async () => null,
      progress: async () => null,
    },
    instances: [{ name: 'north', webhookSecrets: ['not to be shown'] }, { name: 'south' }],
    freshWithinMs: 5_400_000,
    webUrl: () => 'https://referrals.example',
    uiUrl: 'http://127.0.0.1:8233',
    namespace: 'default',
    now: () => NOW,
    ...facts,
  };
  const app = fastify();
  const signIn: SignInOptions = {
    store: signedIn(role, sees),
    settings: { publicUrl: null, openId: null, idleMs: 60_000 },
    instancesOf: {
      records: async (ids) => instancesIn(data.records, ids),
      runs: async (ids) => instancesIn(data.runs, ids),
    },
    now: () => NOW,
    logger: createLogger('error', { write: () => undefined }),
  };
  app.register((scope) => registerBehindSignIn(scope, signIn, (behind) => pageRoutes(behind, staff)));
  open.add(app);
  await app.ready();

  const cookies = { 'kipu-referrals-session': COOKIE };
  return {
    data,
    deeds,
    get: (url: string, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> =>
      app.inject({ url, cookies, headers }),
    post: (url: string, form: Record<string, string | string[]> = {}, headers: Record<string, string> = {}) =>
      app.inject({
        ...{ method: 'POST', url, cookies },
        payload: new URLSearchParams([
          ['_csrf', csrfTokenOf(COOKIE)],
          ...Object.entries(form).flatMap(([name, value]) => [value].flat().map((one) => [name, one])),
        ]).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      }),
  };
}

function signedIn(role: Role, instances: VisibleInstances): SignInOptions['store'] {
  const account = { _id: 'a', name: 'rvale', displayName: 'Robin Vale', role, instances, disabled: false, epoch: 1 };
  const session = { _id: 's', account: 'a', epoch: 1, startedAt: at, endsAt: LATER, expiresAt: LATER };
  const parts = {
    accounts: { get: async () => account },
    sessions: { get: async () => session, prolong: async () => {} },
  };
  // Nobody signs in or out here.
  return parts as unknown as SignInOptions['store'];
}

function instancesIn(all: { _id: string; instance: string }[], ids: readonly string[]): Map<string, string> {
  return new Map(all.filter(({ _id }) => ids.includes(_id)).map(({ _id, instance }) => [_id, instance]));
}
