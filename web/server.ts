import { Client, Connection } from '@temporalio/client';
import type { Logger } from 'pino';
import { auditRefusedDelivery } from '../client/audit.ts';
import { readFreshness } from '../client/freshness.ts';
import type { Instance } from '../config/instances.ts';
import type { Settings } from '../config/settings.ts';
import type { TemporalSettings } from '../config/temporal.ts';
import { pagesUnavailableReason } from '../config/web.ts';
import { openStore } from '../store/connect.ts';
import { buildWebApp } from './app.ts';
import { pages } from './pages.ts';
import type { StaffOptions } from './staffRoutes.ts';
import { type DispatcherOptions, startDispatcher } from './webhooks/dispatcher.ts';
import { type HeartbeatOptions, startHeartbeat } from './webhooks/heartbeat.ts';
import type { WebhookOptions } from './webhooks/receiver.ts';
import { signalChartChanged } from './webhooks/signalChartChanged.ts';

/** Of a Temporal that comes back after an hour, gRPC's own default would take up to two minutes to notice. */
const RECONNECT_MS = { 'grpc.initial_reconnect_backoff_ms': 500, 'grpc.max_reconnect_backoff_ms': 5_000 };

export interface WebOptions {
  settings: Pick<Settings, 'mongo' | 'taskQueue' | 'web' | 'freshWithinMs'>;
  mongoUri: string;
  temporal: TemporalSettings;
  instances: readonly Instance[];
  logger: Logger;
  onRefused?: NonNullable<WebhookOptions['onRefused']>;
  /** Temporal's own page, where it is known. */
  uiUrl?: string | null;
  /** Where a stand-in runs in this process: lets it send a webhook of the instance. */
  testWebhook?: StaffOptions['testWebhook'];
  /** Other paces than the usual ones, for tests. */
  dispatcher?: Pick<DispatcherOptions, 'restMs' | 'pauseMs'>;
  heartbeat?: Pick<HeartbeatOptions, 'everyMs' | 'lateMs'>;
}

export interface Web {
  /** `http://host:port` */
  url: string;
  /** Stops listening, answers what is in hand, and resolves when all is over. */
  stop(): Promise<void>;
}

/**
 * Receives webhooks and hands them over, and serves the staff's pages. Neither Temporal nor MongoDB has to be up for it to
 * start: without Temporal deliveries wait, without MongoDB they are answered 503.
 */
export async function startWeb(options: WebOptions): Promise<Web> {
  const { settings, temporal, instances, logger } = options;
  const now = () => new Date();
  const store = openStore({ uri: options.mongoUri, database: settings.mongo.database });
  const connection = Connection.lazy({
    ...temporal.connection,
    channelArgs: RECONNECT_MS,
    // Without its own retries: what can't be handed over waits in MongoDB, and is tried again from there.
    interceptors: [],
  });
  const client = new Client({ connection, namespace: temporal.namespace });

  const handOver = startDispatcher({
    store,
    signalChartChanged: (record, signal) => signalChartChanged(client, record, settings.taskQueue, signal),
    now,
    logger,
    ...options.dispatcher,
  });
  let interrupted = (): void => undefined;
  const audited: WebhookOptions['onRefused'] = (instance, webhook, reason) =>
    auditRefusedDelivery(store, { instance, webhook, reason }, now());
  const noPages = pagesUnavailableReason(settings.web);
  let listensAt = '';
  const staff = {
    instances,
    freshWithinMs: settings.freshWithinMs,
    taskQueue: settings.taskQueue,
    temporal: () => client,
    namespace: temporal.namespace,
    uiUrl: options.uiUrl ?? null,
    webUrl: () => settings.web.publicUrl ?? listensAt,
    ...(options.testWebhook === undefined ? {} : { testWebhook: options.testWebhook }),
  };
  const app = buildWebApp({
    ...(noPages === null ? { pages: pages({ store, settings: settings.web, now, logger, staff }) } : {}),
    trustedProxies: settings.web.trustedProxies,
    instances,
    deliveries: store.deliveries,
    now,
    logger,
    webhooksPerSecond: settings.web.webhooksPerSecond,
    onAccepted: () => handOver.wake(),
    onSentAway: () => interrupted(),
    onRefused: options.onRefused ?? audited,
    health: {
      ping: () => store.ping(),
      freshness: () =>
        Promise.all(instances.map(({ name }) => readFreshness(store, name, settings.freshWithinMs, now()))),
    },
  });
  const stop = async () => {
    await app.close();
    await handOver.stop();
    await connection.close();
    await store.close();
  };

  try {
    const url = await app.listen({ host: settings.web.host, port: settings.web.port });
    listensAt = url;
    const heartbeat = startHeartbeat({ uptime: store.receiverUptime, now, logger, ...options.heartbeat });
    interrupted = () => heartbeat.interrupted();
    logger.info({ url, instances: instances.map(({ name }) => name) }, 'webhooks are received');
    const closed = instances.filter(({ webhookSecrets = [] }) => webhookSecrets.length === 0).map(({ name }) => name);
    if (closed.length > 0)
      logger.warn({ instances: closed }, 'without webhook secrets, all their webhooks are refused');
    if (noPages !== null) logger.warn(`staff page ${noPages}`);
    return {
      url,
      async stop() {
        await heartbeat.stop();
        await stop();
        logger.info('webhooks are received no more');
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
