import type { Logger } from 'pino';
import { freePort } from '../../dev/servers/ports.ts';
import { webhooksTo } from '../../dev/stand-in/index.ts';
import { startWeb, type Web } from '../../web/server.ts';
import { WITHOUT_CHART_UPDATE, webhookSecretOf } from './standIn.ts';
import { sendTestWebhook } from './testWebhook.ts';
import type { Backing } from './types.ts';

/** Starts to receive webhooks, on another port where the wanted one is taken, and lets the stand-in send its own there. */
export async function startReceiver(parts: Backing, logger: Logger): Promise<Web> {
  const { settings, temporal, mongoUri, instances, standIn, uiUrl } = parts;
  const port = await freePort(settings.web.port);
  const web = await startWeb({
    settings: { ...settings, web: { ...settings.web, port } },
    temporal,
    mongoUri,
    instances,
    logger,
    uiUrl,
    ...(standIn === null ? {} : { testWebhook: (instance) => sendTestWebhook(standIn, instance) }),
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
