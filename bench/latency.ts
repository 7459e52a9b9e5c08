import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { MongoClient } from 'mongodb';
import { forEachConcurrently, requestUnlock } from '../client/unlock.ts';
import type { Instance } from '../config/instances.ts';
import { createLogger } from '../config/logger.ts';
import { readSettings } from '../config/settings.ts';
import { type StandIn, startStandIn, webhooksTo } from '../dev/stand-in/index.ts';
import { KipuClient } from '../kipu/index.ts';
import { openStore } from '../store/connect.ts';
import { startWeb } from '../web/server.ts';
import { startService } from '../worker/service.ts';
import { BARE_QUEUE } from './loop.ts';
import { instancesOf, nothingStarted, type Servers, startServers } from './parts.ts';
import { startMeasured } from './processes.ts';

/*
 * Measures how long it takes until a referral is stored: after an edit in KIPU whose webhook arrives, and after an unlock. Each one
 * by one, when all is at rest, and in a burst; next to a plain GET of a chart with an upsert, and next to a signal to a waiting
 * workflow. Everything runs on this machine, with temporary data on disk: `npx tsx bench/latency.ts`. With `--unlocks`, only the plain
 * GET, the signal and the unlocks are measured. Requests to MongoDB are those of the page and the worker, without those of the poll.
 */

const POLL_MS = 2;
const REST_MS = 100;
const TIMEOUT_MS = 120_000;
const INSTANCE = 'north';
const SECRET = 'a-secret-of-the-benchmark';
const WARM_UP = 5;

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '100' },
    burst: { type: 'string', default: '100' },
    unlocks: { type: 'boolean', default: false },
  },
});
const [TIMES, BURST] = [Number(values.times), Number(values.burst)];
const settings = readSettings({ LOG_LEVEL: 'error', WEB_ADDRESS: '127.0.0.1:0', KIPU_CALLS_PER_SECOND: '1000' });
const started = nothingStarted();
let mongoRequests = 0;
const onMongoCommand = () => {
  mongoRequests += 1;
};

try {
  const standIn = await startStandIn({ instances: [{ name: INSTANCE, charts: 0 }] });
  started.atEnd(() => standIn.close());
  const servers = await startServers(started, settings, true);
  const [instance] = instancesOf(standIn);
  if (instance === undefined) throw new Error('the stand-in has no instance');
  const logger = createLogger('error');
  const { temporal, mongoUri } = servers;
  // Held whatever the webhooks are, so that each record can be unlocked.
  const instances = [{ ...instance, lockPolicy: 'always' as const, webhookSecrets: [SECRET] }];
  const parts = { settings, temporal, mongoUri, instances, logger, onMongoCommand };
  await started.add(startService(parts, new AbortController().signal));
  const web = await started.add(startWeb(parts));
  const plan = webhooksTo({ base: web.url, secret: SECRET, instances: [INSTANCE] });
  for (const webhook of ['patient-creation', 'chart-update'] as const)
    standIn.webhooks.set(INSTANCE, webhook, plan[INSTANCE]?.[webhook] ?? {});

  const lines = [
    await measurePlain(standIn, servers, new KipuClient(instance)),
    await measureSignal(servers, instance),
    ...(values.unlocks ? [] : await measureWebhooks(standIn, servers)),
    ...(await measureUnlocks(standIn, servers)),
  ];
  process.stdout.write(`${['| what | times | p50 | p99 | most |', '|---|---|---|---|---|', ...lines].join('\n')}\n`);
} finally {
  await started.stop();
}

/** The least that anybody can do: read one chart and upsert two documents. */
async function measurePlain(standIn: StandIn, { mongoUri }: Servers, kipu: KipuClient): Promise<string> {
  const mongo = new MongoClient(mongoUri, { writeConcern: { w: 'majority' } });
  const collection = (name: string) => mongo.db('plain').collection<{ _id: string }>(name);
  try {
    const { casefileId } = standIn.add(INSTANCE, { discharge_or_transition_name: 'Facility' });
    return await oneByOne('plain GET and two upserts', async () => {
      const chart = await kipu.chart(casefileId);
      for (const name of ['charts', 'referrals'])
        await collection(name).replaceOne({ _id: casefileId }, { chart, at: new Date() }, { upsert: true });
    });
  } finally {
    await mongo.close();
    await kipu.close();
  }
}

/** From a signal to a waiting workflow until the workflow has ended: what Temporal takes for one round trip, without any activity. */
async function measureSignal({ client, temporal, mongoUri }: Servers, instance: Instance): Promise<string> {
  const worker = await started.add(startMeasured(null));
  await worker.ask({ do: 'bare', atOnce: 1, instance, temporal, mongoUri });
  const waiting = await Promise.all(
    Array.from({ length: TIMES + WARM_UP }, (_, place) =>
      client.workflow.start('bareSignal', { workflowId: `bare-${place}`, taskQueue: BARE_QUEUE }),
    ),
  );
  await sleep(REST_MS * 10);
  return oneByOne('signal to a waiting workflow until it has ended', async () => {
    const workflow = waiting.pop();
    await workflow?.signal('go');
    await workflow?.result();
  });
}

/** From an edit in KIPU until its referral is stored, by its webhook alone. */
async function measureWebhooks(standIn: StandIn, servers: Servers): Promise<string[]> {
  const edit = (casefileId: string, destination: string) =>
    standIn.edit(INSTANCE, casefileId, { discharge_or_transition_name: destination });
  const open = { discharge_date: null, discharge_or_transition_name: 'Facility' };
  const ids = Array.from({ length: BURST }, () => standIn.add(INSTANCE, open).casefileId);
  await untilDestination(servers, ids, 'Facility');
  await untilAtRest(servers);
  let edits = 0;
  const alone = await oneByOne(
    'edit in KIPU, alone',
    async () => {
      edits += 1;
      edit(ids[0] ?? '', `Facility ${edits}`);
      await untilDestination(servers, ids.slice(0, 1), `Facility ${edits}`);
    },
    () => untilAtRest(servers),
  );
  const burst = await timesOfBurst(servers, ids, 'Facility of the burst', () => {
    for (const id of ids) edit(id, 'Facility of the burst');
  });
  await untilAtRest(servers);
  return [alone, line(`edits of ${BURST} charts at once`, burst)];
}

/** From an unlock until the referral of the record is stored. */
async function measureUnlocks(standIn: StandIn, servers: Servers): Promise<string[]> {
  const held = async (count: number, destination: string) => {
    const chart = { discharge_date: '2026-01-02', discharge_or_transition_name: destination };
    const ids = Array.from({ length: count }, () => standIn.add(INSTANCE, chart).casefileId);
    const { records } = servers.store.collections;
    const query = { casefileId: { $in: ids }, status: 'held' as const };
    await until(async () => (await records.countDocuments(query)) === count);
    await sleep(REST_MS);
    return (await records.find(query).toArray()).map(({ _id, casefileId }) => ({
      _id,
      casefileId,
      instance: INSTANCE,
    }));
  };
  const page = openStore({ ...settings.mongo, uri: servers.mongoUri, onCommand: onMongoCommand });
  started.atEnd(() => page.close());
  const unlock = (record: { _id: string; instance: string }) =>
    requestUnlock({ store: page, client: servers.client, taskQueue: settings.taskQueue }, record, {
      viewer: { who: 'bench', from: 'terminal' },
      name: null,
      why: null,
    });
  const waiting = await held(TIMES + WARM_UP, 'Facility of an unlock');
  const alone = await oneByOne(
    'unlock, alone',
    async () => {
      const record = waiting.pop();
      if (record === undefined) throw new Error('No record is held.');
      await unlock(record);
      await untilDestination(servers, [record.casefileId], 'Facility of an unlock');
    },
    () => sleep(REST_MS),
  );
  const many = await held(BURST, 'Facility of unlocks');
  const ids = many.map(({ casefileId }) => casefileId);
  let unlocking: Promise<unknown> = Promise.resolve();
  const before = mongoRequests;
  const burst = await timesOfBurst(servers, ids, 'Facility of unlocks', () => {
    // As the page and the command unlock several.
    unlocking = forEachConcurrently(many, 10, async (record) => void (await unlock(record)));
  });
  await unlocking;
  const each = ((mongoRequests - before) / BURST).toFixed(1);
  process.stderr.write(`${each} requests to MongoDB for each unlock of the burst\n`);
  return [alone, line(`unlocks of ${BURST} records at once`, burst)];
}

async function oneByOne(
  what: string,
  act: () => Promise<unknown>,
  rest: () => Promise<unknown> = async () => null,
): Promise<string> {
  const times: number[] = [];
  for (let time = 0; time < WARM_UP + TIMES; time += 1) {
    const begun = performance.now();
    await act();
    if (time >= WARM_UP) times.push(performance.now() - begun);
    await rest();
  }
  return line(what, times);
}

/** Returns, for each chart, how long after the beginning its referral has the destination. */
async function timesOfBurst(
  { store }: Servers,
  ids: readonly string[],
  destination: string,
  begin: () => void,
): Promise<number[]> {
  const from = performance.now();
  const times = new Map<string, number>();
  begin();
  await until(async () => {
    const found = await store.collections.referrals
      .find({ casefileId: { $in: [...ids] }, destination }, { projection: { casefileId: 1 } })
      .toArray();
    for (const { casefileId } of found) if (!times.has(casefileId)) times.set(casefileId, performance.now() - from);
    return times.size === ids.length;
  }, 20);
  return [...times.values()];
}

/** No workflow of an open record runs: a change that comes sooner waits a second. */
async function untilAtRest({ client }: Servers): Promise<void> {
  const running = `WorkflowType = 'patientWorkflow' AND ExecutionStatus = 'Running'`;
  await sleep(REST_MS);
  await until(async () => (await client.workflow.count(running)).count === 0, REST_MS);
}

async function untilDestination({ store }: Servers, ids: string[], destination: string): Promise<void> {
  const query = { casefileId: { $in: ids }, destination };
  await until(async () => (await store.collections.referrals.countDocuments(query)) === ids.length);
}

async function until(done: () => Promise<boolean>, pollMs: number = POLL_MS): Promise<void> {
  for (const end = performance.now() + TIMEOUT_MS; performance.now() < end; await sleep(pollMs))
    if (await done()) return;
  throw new Error('It did not happen within two minutes.');
}

function line(what: string, times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => `${Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN)} ms`;
  return `| ${what} | ${times.length} | ${at(0.5)} | ${at(0.99)} | ${at(1)} |`;
}
