import type { Page } from 'playwright-core';
import { afterAll } from 'vitest';
import { sendTestWebhook } from '../../cli/backing/background.ts';
import { standInDemo } from '../../cli/backing/demo.ts';
import { webhookSecretOf } from '../../cli/backing/standIn.ts';
import { addAccount } from '../../client/accounts.ts';
import { createLogger } from '../../config/logger.ts';
import { type Patch, webhooksTo } from '../../dev/stand-in/index.ts';
import type { Role, VisibleInstances } from '../../domain/role.ts';
import type { RecordDocument } from '../../store/documents.ts';
import { startWeb, type Web } from '../../web/server.ts';
import { type ServiceForTests, serviceForTests, type TestService } from './service.ts';
import { waitUntil } from './waitUntil.ts';

/** Chart Update works for the first instance, which holds every discharge anyway; the second never received a webhook. */
const INSTANCES = ['north-harbor', 'cedar-grove'] as const;
const [NORTH, CEDAR] = INSTANCES;

/** The accounts by sign-in name. */
const ACCOUNTS: Record<string, { displayName: string; role: Role; instances: VisibleInstances }> = {
  vera: { displayName: 'Vera Lindqvist', role: 'viewer', instances: '*' },
  sam: { displayName: 'Sam Okafor', role: 'staff', instances: '*' },
  ada: { displayName: 'Ada Winterbourne', role: 'admin', instances: '*' },
  nora: { displayName: 'Nora Quill', role: 'staff', instances: [NORTH] },
};

export const passwordOf = (name: string) => `the long password of ${name}`;

/** Fields of a chart that is held and has a destination. */
export const DISCHARGED: Patch = {
  discharge_date: '2026-01-05 10:00:00',
  discharge_or_transition_name: 'Amber Ridge Recovery',
};

interface StaffPages extends TestService {
  /** The address of the pages. */
  url: string;
  /** Adds a chart with these fields in KIPU, and returns its held record. */
  addHeld(instance: string, fields?: Patch): Promise<RecordDocument>;
  /** Starts another web server of the same service, with sessions that end after this time without activity. */
  startAnother(idleMs: number): Promise<string>;
}

/**
 * Starts the whole service in this process: worker, web server, accounts, and webhooks of the first instance. Each instance
 * has been synced once. Await it at the top level of a test file, outside of any hook.
 */
export async function staffPagesForTests({
  charts = 0,
  ...options
}: Pick<ServiceForTests, 'role' | 'deletesAtOnce'> & { charts?: number } = {}): Promise<StaffPages> {
  const service = await serviceForTests({
    standIn: { instances: INSTANCES.map((name) => ({ name, charts })) },
    policies: { [NORTH]: 'always', [CEDAR]: 'webhook-missing' },
    env: { WEB_ADDRESS: '127.0.0.1:0' },
    ...options,
  });
  const { standIn, store } = service;
  const by = { who: 'a test', at: new Date() };
  const accounts = Object.entries(ACCOUNTS);
  await Promise.all(
    accounts.map(([name, account]) =>
      addAccount(store, { name, password: passwordOf(name), mustChangePassword: false, ...account }, by),
    ),
  );
  const { url } = await open(service);
  const [north] = standIn.instances;
  const plan = webhooksTo({ base: url, secret: north && webhookSecretOf(north), instances: [NORTH] });
  for (const webhook of ['patient-creation', 'chart-update'] as const)
    standIn.webhooks.set(NORTH, webhook, plan[NORTH]?.[webhook] ?? {});
  for (const instance of INSTANCES) await service.run(instance);
  return {
    ...service,
    url,
    async addHeld(instance, fields = {}) {
      const { casefileId } = standIn.add(instance, { ...DISCHARGED, ...fields });
      await service.run(instance);
      // If the webhook arrived before the run, the workflow pulls the chart on its own.
      const isHeld = async () => (await service.record(instance, casefileId)).status === 'held';
      await waitUntil('the record is held', isHeld);
      return service.record(instance, casefileId);
    },
    startAnother: async (idleMs) => (await open(service, idleMs)).url,
  };
}

/** Opens a page, signs in by the form, and so gets to the page. */
export async function signIn(page: Page, name: string, path = '/'): Promise<void> {
  await page.goto(path);
  await page.getByLabel('Username').fill(name);
  await page.getByLabel('Password').fill(passwordOf(name));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}

async function open(service: TestService, idleMs?: number): Promise<Web> {
  const { settings, temporal, mongo, standIn, logged } = service;
  const instances = service.instances.map((instance) => ({ ...instance, webhookSecrets: [webhookSecretOf(instance)] }));
  const web = await startWeb({
    settings: { ...settings, web: { ...settings.web, ...(idleMs === undefined ? {} : { idleMs }) } },
    temporal,
    mongoUri: mongo.uri,
    instances,
    logger: createLogger('warn', { write: (line) => void logged.push(line) }),
    uiUrl: 'http://temporal.invalid',
    testWebhook: (instance) => sendTestWebhook(standIn, instance),
    demo: standInDemo(standIn),
    dispatcher: { restMs: 200, pauseMs: { least: 50, most: 500 } },
  });
  afterAll(() => web.stop());
  return web;
}
