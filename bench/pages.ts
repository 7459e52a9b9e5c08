import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { parseArgs } from 'node:util';
import type { Client } from '@temporalio/client';
import { addAccount } from '../client/accounts.ts';
import { createDirectory } from '../client/connections/directory.ts';
import type { Instance } from '../config/instances.ts';
import { createLogger } from '../config/logger.ts';
import { settingViews } from '../config/settingViews.ts';
import { startMongo } from '../dev/servers/mongo.ts';
import { HOUR_MS, MINUTE_MS } from '../domain/time.ts';
import { openStore } from '../store/connect.ts';
import { buildWebApp } from '../web/app.ts';
import { createSessions } from '../web/auth/index.ts';
import { pages } from '../web/pages.ts';
import { fillPages, INSTANCES, NOW } from './pagesData.ts';

/*
 * Measures how long the staff pages take with many records: `npx tsx bench/pages.ts --records 10000 --requests 30`. MongoDB and the
 * web server are on this machine, the browser is a plain client, and Temporal answers at once. Prints a table; with `--commands` also which
 * commands each page sent to MongoDB the last time.
 */

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '10000' },
    requests: { type: 'string', default: '30' },
    commands: { type: 'boolean', default: false },
  },
});
const [RECORDS, REQUESTS] = [Number(values.records), Number(values.requests)];
/** Each request of these pages comes a minute after the one before, so that what the navigation counts is read again. */
const A_MINUTE_LATER = ', a minute later';
/** How far the clock of the server is ahead. */
let ahead = 0;
const now = () => new Date(Date.now() + ahead);

const mongo = await startMongo({ storagePath: ':memory:' });
let commands: string[] = [];
const store = openStore({
  ...{ uri: mongo.uri, database: 'pages' },
  monitor: { started: (_id, operation, of) => void commands.push(`${operation} ${of ?? ''}`), ended: () => undefined },
});
try {
  await store.setUp();
  const shown = await fillPages(store, RECORDS);
  const { app, url, cookie } = await serve();
  try {
    const paths = {
      Home: '/',
      'Needs attention': '/attention',
      'Locked records': '/held',
      'a locked record': `/records/${shown.held}`,
      'Unlock EMR Updates': `/records/${shown.held}/unlock`,
      Referrals: '/referrals',
      'a record with a referral': `/records/${shown.linked}`,
      'The day': '/day',
      [`The day${A_MINUTE_LATER}`]: '/day',
      'Sync history': '/runs',
      'a sync': `/runs/${shown.run}`,
      'the records of a sync': `/runs/${shown.run}/records?outcome=saved`,
      'KIPU connections (webhooks)': '/webhooks',
      Help: '/help',
      [`Help${A_MINUTE_LATER}`]: '/help',
      'Your account': '/account',
      People: '/people',
      Audit: '/audit',
      Notifications: '/notifications',
      Settings: '/settings',
      'KIPU connections': '/connections',
    };
    const write = (line: string) => process.stdout.write(`${line}\n`);
    write('| page | fastest | median | p95 | KB | commands |\n|---|---|---|---|---|---|');
    for (const [name, path] of Object.entries(paths)) {
      const { times, bytes } = await measure(url, path, cookie, name.endsWith(A_MINUTE_LATER) ? MINUTE_MS : 0);
      const [fastest, median, slow] = [0, 0.5, 0.95].map((share) => `${at(times, share)} ms`);
      write(`| ${name} | ${fastest} | ${median} | ${slow} | ${Math.round(bytes / 1_024)} | ${commands.length} |`);
      if (values.commands) for (const [command, n] of counted(commands)) write(`  ${n} ${command}`);
    }
  } finally {
    await app.close();
  }
} finally {
  await store.close();
  await mongo.stop();
}

/** Requests a page again and again, one after the other; the first times, which fill caches and compile code, do not count.
 * With `apartMs` the clock of the server advances by that much before each request. */
async function measure(
  url: string,
  path: string,
  cookie: string,
  apartMs: number,
): Promise<{ times: number[]; bytes: number }> {
  const times: number[] = [];
  let bytes = 0;
  for (let n = -3; n < REQUESTS; n += 1) {
    commands = [];
    ahead += apartMs;
    const start = performance.now();
    const { status, size } = await get(`${url}${path}`, cookie);
    if (status !== 200) throw new Error(`${path} answered ${status}`);
    if (n >= 0) times.push(performance.now() - start);
    bytes = size;
  }
  return { times: times.sort((a, b) => a - b), bytes };
}

async function get(url: string, cookie: string): Promise<{ status: number; size: number }> {
  const asked = request(url, { headers: { cookie: `kipu-referrals-session=${cookie}` } }).end();
  const [answer] = await once(asked, 'response');
  let size = 0;
  for await (const chunk of answer) size += chunk.length;
  return { status: answer.statusCode, size };
}

function counted(all: readonly string[]): [string, number][] {
  return [...Map.groupBy(all, (one) => one)].map(([one, same]) => [one, same.length]);
}

function at(sorted: readonly number[], share: number): number {
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
}

async function serve() {
  const logger = createLogger('error');
  const fixed = INSTANCES.map(instanceOf);
  const directory = createDirectory({ store, keys: [], fixed });
  const nothing = () => Promise.reject(new Error('not measured'));
  const settings = { publicUrl: null, openId: null, requireSecondFactor: false, hasMail: true, idleMs: 8 * HOUR_MS };
  const app = buildWebApp({
    ...{ logger, now, instances: () => directory.all(), deliveries: store.deliveries, webhooksPerSecond: 50 },
    onAccepted: () => undefined,
    health: { ping: () => store.ping(), freshness: async () => [], visibleTo: async () => '*' },
    pages: pages({
      ...{ store, settings, now, logger, directory },
      staff: {
        ...{ freshWithinMs: 90 * MINUTE_MS, taskQueue: 'pages', namespace: 'default', uiUrl: 'http://127.0.0.1:8233' },
        ...{ temporal: answersAtOnce, webUrl: () => 'http://127.0.0.1:8080', sendTo: nothing, hasMail: true },
        ...{ noticeHost: null, settings: () => settingViews({}) },
        connections: {
          ...{ fixed, manage: { store, keys: [], fixed, trialOnly: false, now }, test: nothing, apply: nothing },
          isRetired: (name) => directory.isRetired(name),
        },
      },
    }),
  });
  const account = { name: 'ada', displayName: 'Ada Winterbourne', password: randomUUID(), role: 'admin' } as const;
  await addAccount(
    store,
    { ...account, mustChangePassword: false, instances: '*' },
    { who: 'the bench', from: 'command line', at: now() },
  );
  const added = await store.accounts.byName('ada');
  if (added === null) throw new Error('no account');
  const cookie = await createSessions(store, { idleMs: 8 * HOUR_MS, requireSecondFactor: false, now }).start(added);
  return { app, cookie, url: await app.listen({ host: '127.0.0.1', port: 0 }) };
}

function instanceOf(name: string): Instance {
  return {
    ...{ name, baseUrl: 'http://127.0.0.1:1', accessId: 'a', secretKey: 'k', appId: 'p', digest: 'sha256' },
    ...{ lockPolicy: 'webhook-missing', webhookSecrets: {}, timeZone: 'America/New_York' },
  } as Instance;
}

/** Returns a client of Temporal that describes schedules at once. */
function answersAtOnce(): Client {
  const info = {
    createdAt: new Date(NOW),
    nextActionTimes: [new Date(NOW + HOUR_MS)],
    recentActions: [],
    runningActions: [],
  };
  const described = { scheduleId: 'sync', spec: { intervals: [{ every: HOUR_MS }] }, state: { paused: false }, info };
  const parts = { schedule: { getHandle: () => ({ describe: async () => described }) } };
  // Only what the pages call.
  return parts as unknown as Client;
}
