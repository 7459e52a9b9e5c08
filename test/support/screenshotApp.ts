import type { Client } from '@temporalio/client';
import { standInDemo } from '../../cli/backing/demo.ts';
import { standInInstances } from '../../cli/backing/standIn.ts';
import { createDirectory } from '../../client/connections/directory.ts';
import { createLogger } from '../../config/logger.ts';
import { settingViews } from '../../config/settingViews.ts';
import type { StandIn } from '../../dev/stand-in/index.ts';
import { HOUR_MS, MINUTE_MS } from '../../domain/time.ts';
import type { Store } from '../../store/connect.ts';
import { buildWebApp } from '../../web/app.ts';
import { pages } from '../../web/pages.ts';
import { testKey } from './memoryConnections.ts';

const KIPU_URL = 'http://127.0.0.1:8090';

/** Serves the pages of this store, with a Temporal that only says when the next sync begins. Ids and addresses are fixed. */
export async function serveScreenshots(
  store: Store,
  standIn: StandIn,
): Promise<{ url: string; stop(): Promise<void> }> {
  const now = () => new Date();
  const logger = createLogger('error');
  const fixed = standInInstances({ instances: standIn.instances, url: KIPU_URL });
  const keys = [testKey(1)];
  const directory = createDirectory({ store, keys, fixed });
  const nothing = () => Promise.reject(new Error('not in the screenshots'));
  const settings = { publicUrl: null, openId: null, requireSecondFactor: false, hasMail: true, idleMs: 8 * HOUR_MS };
  const app = buildWebApp({
    logger,
    now,
    instances: () => directory.all(),
    deliveries: store.deliveries,
    webhooksPerSecond: 50,
    onAccepted: () => undefined,
    health: { ping: () => store.ping(), freshness: async () => [], visibleTo: async () => '*' },
    pages: pages({
      ...{ store, settings, now, logger, directory },
      staff: {
        ...{ freshWithinMs: 90 * MINUTE_MS, taskQueue: 'screenshots', namespace: 'default' },
        temporal: () => scheduled(),
        uiUrl: 'http://127.0.0.1:8233',
        webUrl: () => 'http://127.0.0.1:8080',
        sendTo: async () => ({ sent: true }),
        hasMail: true,
        noticeHost: null,
        settings: () => settingViews({}),
        testWebhook: nothing,
        demo: standInDemo(standIn),
        connections: {
          fixed,
          manage: { store, keys, fixed, trialOnly: false, now },
          isRetired: (name) => directory.isRetired(name),
          test: nothing,
          apply: nothing,
        },
      },
    }),
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url, stop: () => app.close() };
}

/** Returns a client of Temporal that describes schedules whose next run begins within the hour. */
function scheduled(): Client {
  const nextRun = new Date(Date.now() + 51 * MINUTE_MS);
  const info = { createdAt: new Date(), nextActionTimes: [nextRun], recentActions: [], runningActions: [] };
  const described = { scheduleId: 'sync', spec: { intervals: [{ every: HOUR_MS }] }, state: { paused: false }, info };
  const parts = { schedule: { getHandle: () => ({ describe: async () => described }) } };
  // Only what the pages call.
  return parts as unknown as Client;
}
