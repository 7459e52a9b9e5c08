import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../../config/logger.ts';
import { readSettings } from '../../config/settings.ts';
import { startMongo } from '../../dev/servers/mongo.ts';
import { freePort } from '../../dev/servers/ports.ts';
import { startTemporal } from '../../dev/servers/temporal.ts';
import { openStore } from '../../store/connect.ts';
import type { DeliveryDocument } from '../../store/documents.ts';
import { startWeb, type Web, type WebOptions } from '../../web/server.ts';
import { patientWorkflowId } from '../../workflows/messages.ts';
import { root, withTypeScript } from '../support/imports.ts';
import { newDatabaseName } from '../support/mongoServer.ts';
import { mongoForTests, stopAtEnd, temporaryFolder } from '../support/servers.ts';

const secret = 'whsec_bm9ydGgtc2VjcmV0LW9mLW91cnM=';
const chart = (n: number) => `${n}:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe`;
const bodyOf = (n: number) =>
  JSON.stringify({ patient: { casefile_id: chart(n), first_name: 'Ada', last_name: 'Wren' } });

const folder = await temporaryFolder();
const { uri } = await mongoForTests();
const nobody = await freePort();
const running = new Set<Web>();
afterEach(async () => {
  await Promise.all([...running].map((web) => web.stop()));
  running.clear();
});

/** Starts a receiver with its own database, and by default without a Temporal. */
async function receiver(options: { mongoUri?: string; temporal?: string; drain?: WebOptions['drain'] } = {}) {
  const database = newDatabaseName();
  const settings = readSettings({ WEB_ADDRESS: '127.0.0.1:0', MONGODB_DATABASE: database, WEBHOOKS_PER_SECOND: '500' });
  const mongoUri = options.mongoUri ?? uri;
  const address = options.temporal ?? `127.0.0.1:${nobody}`;
  const store = openStore({ uri: mongoUri, database });
  closing.push(() => store.close());
  await store.setUp();
  const parts = { settings, mongoUri, temporal: { address, namespace: 'default', connection: { address } } };
  const web = await start({ ...parts, ...(options.drain === undefined ? {} : { drain: options.drain }) });
  const deliveries = (filter: Partial<DeliveryDocument> = {}) => store.collections.deliveries.find(filter).toArray();
  return { web, parts, store, deliveries };
}
const closing: (() => Promise<void>)[] = [];
afterAll(async () => void (await Promise.all(closing.map((close) => close()))));

async function start(options: Pick<WebOptions, 'settings' | 'mongoUri' | 'temporal' | 'drain'>): Promise<Web> {
  const web = await startWeb({
    ...options,
    instances: [
      {
        name: 'north',
        baseUrl: '',
        accessId: '',
        secretKey: '',
        appId: '',
        digest: 'sha256',
        lockPolicy: 'never',
        webhookSecrets: [secret],
      },
    ],
    logger: createLogger('silent'),
    dispatcher: { restMs: 200, pauseMs: { least: 50, most: 500 } },
    heartbeat: { everyMs: 1_000 },
    outages: { everyMs: 200, soonMs: 200, timeoutMs: 1_000 },
  });
  running.add(web);
  return web;
}

const post = (
  web: Pick<Web, 'url'>,
  body: string,
  headers: Record<string, string> = { 'x-webhook-secret': secret },
  webhook = 'chart-update',
) =>
  fetch(`${web.url}/webhooks/north/${webhook}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });

function signed(body: string, id: string): Record<string, string> {
  const at = new Date();
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret).sign(id, at, body),
  };
}

/** Returns a history as JSON, with payloads as text. */
function textOf(history: unknown): string {
  return JSON.stringify(history, (_, value) => (value instanceof Uint8Array ? Buffer.from(value).toString() : value));
}

describe('A delivery', () => {
  it('is stored before it is answered, with the casefile id and nothing else of the body', async () => {
    const { web, deliveries } = await receiver();
    expect((await post(web, bodyOf(1))).status).toBe(202);
    const [stored, ...more] = await deliveries();
    expect(more).toEqual([]);
    expect(stored).toMatchObject({
      instance: 'north',
      webhook: 'chart-update',
      casefileId: chart(1),
      state: 'waiting',
    });
    expect(JSON.stringify(stored)).not.toMatch(/Ada|Wren/);
    const keptDays = ((stored?.expiresAt.getTime() ?? 0) - (stored?.receivedAt.getTime() ?? 0)) / 86_400_000;
    expect(keptDays).toBe(14);
  });

  it('that arrives a hundred times at once is stored once', async () => {
    const { web, deliveries } = await receiver();
    const answers = await Promise.all(Array.from({ length: 100 }, () => post(web, bodyOf(1))));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect((await deliveries()).map(({ state, times }) => [state, times])).toEqual([['waiting', 100]]);
  });

  it('that is signed counts once, also after it was dispatched', async () => {
    const { web, store, deliveries } = await receiver();
    const headers = signed(bodyOf(1), 'msg_1');
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(web, bodyOf(1), headers)));
    await store.deliveries.markDispatched(await deliveries(), new Date());
    answers.push(await post(web, bodyOf(1), headers), await post(web, bodyOf(1), signed(bodyOf(1), 'msg_2')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect((await deliveries()).map(({ state, times }) => [state, times]).sort()).toEqual([
      ['dispatched', 1],
      ['waiting', 1],
    ]);
  });

  it('that is signed and replayed to the address of the other webhook does not count there', async () => {
    const { web, deliveries } = await receiver();
    const headers = signed(bodyOf(1), 'msg_1');
    const statuses = [];
    for (const webhook of ['chart-update', 'patient-creation'])
      statuses.push((await post(web, bodyOf(1), headers, webhook)).status);
    expect(statuses).toEqual([202, 202]);
    expect((await deliveries()).map(({ webhook, times }) => [webhook, times])).toEqual([['chart-update', 1]]);
  });

  it('that arrives while the one before is dispatched stays waiting', async () => {
    const { web, store, deliveries } = await receiver();
    await post(web, bodyOf(1));
    const read = await store.deliveries.waiting(null, 10);
    await post(web, bodyOf(1));
    await store.deliveries.markDispatched(read, new Date());
    expect((await deliveries()).map(({ state, times }) => [state, times])).toEqual([['waiting', 2]]);
    await store.deliveries.markDispatched(await deliveries(), new Date());
    await post(web, bodyOf(1));
    expect((await deliveries({ state: 'waiting' })).map(({ times }) => times)).toEqual([1]);
    expect(await deliveries({ state: 'dispatched' })).toHaveLength(1);
  });

  it.each([
    ['with a length', { 'content-length': String(30 * 1_024 * 1_024) }],
    ['in pieces', { 'transfer-encoding': 'chunked' }],
  ])('of 30 MB %s is refused, and the next one is accepted', async (_, headers) => {
    const { web, deliveries } = await receiver();
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(`${web.url}/webhooks/north/chart-update`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-webhook-secret': secret, ...headers },
      });
      let answered = false;
      sent.on('response', (answer) => {
        answered = true;
        resolve(answer.statusCode);
        sent.destroy();
      });
      // The server closes the connection after its answer if the client keeps sending.
      sent.on('error', (error) => (answered ? undefined : reject(error)));
      const piece = Buffer.alloc(64 * 1_024, ' ');
      let left = 480;
      const write = () => {
        while (left > 0 && !sent.destroyed) {
          left -= 1;
          if (!sent.write(piece)) return void sent.once('drain', write);
        }
        if (!sent.destroyed) sent.end();
      };
      write();
    });
    expect(status).toBe(413);
    expect(await deliveries()).toEqual([]);
    expect((await post(web, bodyOf(1))).status).toBe(202);
  });
});

describe('Waiting deliveries', () => {
  it('are read page by page, oldest first', async () => {
    const { store } = await receiver();
    const add = (n: number, second: number) =>
      store.deliveries.add({
        instance: 'north',
        webhook: 'chart-update',
        casefileId: chart(n),
        webhookId: null,
        at: new Date(Date.UTC(2026, 2, 2, 10, 0, second)),
      });
    await Promise.all([add(1, 3), add(2, 1), add(3, 2), add(4, 2), add(5, 2)]);
    const found: string[] = [];
    for (let page = await store.deliveries.waiting(null, 2); page.length > 0; ) {
      found.push(...page.map(({ casefileId }) => casefileId));
      page = await store.deliveries.waiting(page.at(-1) ?? null, 2);
    }
    expect([found[0], found.slice(1, 4).sort(), found.slice(4)]).toEqual([
      chart(2),
      [chart(3), chart(4), chart(5)],
      [chart(1)],
    ]);
  });
});

describe('While MongoDB is down', () => {
  it('deliveries are answered 503, also by a receiver started then, and 202 again afterwards', async () => {
    const options = { storagePath: join(folder, 'mongo'), logFile: join(folder, 'mongo.log'), port: await freePort() };
    const first = await startMongo(options);
    const { web, parts, store, deliveries } = await receiver({ mongoUri: first.uri });
    expect((await post(web, bodyOf(1))).status).toBe(202);
    await vi.waitUntil(() => store.collections.receiverUptime.countDocuments(), { timeout: 20_000 });
    const before = new Date();
    await vi.waitUntil(() => store.receiverUptime.covered(before, before), { timeout: 20_000 });
    await first.stop();

    const refused = await post(web, bodyOf(2));
    expect([refused.status, await refused.json()]).toEqual([503, { accepted: false, why: 'try-again' }]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const down = new Date();
    const started = await start(parts);
    expect((await post(started, bodyOf(2))).status).toBe(503);
    // The pages say so at once, instead of waiting for the database.
    const page = async () => (await fetch(`${web.url}/sign-in`)).text();
    await expect.poll(page, { timeout: 30_000 }).toMatch(/The database is not responding\..* Since <time/s);

    const second = startMongo(options);
    stopAtEnd(second);
    await second;
    await vi.waitUntil(async () => (await post(web, bodyOf(2))).status === 202, { timeout: 60_000, interval: 200 });
    await vi.waitUntil(async () => (await post(started, bodyOf(2))).status === 202, { timeout: 60_000, interval: 200 });
    await expect.poll(page, { timeout: 30_000 }).toContain('<h1>Sign in</h1>');
    const again = () => store.collections.receiverUptime.findOne({ from: { $gt: down } });
    const { from: after } = await vi.waitUntil(again, { timeout: 30_000 });
    expect((await deliveries()).map(({ casefileId }) => casefileId).sort()).toEqual([chart(1), chart(2)]);
    expect(await store.receiverUptime.covered(after, after)).toBe(true);
    expect(await store.receiverUptime.covered(before, after)).toBe(false);
    expect(await store.receiverUptime.covered(down, down)).toBe(false);
  });
});

it('A server that is stopped says so first, and accepts deliveries until the time of WEB_DRAIN_SECONDS is over', async () => {
  let end = (): void => undefined;
  const drained = new Promise<void>((resolve) => {
    end = resolve;
  });
  const { web, deliveries } = await receiver({ drain: () => drained });
  running.delete(web);
  const ready = async () => (await fetch(`${web.url}/health/ready`)).status;
  expect(await ready()).toBe(200);
  const stopped = web.stop();
  expect(await ready()).toBe(503);
  expect((await post(web, bodyOf(1))).status).toBe(202);
  end();
  await stopped;
  expect(await deliveries()).toHaveLength(1);
  await expect(post(web, bodyOf(2))).rejects.toThrow('fetch failed');
});

describe('While Temporal is down', () => {
  it('deliveries are answered 202, and dispatched when it is back', async () => {
    const options = { dbFile: join(folder, 'temporal.db'), port: await freePort(), uiPort: false } as const;
    const first = await startTemporal(options);
    const { web, store, deliveries } = await receiver({ temporal: first.address });
    await post(web, bodyOf(1));
    await vi.waitUntil(async () => (await deliveries({ state: 'dispatched' })).length === 1, { timeout: 30_000 });
    await first.stop();

    const answers = await Promise.all([1, 2, 3].map((n) => post(web, bodyOf(n))));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(await deliveries({ state: 'waiting' })).toHaveLength(3);

    const second = startTemporal(options);
    stopAtEnd(second);
    const connection = await Connection.connect({ address: (await second).address });
    closing.push(() => connection.close());
    await vi.waitUntil(async () => (await deliveries({ state: 'waiting' })).length === 0, { timeout: 60_000 });

    const client = new Client({ connection });
    const records = await store.records.ofCharts('north', [chart(1), chart(2), chart(3)]);
    expect(records.map(({ status, pending }) => [status, pending])).toEqual(Array(3).fill(['new', true]));
    for (const record of records) {
      const history = await client.workflow.getHandle(patientWorkflowId(record._id)).fetchHistory();
      const signals = history.events?.filter(({ workflowExecutionSignaledEventAttributes: signal }) => signal) ?? [];
      // At least: a server that is stopping or starting may have accepted a signal without confirming it.
      expect(signals.length).toBeGreaterThanOrEqual(record.casefileId === chart(1) ? 2 : 1);
      // Temporal gets opaque ids and nothing of the chart.
      expect(textOf(history)).toContain(record._id);
      expect(textOf(history)).not.toContain(record.masterId);
    }
  });
});

describe('The record of a chart with a webhook', () => {
  it('is created once for concurrent webhooks, and is the one that a run created', async () => {
    const { store } = await receiver();
    const ensure = (n: number) => store.records.ensureRecord('north', chart(n), chart(n).slice(2), new Date());
    const all = await Promise.all(Array.from({ length: 20 }, () => ensure(1)));
    expect(new Set(all.map((one) => one?._id)).size).toBe(1);
    expect(
      await store.records.owed('north', { after: null, runStart: new Date(), now: new Date(), limit: 10 }),
    ).toEqual([all[0]?._id]);
    const row = { casefileId: chart(2), masterId: chart(2).slice(2), lastUpdatedAt: '2026-03-02T10:00:00.000Z' };
    await store.records.upsertListed('north', [row], new Date());
    const [listed] = await store.records.ofCharts('north', [chart(2)]);
    expect(await ensure(2)).toEqual({ _id: listed?._id, instance: 'north', held: false });
    expect((await store.records.get(listed?._id ?? ''))?.listedVersion).toBe(row.lastUpdatedAt);
  });
});

describe('The command web', () => {
  it('receives webhooks while Temporal is down, and exits with 0 on SIGTERM', async () => {
    const { store, parts } = await receiver();
    const child = spawn(process.execPath, [...withTypeScript, 'cli/main.ts', 'web'], {
      cwd: root,
      env: {
        PATH: process.env.PATH ?? '',
        DATA_DIR: join(folder, 'never-made'),
        MONGODB_URI: uri,
        MONGODB_DATABASE: parts.settings.mongo.database,
        TEMPORAL_ADDRESS: parts.temporal.address,
        WEB_ADDRESS: '127.0.0.1:0',
        ...{ KIPU_INSTANCE_NAME: 'north', KIPU_ACCESS_ID: 'a', KIPU_SECRET_KEY: 'b', KIPU_APP_ID: 'c' },
        KIPU_WEBHOOK_SECRETS: secret,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    stopAtEnd(Promise.resolve({ stop: async () => void child.kill('SIGKILL') }));
    let logged = '';
    child.stdout.on('data', (text) => {
      logged += text;
    });
    const url = await vi.waitUntil(() => /"url":"([^"]+)"/.exec(logged)?.[1], { timeout: 30_000 });
    expect((await post({ url }, bodyOf(1))).status).toBe(202);
    child.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
    expect(logged).toContain('stopped receiving webhooks');
    expect(logged).not.toMatch(new RegExp(`${chart(1).slice(2)}|Ada|${secret}`));
    expect((await store.deliveries.waiting(null, 10)).map(({ casefileId }) => casefileId)).toEqual([chart(1)]);
  });
});
