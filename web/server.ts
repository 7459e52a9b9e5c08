import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { Logger } from 'pino';
import { auditRefusedDelivery } from '../client/audit.ts';
import { applyConnections } from '../client/connections/apply.ts';
import { createDirectory, watchDirectory } from '../client/connections/directory.ts';
import { isTrialOnly } from '../client/connections/manage.ts';
import { readFreshness } from '../client/freshness.ts';
import type { Instance } from '../config/instances.ts';
import type { Settings } from '../config/settings.ts';
import { settingViews } from '../config/settingViews.ts';
import type { TemporalSettings } from '../config/temporal.ts';
import { pagesUnavailableReason } from '../config/web.ts';
import { testConnection } from '../connection/report.ts';
import type { Message } from '../domain/notification.ts';
import { kindsWithoutSecret } from '../domain/webhookSecrets.ts';
import { sendTo, type Target } from '../notices/channels.ts';
import { noticeLog, watchInstances } from '../notices/watch.ts';
import { openStore } from '../store/connect.ts';
import { startTracing, type Tracing } from '../telemetry/tracing.ts';
import { buildWebApp } from './app.ts';
import { createSessions } from './auth/index.ts';
import { createHealthReaders } from './health.ts';
import { withTimeout } from './http/checks.ts';
import { webMetrics } from './metrics.ts';
import { type OutagesOptions, watchOutages } from './outages.ts';
import { pages } from './pages.ts';
import type { StaffContext } from './staff/context.ts';
import { type DispatcherOptions, startDispatcher } from './webhooks/dispatcher.ts';
import { type HeartbeatOptions, startHeartbeat } from './webhooks/heartbeat.ts';
import type { WebhookOptions } from './webhooks/receiver.ts';
import { signalChartChanged } from './webhooks/signal.ts';

/** With gRPC's defaults, noticing that Temporal is back after an hour takes up to two minutes. */
const RECONNECT_MS = { 'grpc.initial_reconnect_backoff_ms': 500, 'grpc.max_reconnect_backoff_ms': 5_000 };

/** How long Temporal may take to answer before it counts as silent. */
const OUTAGE_MS = 5_000;
/** How many runs say since when an instance's KIPU is away. */
const OUTAGE_RUNS = 50;
/** How long the start waits for the stored connections. */
const FIRST_READ_MS = 2_000;

export interface WebOptions {
  settings: Omit<Settings, 'dataDir' | 'instances' | 'unlockByHand' | 'insecure' | 'worker' | 'standIn'>;
  mongoUri: string;
  temporal: TemporalSettings;
  /** The instances of the settings. Stored connections are added to them. */
  instances: readonly Instance[];
  logger: Logger;
  onRefused?: NonNullable<WebhookOptions['onRefused']>;
  /** The address of Temporal's web UI, if known. */
  uiUrl?: string | null;
  /** With a stand-in in this process: lets it send a webhook of the instance. */
  testWebhook?: StaffContext['testWebhook'];
  /** With a stand-in in this process: what the page *Demo* changes there. */
  demo?: StaffContext['demo'];
  /** Other intervals, for tests. */
  dispatcher?: Pick<DispatcherOptions, 'restMs' | 'pauseMs'>;
  heartbeat?: Pick<HeartbeatOptions, 'everyMs' | 'lateMs'>;
  outages?: Pick<OutagesOptions, 'everyMs' | 'soonMs' | 'timeoutMs'>;
  directory?: { everyMs: number };
  drain?: (ms: number) => Promise<unknown>;
  /** Other tracing than the settings ask for. */
  tracing?: Tracing;
}

export interface Web {
  /** `http://host:port` */
  url: string;
  /**
   * Says that it stops, serves for WEB_DRAIN_SECONDS more, then stops listening, answers open requests, and resolves when
   * everything is stopped.
   */
  stop(): Promise<void>;
}

/**
 * Starts the web server: it receives and dispatches webhooks, and serves the staff pages. It starts without Temporal and
 * MongoDB: while Temporal is down deliveries wait, while MongoDB is down they are answered 503.
 */
export async function startWeb(options: WebOptions): Promise<Web> {
  const { settings, temporal, instances: fixed, logger } = options;
  const now = () => new Date();
  const tracing = options.tracing ?? (await startTracing(settings.telemetry.tracesUrl));
  const store = openStore({ ...settings.mongo, uri: options.mongoUri, monitor: tracing?.mongo });
  const connection = Connection.lazy({
    ...temporal.connection,
    channelArgs: RECONNECT_MS,
    // No retries in the client: deliveries that cannot be dispatched wait in MongoDB and are retried from there.
    interceptors: [],
  });
  const { namespace } = temporal;
  const client = new Client({ connection, namespace, interceptors: { workflow: tracing?.client ?? [] } });

  const directory = createDirectory({ store, keys: settings.connectionKeys, fixed });
  const dispatcher = startDispatcher({
    store,
    inTrace: ({ instance, trace = null }, work) =>
      tracing === null || trace === null ? work() : tracing.inSpan('dispatch', { instance, parent: trace }, work),
    isPaused: (instance) => directory.isPaused(instance),
    signalChartChanged: (record, signal) => signalChartChanged(client, record, settings.taskQueue, signal),
    now,
    logger,
    ...options.dispatcher,
  });
  let interrupted = (): void => undefined;
  let draining = false;
  const auditRefusal: WebhookOptions['onRefused'] = (instance, webhook, reason) =>
    auditRefusedDelivery(store, { instance, webhook, reason }, now());
  const askTemporal = () =>
    connection.withDeadline(Date.now() + OUTAGE_MS, () => client.workflowService.getSystemInfo({}));
  const { metrics, serve: serveMetrics } = webMetrics({ settings, store, directory, temporal: askTemporal, now });
  let stopMetrics = (): void => undefined;
  const outages = watchOutages({
    temporal: askTemporal,
    database: () => store.ping(),
    runs: (instance) => store.runs.endings(instance, OUTAGE_RUNS),
    instances: () => directory.names(),
    now,
    ...options.outages,
  });
  const noPagesReason = pagesUnavailableReason(settings.web);
  const channels = { mail: settings.mail, webUrl: settings.web.publicUrl };
  let listenUrl = '';
  const { taskQueue, schedule } = settings;
  const apply = () => applyConnections({ store, client, taskQueue, schedule, fixed });
  const staff = {
    ...{ freshWithinMs: settings.freshWithinMs, taskQueue, namespace },
    temporal: () => client,
    uiUrl: options.uiUrl ?? null,
    connections: {
      fixed,
      manage: { store, keys: settings.connectionKeys, fixed, trialOnly: isTrialOnly(settings), now },
      isRetired: (name: string) => directory.isRetired(name),
      test: (instance: Instance) => testConnection(instance, settings),
      async apply() {
        await directory.refresh();
        // The watch of the directory tries again.
        await apply().catch(() => logger.warn('a changed KIPU connection could not be applied yet'));
      },
    },
    webUrl: () => settings.web.publicUrl ?? listenUrl,
    sendTo: (target: Target, message: Message) => sendTo(target, message, channels, now()),
    hasMail: settings.mail !== null,
    settings: () => settingViews(),
    noticeHost: settings.noticeUrl === null ? null : new URL(settings.noticeUrl).host,
    ...(options.testWebhook === undefined ? {} : { testWebhook: options.testWebhook }),
    ...(options.demo === undefined ? {} : { demo: options.demo }),
  };
  const pageSettings = { ...settings.web, hasMail: settings.mail !== null };
  const app = buildWebApp({
    ...(noPagesReason === null
      ? { pages: pages({ store, settings: pageSettings, now, logger, staff, outages, directory }) }
      : {}),
    trustedProxies: settings.web.trustedProxies,
    instances: () => directory.all(),
    deliveries: store.deliveries,
    now,
    logger,
    webhooksPerSecond: settings.web.webhooksPerSecond,
    onAccepted: () => dispatcher.wake(),
    onNotAccepted: () => interrupted(),
    onRefused: options.onRefused ?? auditRefusal,
    onAnswered: (...answered) => metrics.webhookReceived(...answered),
    ...(tracing === null ? {} : { tracing, trace: () => tracing.current() }),
    health: {
      ping: () => store.ping(),
      isDraining: () => draining,
      visibleTo: createHealthReaders({
        token: settings.web.healthToken,
        https: settings.web.publicUrl?.startsWith('https:') ?? false,
        trustedProxies: settings.web.trustedProxies,
        sessions: createSessions(store, {
          ...{ idleMs: settings.web.idleMs, now },
          requireSecondFactor: settings.web.requireSecondFactor,
        }),
      }),
      freshness: () =>
        Promise.all(directory.names().map((name) => readFreshness(store, name, settings.freshWithinMs, now()))),
    },
  });
  const stop = async () => {
    await app.close();
    await outages.stop();
    await dispatcher.stop();
    await connection.close();
    await store.close();
    stopMetrics();
    // Traces are no reason not to stop.
    await tracing?.flush().catch(() => logger.warn('the last traces could not be sent'));
  };

  try {
    stopMetrics = await serveMetrics();
    // Before the first delivery; where MongoDB does not answer, the stored connections come later.
    await withTimeout(FIRST_READ_MS, directory.refresh()).catch(() =>
      logger.warn('the KIPU connections could not be read yet'),
    );
    const url = await app.listen({ host: settings.web.host, port: settings.web.port });
    listenUrl = url;
    const heartbeat = startHeartbeat({ uptime: store.receiverUptime, now, logger, ...options.heartbeat });
    interrupted = () => heartbeat.interrupted();
    logger.info({ url, instances: directory.names() }, 'receiving webhooks');
    const withoutSecrets = fixed.flatMap(({ name, webhookSecrets }) =>
      kindsWithoutSecret(webhookSecrets).map((kind) => `${name} (${kind})`),
    );
    if (withoutSecrets.length > 0)
      logger.warn({ webhooks: withoutSecrets }, 'these webhooks have no secret: all their deliveries are refused');
    if (noPagesReason !== null) logger.warn(`staff page ${noPagesReason}`);
    const watching = new AbortController();
    const watched = watchInstances(
      {
        ...{ store, client, taskQueue: settings.taskQueue, now },
        get instances() {
          return directory.names();
        },
        ...{ freshWithinMs: settings.freshWithinMs, everyMinutes: settings.schedule.everyMinutes },
        ...{ noticeUrl: settings.noticeUrl, log: noticeLog(logger), channels },
        timeZoneOf: (name: string) => directory.get(name)?.timeZone,
      },
      watching.signal,
    );
    const followed = watchDirectory(directory, {
      ...{ log: logger, signal: watching.signal, everyMs: options.directory?.everyMs },
      connect: () => store.connect(),
      apply,
    });
    return {
      url,
      async stop() {
        draining = true;
        await (options.drain ?? sleep)(settings.web.drainMs);
        watching.abort();
        await Promise.all([heartbeat.stop(), watched, followed]);
        await stop();
        logger.info('stopped receiving webhooks');
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
