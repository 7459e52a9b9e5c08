import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { ensureSchedule, pauseSchedule } from '../../client/schedules.ts';
import type { Instance } from '../../config/instances.ts';
import { readSettings } from '../../config/settings.ts';
import { startMongo } from '../../dev/servers/mongo.ts';
import { freePort, LOOPBACK } from '../../dev/servers/ports.ts';
import type { ServerProcess } from '../../dev/servers/process.ts';
import { startTemporal } from '../../dev/servers/temporal.ts';
import { type StandIn, startStandIn, webhooksTo } from '../../dev/stand-in/index.ts';
import { DEFAULT_DIGEST } from '../../kipu/index.ts';
import { openStore, type Store } from '../../store/connect.ts';
import { environmentForTests } from '../support/environment.ts';
import { markedPatient } from '../support/patientMarkers.ts';
import { type CommandProcess, startCommandProcess } from '../support/worker-process.ts';
import { type FaultProxy, startToxiproxy } from './toxiproxy.ts';

const POLICIES = { always: 'always', never: 'never', measured: 'webhook-missing' } as const;
const SECRET = 'secret-of-the-faults-tests';
const DATABASE = 'faults';
const TASK_QUEUE = 'faults';
/** With gRPC's defaults, noticing that Temporal is back takes up to two minutes. */
const RECONNECT_MS = { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 1_000 };

/** A part that is killed and started again. */
export interface Part {
  /** Resolves when it is ready to work. */
  ready(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Ends it with a signal, and returns its exit code, which is null if the signal ended it, and how long it took. */
  end(signal: NodeJS.Signals): Promise<{ code: number | null; ms: number }>;
  start(): Promise<void>;
}

/** The whole service as processes, each of which can fail, with the stand-in for KIPU in this process. */
export interface Cluster {
  standIn: StandIn;
  store: Store;
  client: Client;
  instances: readonly Instance[];
  taskQueue: string;
  workers: readonly [Part, Part];
  web: Part;
  temporal: Part;
  mongodb: Part;
  /** Null where connections are direct. */
  proxy: FaultProxy | null;
  /** The texts that must not be found outside MongoDB. */
  marks: readonly string[];
  /** Files of Temporal's data and logs. */
  temporalFiles: readonly string[];
  /** What all processes of the service wrote so far. */
  output(): string;
  stop(): Promise<void>;
}

export interface ClusterOptions {
  seed: number;
  charts: number;
  /** The program of Toxiproxy; null for direct connections. */
  toxiproxy: string | null;
}

/** Starts the service on data that outlives its processes, and waits until it works. */
export async function startCluster({ seed, charts, toxiproxy }: ClusterOptions): Promise<Cluster> {
  const stops: (() => void | Promise<void>)[] = [];
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
    return await start();
  } catch (error) {
    await stop();
    throw error;
  }

  async function start(): Promise<Cluster> {
    const folder = await mkdtemp(join(tmpdir(), 'kipu-referrals-faults-'));
    stops.push(() => rm(folder, { recursive: true, force: true }));
    const [temporalPort, mongoPort, webPort] = [await freePort(), await freePort(), await freePort()];
    const names = Object.keys(POLICIES) as (keyof typeof POLICIES)[];
    const standIn = await startStandIn({
      ...{ seed, instances: names.map((name) => ({ name, charts })) },
      webhooks: webhooksTo({ base: `http://${LOOPBACK}:${webPort}`, secret: SECRET, instances: names }),
    });
    stops.push(() => standIn.close());
    // So that activities are in progress when a fault begins.
    standIn.configure({ all: { latencyMs: 40 } });
    const dbFile = join(folder, 'temporal.db');
    const temporal = serverPart(() => startTemporal({ dbFile, port: temporalPort, uiPort: false }), stops);
    const mongodb = serverPart(() => startMongo({ storagePath: join(folder, 'mongodb'), port: mongoPort }), stops);
    await Promise.all([temporal.start(), mongodb.start()]);

    const store = openStore({ uri: mongoUri(`${LOOPBACK}:${mongoPort}`), database: DATABASE });
    stops.push(() => store.close());
    await store.setUp();
    const connection = Connection.lazy({ address: `${LOOPBACK}:${temporalPort}`, channelArgs: RECONNECT_MS });
    stops.push(() => connection.close());
    const client = new Client({ connection });
    const { schedule } = readSettings({});
    for (const name of names) {
      await ensureSchedule(client, name, TASK_QUEUE, schedule);
      // Only the test starts runs: a paused schedule can still be triggered.
      await pauseSchedule(client, name, true);
    }

    const direct = {
      ...{ 'worker-mongodb': `${LOOPBACK}:${mongoPort}`, 'web-mongodb': `${LOOPBACK}:${mongoPort}` },
      ...{ 'worker-temporal': `${LOOPBACK}:${temporalPort}`, 'web-temporal': `${LOOPBACK}:${temporalPort}` },
      'worker-kipu': `${LOOPBACK}:${standIn.port}`,
    };
    const proxy = toxiproxy === null ? null : await startToxiproxy(toxiproxy, direct, join(folder, 'toxiproxy.log'));
    if (proxy !== null) stops.push(() => proxy.stop());
    const at = (link: keyof typeof direct) => proxy?.addressOf(link) ?? direct[link];

    const instances = standIn.instances.map(({ timeZone: _, ...credentials }): Instance => {
      const lockPolicy = POLICIES[credentials.name as keyof typeof POLICIES];
      const baseUrl = `http://${at('worker-kipu')}`;
      return { ...credentials, digest: DEFAULT_DIGEST, baseUrl, lockPolicy, webhookSecrets: [SECRET] };
    });
    const marked = names.map((name) => ({ name, patient: markedPatient(name) }));
    for (const { name, patient } of marked) standIn.add(name, patient.fields);
    const processes: CommandProcess[] = [];
    const part = (command: 'worker' | 'web', says: string, env: Record<string, string> = {}) =>
      commandPart(says, () => {
        const started = startCommandProcess(command, {
          ...{ folder, instances, atEnd: (kill) => void stops.push(kill) },
          temporalAddress: at(`${command}-temporal`),
          mongoUri: mongoUri(at(`${command}-mongodb`)),
          env: {
            ...{ ...environmentForTests(), LOG_LEVEL: 'info', MONGODB_DATABASE: DATABASE, TASK_QUEUE },
            ...{ KIPU_TIMEOUT_SECONDS: '3', SYNC_PAGE_SIZE: '10', SYNC_MAX_IN_FLIGHT: '6' },
            // Some pages are pulled in batches, others by workflows of their own.
            ...{ SYNC_BULK_FROM: seed % 2 === 0 ? '6' : '1000', WEBHOOK_GRACE_SECONDS: '1', ...env },
          },
        });
        processes.push(started);
        return started;
      });
    const workers = [part('worker', 'the worker polls'), part('worker', 'the worker polls')] as const;
    const web = part('web', 'receiving webhooks', { WEB_ADDRESS: `${LOOPBACK}:${webPort}` });
    await Promise.all([...workers, web].map(async (one) => one.start().then(one.ready)));
    return {
      ...{ standIn, store, client, instances, workers, web, temporal, mongodb, proxy, stop },
      taskQueue: TASK_QUEUE,
      // Parts of dates may be in any log.
      marks: marked.flatMap(({ patient }) => patient.marks.filter((mark) => /Qz|feedc0de/.test(mark))),
      temporalFiles: [dbFile, `${dbFile}-wal`, `${dbFile}.log`],
      output: () => processes.map((one) => one.output()).join('\n'),
    };
  }
}

function mongoUri(address: string): string {
  return `mongodb://${address}/?directConnection=true`;
}

type Stops = (() => void | Promise<void>)[];

function serverPart(launch: () => Promise<ServerProcess>, stops: Stops): Part {
  let running: Promise<ServerProcess> | null = null;
  const stop = async () => (await running?.catch(() => null))?.stop();
  let isToStop = false;
  return {
    ready: async () => void (await running),
    signal: (signal) => void running?.then(({ pid }) => process.kill(pid, signal)).catch(() => undefined),
    async end(signal) {
      const server = await running;
      const from = Date.now();
      if (server !== null) process.kill(server.pid, signal);
      await server?.exited;
      return { code: null, ms: Date.now() - from };
    },
    async start() {
      if (!isToStop) stops.push(stop);
      isToStop = true;
      running = launch();
      await running;
    },
  };
}

function commandPart(says: string, launch: () => CommandProcess): Part {
  let running: { process: CommandProcess; ready: Promise<void> } | null = null;
  return {
    ready: async () => running?.ready,
    signal: (signal) => running?.process.signal(signal),
    end: async (signal) => (running === null ? { code: null, ms: 0 } : running.process.end(signal)),
    async start() {
      const process = launch();
      running = { process, ready: process.says(says) };
    },
  };
}
