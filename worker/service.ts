import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import { applyConnections } from '../client/connections/apply.ts';
import { createDirectory, watchDirectory } from '../client/connections/directory.ts';
import { becomeFirstVersion } from '../client/deployments.ts';
import { addressOf } from '../config/insecure.ts';
import type { Instance } from '../config/instances.ts';
import type { Settings } from '../config/settings.ts';
import type { TemporalSettings } from '../config/temporal.ts';
import type { CallFacts } from '../kipu/index.ts';
import { noticeLog, watchInstances } from '../notices/watch.ts';
import { openStore } from '../store/connect.ts';
import { untilAllowed } from '../store/migrations/allowed.ts';
import { countFaults } from '../telemetry/countFaults.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { freeLocalAddress, serveMetrics } from '../telemetry/serve.ts';
import { readState } from '../telemetry/state.ts';
import { startTracing, type Tracing } from '../telemetry/tracing.ts';
import { versionedBundle, workflowBundle } from './bundle.ts';
import { connectTemporal } from './connect.ts';
import { contextMaker, instanceContexts } from './instances.ts';
import { installRuntime } from './runtime.ts';
import { warnOfMissing } from './warnOfMissing.ts';
import { limitCalls, type RunningWorker, startWorker } from './worker.ts';

/** Options of a worker process, with the addresses of all servers. */
export interface ServiceOptions {
  settings: Settings;
  temporal: TemporalSettings;
  mongoUri: string;
  /** The instances of the settings. Stored connections are added to them. */
  instances: readonly Instance[];
  logger: Logger;
  /** Called with the name of each command that is sent to MongoDB. */
  onMongoCommand?: (name: string) => void;
  /** What must be done before the worker polls; it is prepared at the same time. */
  beforePolling?: Promise<unknown>;
  /** Other tracing than the settings ask for. */
  tracing?: Tracing;
}

export interface Service {
  ready(): Promise<boolean>;
  /** The port of the health endpoints; null if none is configured. */
  healthPort: number | null;
  /** Resolves when the worker has ended, for any reason. */
  done: Promise<void>;
  /** Lets running activities finish within the grace time and closes all connections. May be called again. */
  stop(): Promise<void>;
}

/** Starts the worker process: waits for Temporal, sets the rate limits, polls, and serves its health. */
export async function startService(options: ServiceOptions, signal: AbortSignal): Promise<Service> {
  const { settings, temporal, mongoUri, instances: fixed, logger } = options;
  const { taskQueue } = settings;
  const { metricsAddress } = settings.worker;
  const sdkAddress = metricsAddress === null ? null : await freeLocalAddress();
  installRuntime({ logger, level: settings.worker.logLevel, metricsAddress: sdkAddress });
  const tracing = options.tracing ?? (await startTracing(settings.telemetry.tracesUrl));

  let worker: RunningWorker | null = null;
  let connection: NativeConnection | null = null;
  const ready = async () => worker?.polls() === true && connection !== null && (await answers(connection));
  const health = settings.worker.health === null ? null : serveHealth(settings.worker.health, ready);

  const { onMongoCommand: onCommand } = options;
  const store = openStore({ ...settings.mongo, uri: mongoUri, onCommand, monitor: tracing?.mongo });
  const makeBundle = settings.worker.deployment === null ? workflowBundle : versionedBundle;
  const bundle = makeBundle({ traced: tracing !== null });
  const directory = createDirectory({ store, keys: settings.connectionKeys, fixed });
  const metrics = createMetrics({
    of: 'worker',
    now: () => new Date(),
    state: () =>
      readState({
        ...{ store, instances: () => directory.names(), isPaused: (name) => directory.isPaused(name) },
        ...{ freshWithinMs: settings.freshWithinMs, now: () => new Date() },
        temporal: async () => {
          if (connection === null) throw new Error('not connected yet');
          await answers(connection);
        },
      }),
  });
  // Before Temporal answers: that it does not is one of them.
  const metricsServer =
    metricsAddress === null ? null : await serveMetrics(addressOf(metricsAddress), { text: metrics.text, sdkAddress });
  connection = await connectTemporal(temporal, logger, signal);
  await limitCalls(connection, { namespace: temporal.namespace, taskQueue }, settings.kipu.callsPerSecond, logger);
  // Where MongoDB does not answer yet, activities read the connections when they need one.
  await directory.refresh().catch(() => logger.warn('the KIPU connections could not be read yet'));
  const onCall = (instance: string, call: CallFacts) => {
    metrics.kipuCall(instance, call);
    tracing?.kipuCall(instance, call);
  };
  const contexts = instanceContexts(directory, contextMaker(settings, store, onCall));
  const allowed = Promise.resolve(options.beforePolling).then(() => untilAllowed(store, { log: logger, signal }));
  // The worker reports its failure.
  allowed.catch(() => undefined);
  const starting = startWorker({
    connection,
    namespace: temporal.namespace,
    taskQueue,
    bundle: await bundle,
    beforePolling: allowed,
    graceSeconds: settings.worker.graceSeconds,
    ...{ tracing, outerInterceptors: [countFaults(metrics)] },
    deployment: settings.worker.deployment,
    context: {
      ...{ store, instances: contexts, runs: settings.runs, noticeUrl: settings.noticeUrl },
      ...{ unlockByHand: settings.unlockByHand, now: () => new Date() },
    },
  });
  const closeAll = async () => {
    await contexts.close();
    await store.close();
    await connection?.close();
    health?.close();
    metricsServer?.close();
    // Traces are no reason not to stop.
    await tracing?.flush().catch(() => logger.warn('the last traces could not be sent'));
  };
  const started = await starting.catch(async (error: unknown) => {
    await closeAll();
    throw error;
  });
  worker = started;
  const watching = new AbortController();
  const client = new Client({ connection, namespace: temporal.namespace });
  await warnOfMissing(client, logger);
  const { deployment } = settings.worker;
  const signalOfStop = watching.signal;
  const versioned =
    deployment === null ? null : becomeFirstVersion(client, deployment, { log: logger, signal: signalOfStop });
  const watched = watchInstances(
    {
      ...{ store, client, taskQueue },
      get instances() {
        return directory.names();
      },
      ...{ noticeUrl: settings.noticeUrl, log: noticeLog(logger) },
      timeZoneOf: (instance) => directory.get(instance)?.timeZone,
      channels: { mail: settings.mail, webUrl: settings.web.publicUrl },
      ...{ freshWithinMs: settings.freshWithinMs, everyMinutes: settings.schedule.everyMinutes, now: () => new Date() },
    },
    watching.signal,
  );
  const followed = watchDirectory(directory, {
    ...{ log: logger, signal: watching.signal, connect: () => store.connect() },
    apply: () => applyConnections({ store, client, taskQueue, schedule: settings.schedule, fixed }),
  });
  logger.info({ taskQueue, instances: directory.names() }, 'the worker polls');

  let stopping: Promise<void> | null = null;
  const stop = async () => {
    watching.abort();
    await Promise.all([started.stop(), watched, followed, versioned]);
    await closeAll();
    logger.info('the worker has stopped');
  };
  return {
    ready,
    healthPort: health === null ? null : await portOf(health),
    done: started.done,
    stop: () => (stopping ??= stop()),
  };
}

async function answers(connection: NativeConnection): Promise<boolean> {
  await connection.withDeadline(Date.now() + 2_000, () => connection.workflowService.getSystemInfo({}));
  return true;
}

async function portOf(server: Server): Promise<number> {
  if (!server.listening) await once(server, 'listening');
  // A server that listens on a port has an address of this form.
  return (server.address() as AddressInfo).port;
}

const HEADERS = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/**
 * Serves `GET /health/live` (the process runs) and `GET /health/ready` (it polls, and Temporal answers) with 200 or 503.
 * Liveness depends on no other server, so that their failures do not restart this one.
 */
function serveHealth(at: { host: string; port: number }, ready: () => Promise<boolean>): Server {
  const server = createServer((request, response) => {
    const answer = (ok: boolean) => response.writeHead(ok ? 200 : 503, HEADERS).end(JSON.stringify({ ok }));
    if (request.url === '/health/live') answer(true);
    else if (request.url === '/health/ready') void ready().then(answer, () => answer(false));
    else response.writeHead(404, HEADERS).end();
  });
  return server.listen(at);
}
