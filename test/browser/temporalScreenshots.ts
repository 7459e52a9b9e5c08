// Takes screenshots of Temporal's page for docs/operations.md: `npm run screenshots:temporal`. They have the times and ids of
// the day, so they are drawn only when what they show has changed.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { connectClient } from '../../client/connect.ts';
import { ensureSchedule, triggerRun } from '../../client/schedules.ts';
import type { Instance } from '../../config/instances.ts';
import { createLogger } from '../../config/logger.ts';
import { readSettings } from '../../config/settings.ts';
import { startMongo } from '../../dev/servers/mongo.ts';
import { startTemporal } from '../../dev/servers/temporal.ts';
import { startStandIn } from '../../dev/stand-in/index.ts';
import { DEFAULT_DIGEST } from '../../kipu/index.ts';
import { openStore } from '../../store/connect.ts';
import { startService } from '../../worker/service.ts';
import { startBrowser } from '../support/browser.ts';
import { root } from '../support/imports.ts';
import { smallPng } from '../support/png.ts';

const FOLDER = process.env.SCREENSHOTS ?? join(root, 'docs/temporal-page');
const WAIT_MS = 30_000;
const HERE = `${root.replace(/\/$/, '')}/`;

const temporal = await startTemporal();
const mongo = await startMongo({ storagePath: ':memory:' });
const standIn = await startStandIn({
  instances: [
    { name: 'meadow', charts: 6 },
    { name: 'harbor', charts: 3 },
    { name: 'ridge', charts: 3 },
    { name: 'grove', charts: 2 },
  ],
});
const settings = readSettings({ LOG_LEVEL: 'error', SHUTDOWN_GRACE_SECONDS: '1' });
const store = openStore({ ...settings.mongo, uri: mongo.uri });
await store.setUp();
const address = { address: temporal.address, namespace: 'default', connection: { address: temporal.address } };
const client = await connectClient(address);
const instances = standIn.instances.map(
  ({ timeZone: _, ...credentials }): Instance => ({
    ...credentials,
    digest: DEFAULT_DIGEST,
    baseUrl: standIn.url,
    lockPolicy: credentials.name === 'harbor' ? 'always' : 'never',
  }),
);
const worker = await startService(
  { settings, temporal: address, mongoUri: mongo.uri, instances, logger: createLogger('error') },
  new AbortController().signal,
);
const browser = await startBrowser();
try {
  standIn.faults.inject({ kind: 'status', status: 401, times: 'always', instance: 'ridge' });
  standIn.faults.inject({ kind: 'status', status: 503, times: 'always', instance: 'grove', route: 'chart' });
  for (const { name } of instances) {
    await ensureSchedule(client, name, settings.taskQueue, settings.schedule);
    await triggerRun(client, name);
  }
  const sync = (name: string) => workflowId(`Instance = "${name}" AND WorkflowType = "syncWorkflow"`);
  const record = (name: string) => workflowId(`Instance = "${name}" AND WorkflowType = "patientWorkflow"`);
  await mkdir(FOLDER, { recursive: true });
  const context = await browser.newContext({
    ...{ baseURL: temporal.uiUrl ?? '', locale: 'en-US', timezoneId: 'UTC', colorScheme: 'light' },
    viewport: { width: 1400, height: 860 },
  });
  // Stack traces have the paths of this machine.
  await context.route('**/api/**', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replaceAll(HERE, '') });
  });
  const page = await context.newPage();
  const workflows = '/namespaces/default/workflows';
  const one = (id: string) => `${workflows}/${encodeURIComponent(id)}`;
  const ended = await sync('ridge');
  await client.workflow
    .getHandle(ended)
    .result()
    .catch(() => undefined);
  await client.workflow.getHandle(await sync('meadow')).result();
  const retried = await record('grove');
  await attempts(retried, 3);
  await draw(page, 'workflows', workflows, 'syncWorkflow');
  await draw(page, 'good-run', one(await sync('meadow')), 'Timeline');
  await draw(page, 'failed-run', one(ended), 'Failed');
  await draw(page, 'held-record', one(await record('harbor')), 'Current Details', 'User Metadata');
  await draw(page, 'retried-pull', one(retried), 'Attempt', 'Pending Activities');
  await draw(page, 'schedule', '/namespaces/default/schedules', 'meadow');
} finally {
  await browser.close();
  await worker.stop();
  await client.connection.close();
  await store.close();
  await Promise.all([standIn.close(), mongo.stop(), temporal.stop()]);
}

/** Returns the id of one workflow that the query finds, the newest, when there is one. */
async function workflowId(query: string): Promise<string> {
  for (const deadline = Date.now() + WAIT_MS; Date.now() < deadline; ) {
    for await (const { workflowId: id } of client.workflow.list({ query })) return id;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`no workflow: ${query}`);
}

/** Waits until an activity of the workflow was tried this often. */
async function attempts(id: string, times: number): Promise<void> {
  for (const deadline = Date.now() + WAIT_MS; Date.now() < deadline; ) {
    const { raw } = await client.workflow.getHandle(id).describe();
    if (raw.pendingActivities?.some(({ attempt = 0 }) => Number(attempt) >= times) === true) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('no activity was tried again');
}

/** Draws a page, or one of its tabs, as soon as it has the text. */
async function draw(page: Page, name: string, path: string, text: string, tab?: string): Promise<void> {
  await page.goto(path);
  if (tab !== undefined)
    await page
      .getByRole('tab', { name: tab })
      .or(page.getByRole('link', { name: tab }))
      .first()
      .click();
  await page.getByText(text).filter({ visible: true }).first().waitFor();
  await page.mouse.move(0, 0);
  // The page of Temporal loads its parts one after the other.
  await page.waitForLoadState('networkidle').catch(() => undefined);
  await page.waitForTimeout(1_500);
  await writeFile(join(FOLDER, `${name}.png`), smallPng(await page.screenshot()));
}
