import { isDeepStrictEqual } from 'node:util';
import { MongoClient } from 'mongodb';
import type { Instance } from '../config/instances.ts';
import { readSettings } from '../config/settings.ts';
import type { StandIn } from '../dev/stand-in/index.ts';
import { desiredReferral, type ReferralContent } from '../domain/referral.ts';
import { addDays, utcDay } from '../domain/time.ts';
import { type KipuChart, KipuClient } from '../kipu/index.ts';
import { openStore } from '../store/connect.ts';
import { countHistories, type HistoryCounts } from './histories.ts';
import { BARE_QUEUE, LOOP_DATABASE } from './loop.ts';
import {
  instancesOf,
  newFolder,
  nothingStarted,
  runOnce,
  type Servers,
  type Started,
  scheduleRuns,
  startServers,
} from './parts.ts';
import { type MeasuredProcess, startMeasured, type Usage, usageOf } from './processes.ts';
import { redisProgram, startRedis } from './queue.ts';
import type { Phase, Variant } from './variants.ts';

/** The stand-in's instance. */
export const INSTANCE = 'north';

export interface MeasureOptions {
  charts: number;
  latencyMs: number;
  /** Whether the servers store on disk. */
  onDisk: boolean;
  /** The share of charts that change before the last phase. Default 0.02. */
  changed?: number;
  /** Settings of the service besides those of the variant. */
  env?: Record<string, string>;
  /** The folder for a CPU profile of the measured process. */
  profile?: string;
}

/** One measurement of one phase of a variant. */
export interface Sample {
  variant: string;
  phase: Phase;
  latencyMs: number;
  charts: number;
  /** Charts that had to be pulled. */
  due: number;
  seconds: number;
  kipuCalls: number;
  mongoCommands: number;
  /** Null without Temporal. */
  histories: HistoryCounts | null;
  /** Whether the stored documents are those that the stand-in's charts ask for. */
  equal: boolean;
  /** The CPU time of the phase, and the largest memory so far, of each process; null where it is unknown. */
  used: Record<'measured' | 'temporal' | 'mongo' | 'standIn', Usage | null>;
}

/** Measures every phase of a variant with servers and a process of its own. The stand-in has the charts. */
export async function measure(standIn: StandIn, variant: Variant, options: MeasureOptions): Promise<Sample[]> {
  const started = nothingStarted();
  const { charts, latencyMs, changed = 0.02 } = options;
  const env = {
    ...{ LOG_LEVEL: 'error', KIPU_CALLS_PER_SECOND: '1000', SYNC_MAX_IN_FLIGHT: String(variant.atOnce) },
    ...options.env,
    ...variant.env,
  };
  try {
    const settings = readSettings(env);
    const servers = await startServers(started, settings, options.onDisk);
    const [instance] = instancesOf(standIn);
    if (instance === undefined) throw new Error('the stand-in has no instance');
    const redisPort = variant.kind === 'queue' ? await startQueueServer(started, servers) : 0;
    const child = await started.add(startMeasured(options.profile ?? null));
    const parts = { instance, mongoUri: servers.mongoUri, temporal: servers.temporal };
    const { kind, atOnce, bulk = 1 } = variant;
    if (variant.indexes) await createIndexes(servers.mongoUri);
    if (kind === 'service') await child.ask({ do: 'service', env, ...parts });
    else if (kind === 'loop') await child.ask({ do: 'loop', atOnce, bulk, ...parts });
    else if (kind === 'queue') await child.ask({ do: 'queue', atOnce, redisPort, ...parts });
    else await child.ask({ do: 'bare', atOnce, ...parts });
    await scheduleRuns(servers, INSTANCE, settings);

    const samples: Sample[] = [];
    for (const phase of variant.phases) {
      const due = phase === 'first run' ? charts : phase === 'nothing changed' ? 0 : Math.ceil(changed * charts);
      if (phase === 'some changed') edit(standIn, due);
      standIn.configure({ instances: { [INSTANCE]: { latencyMs, rows: variant.rows ?? 'plain' } } });
      standIn.calls.reset();
      const before = await usageNow(child, servers);
      const { seconds, root } = await runPhase(variant, servers, child);
      const after = await usageNow(child, servers);
      const kipuCalls = standIn.calls.count();
      standIn.configure({ instances: { [INSTANCE]: { latencyMs: 0, rows: 'plain' } } });
      samples.push({
        ...{ variant: variant.name, phase, latencyMs, charts, due, seconds, kipuCalls },
        mongoCommands: after.mongoCommands - before.mongoCommands,
        histories: root && (await countHistories(servers.client, root)),
        equal: isDeepStrictEqual(await storedDocuments(variant, servers), await wantedDocuments(standIn, instance)),
        used: {
          measured: difference(before.measured, after.measured),
          temporal: difference(before.temporal, after.temporal),
          mongo: difference(before.mongo, after.mongo),
          standIn: difference(before.standIn, after.standIn),
        },
      });
    }
    return samples;
  } finally {
    await started.stop();
  }
}

/** Starts Redis, which is then measured in Temporal's place. */
async function startQueueServer(started: Started, { pids }: Servers): Promise<number> {
  const program = redisProgram();
  if (program === null) throw new Error('There is no redis-server on PATH.');
  const { port, pid } = await started.add(startRedis(program, newFolder(started)));
  pids.temporal = pid;
  return port;
}

/** Creates the indexes of the service in the database of the loops, without the validators. */
async function createIndexes(uri: string): Promise<void> {
  const store = openStore({ uri, database: LOOP_DATABASE });
  const mongo = new MongoClient(uri);
  try {
    await store.setUp();
    for (const name of ['records', 'referrals'])
      await mongo.db(LOOP_DATABASE).command({ collMod: name, validator: {}, validationLevel: 'off' });
  } finally {
    await mongo.close();
    await store.close();
  }
}

interface Phased {
  seconds: number;
  /** The workflow that began it; null without Temporal. */
  root: { workflowId: string; runId: string } | null;
}

async function runPhase(
  { kind, atOnce, local = false }: Variant,
  servers: Servers,
  child: MeasuredProcess,
): Promise<Phased> {
  if (kind === 'service') {
    const { seconds, workflowId, _id: runId } = await runOnce(servers, INSTANCE);
    // The run has ended when it is stored as ended; its workflow then still measures the webhooks.
    await servers.client.workflow.getHandle(workflowId, runId).result();
    return { seconds, root: { workflowId, runId } };
  }
  const [now, from] = [new Date(), performance.now()];
  const window = { startDay: utcDay(addDays(now, -1)), endDay: utcDay(addDays(now, 1)) };
  const seconds = () => (performance.now() - from) / 1_000;
  if (kind === 'loop' || kind === 'queue') {
    await child.ask({ do: 'run', window });
    return { seconds: seconds(), root: null };
  }
  const workflow = await servers.client.workflow.start('bareRun', {
    ...{ workflowId: 'bare', taskQueue: BARE_QUEUE },
    args: [{ window, inFlight: atOnce, isLocal: local }],
  });
  await workflow.result();
  return { seconds: seconds(), root: { workflowId: 'bare', runId: workflow.firstExecutionRunId } };
}

let edits = 0;

/** Changes the destination of the first charts. */
function edit(standIn: StandIn, charts: number): void {
  edits += 1;
  for (const { casefileId } of standIn.charts(INSTANCE).slice(0, charts))
    standIn.edit(INSTANCE, casefileId, { discharge_or_transition_name: `Amber House ${edits}` });
}

async function usageNow(child: MeasuredProcess, { pids }: Servers) {
  const { mongoCommands, ...measured } = await child.ask({ do: 'usage' });
  const [temporal, mongo, standIn] = [usageOf(pids.temporal), usageOf(pids.mongo), usageOf(process.pid)];
  return { mongoCommands, measured, temporal, mongo, standIn };
}

function difference(before: Usage | null, after: Usage | null): Usage | null {
  if (before === null || after === null) return null;
  return { cpuSeconds: after.cpuSeconds - before.cpuSeconds, peakMb: after.peakMb };
}

type Documents = Map<string, { chart: unknown; referral: unknown }>;

/** Returns the charts and the content of the referrals that were stored, by casefile id. */
async function storedDocuments({ kind }: Variant, { store, mongoUri }: Servers): Promise<Documents> {
  if (kind === 'service') {
    const records = await store.collections.records.find().toArray();
    const referrals = await store.collections.referrals.find().toArray();
    return pairs(records, referrals, (one) => one.casefileId ?? '');
  }
  const mongo = new MongoClient(mongoUri);
  try {
    const db = mongo.db(LOOP_DATABASE);
    const find = (name: string) => db.collection<{ _id: string }>(name).find().toArray();
    return pairs(await find('records'), await find('referrals'), (one) => one._id);
  } finally {
    await mongo.close();
  }
}

type Found = { _id: string; casefileId?: string; chart?: unknown };

function pairs(records: Found[], referrals: Found[], idOf: (found: Found) => string): Documents {
  const contents = new Map(referrals.map((one) => [idOf(one), contentOf(one as unknown as ReferralContent)]));
  return new Map(
    records
      .map((one) => [idOf(one), { chart: one.chart, referral: contents.get(idOf(one)) ?? null }] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Returns what should be stored: every chart as KIPU's API has it, and the referral that it asks for. */
async function wantedDocuments(standIn: StandIn, instance: Instance): Promise<Documents> {
  const { lockPolicy: _, locationTimeZones: __, timeZone = 'UTC', webhookSecrets: ___, ...access } = instance;
  const kipu = new KipuClient(access);
  try {
    const own = (await kipu.locations()).map(({ name }) => name);
    const charts = await Promise.all(standIn.charts(INSTANCE).map(({ casefileId }) => kipu.chart(casefileId)));
    const wanted = (chart: KipuChart) => {
      const desired = desiredReferral(chart, own, timeZone);
      return { chart, referral: 'content' in desired ? contentOf(desired.content) : null };
    };
    const byId = charts.map((chart) => [chart.casefileId, wanted(chart)] as const);
    return new Map(byId.sort(([a], [b]) => (a < b ? -1 : 1)));
  } finally {
    await kipu.close();
  }
}

function contentOf(one: ReferralContent): ReferralContent {
  const { destination, destinationId, patient, facility, admissionDate, dischargeDate, dischargeType } = one;
  const { levelOfCare, nextLevelOfCare, nextLevelOfCareDate } = one;
  return {
    ...{ destination, destinationId, patient, facility, admissionDate, dischargeDate, dischargeType },
    ...{ levelOfCare, nextLevelOfCare, nextLevelOfCareDate },
  };
}
