import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { provision } from '../../client/provision.ts';
import { createLogger } from '../../config/logger.ts';
import type { Settings } from '../../config/settings.ts';
import { freePort } from '../../dev/servers/ports.ts';
import { type StandIn, webhooksTo } from '../../dev/stand-in/index.ts';
import type { Web } from '../../web/server.ts';
import { type Service, startService } from '../../worker/service.ts';
import type { Backing } from './backing.ts';
import { standInDemo } from './demo.ts';
import { makeFolder } from './privateFolder.ts';
import { WITHOUT_CHART_UPDATE, webhookSecretOf } from './standIn.ts';

/** Opens the log of the worker and the receiver in this process: `logs/worker.log` in the data folder. */
export function backgroundLog({ dataDir, worker }: Pick<Settings, 'dataDir' | 'worker'>): Logger {
  const folder = join(dataDir, 'logs');
  makeFolder(folder);
  return createLogger(
    worker.logLevel,
    pino.destination({ dest: join(folder, 'worker.log'), sync: false, mode: 0o600 }),
  );
}

/** Sets up what a worker depends on (collections, search attributes, one schedule per instance), and starts a worker. */
export async function startBackingWorker(parts: Backing, logger: Logger, signal: AbortSignal): Promise<Service> {
  const { temporal, mongoUri, instances } = parts;
  // The only worker takes all work, also what an earlier version began: there is no other one that could end it.
  const settings = { ...parts.settings, worker: { ...parts.settings.worker, deployment: null } };
  const beforePolling = provision(parts);
  // Its failure is reported by the worker that waits for it.
  beforePolling.catch(() => undefined);
  return startService({ settings, temporal, mongoUri, instances, logger, beforePolling }, signal);
}

/** Starts to receive webhooks, on another port where the configured one is taken, and lets the stand-in send its own there. */
export async function startReceiver(parts: Backing, logger: Logger): Promise<Web> {
  const { settings, temporal, mongoUri, instances, standIn, uiUrl } = parts;
  // Only here: one run of every instance needs no pages.
  const { startWeb } = await import('../../web/server.ts');
  const port = await freePort(settings.web.port);
  const web = await startWeb({
    settings: { ...settings, web: { ...settings.web, port } },
    temporal,
    mongoUri,
    instances,
    logger,
    uiUrl,
    ...(standIn === null
      ? {}
      : { testWebhook: (instance) => sendTestWebhook(standIn, instance), demo: standInDemo(standIn) }),
  });
  for (const instance of standIn?.instances ?? []) {
    const { name } = instance;
    const noChartUpdate = WITHOUT_CHART_UPDATE.filter((silent) => silent === name);
    const plan = webhooksTo({ base: web.url, secret: webhookSecretOf(instance), instances: [name], noChartUpdate });
    for (const [webhook, wanted] of Object.entries(plan[name] ?? {})) {
      standIn?.webhooks.set(name, webhook === 'chart-update' ? webhook : 'patient-creation', wanted);
    }
  }
  return web;
}

/** Changes a chart of the stand-in, so that its Chart Update webhook is sent; resolves when no webhook is pending. */
export async function sendTestWebhook(standIn: StandIn, instance: string): Promise<void> {
  const chart = standIn.charts(instance).find(({ vaulted }) => !vaulted);
  if (chart !== undefined) standIn.edit(instance, chart.casefileId, {});
  await standIn.webhooks.idle();
}
