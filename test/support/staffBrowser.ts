import type { Page } from 'playwright-core';
import { afterAll } from 'vitest';
import { sendTestWebhook } from '../../cli/backing/background.ts';
import { webhookSecretOf } from '../../cli/backing/standIn.ts';
import { addAccount } from '../../client/accounts.ts';
import { createLogger } from '../../config/logger.ts';
import { type Patch, webhooksTo } from '../../dev/stand-in/index.ts';
import type { Role, VisibleInstances } from '../../domain/role.ts';
import type { RecordDocument } from '../../store/documents.ts';
import { startWeb, type Web } from '../../web/server.ts';
import { serviceForTests, type TestService } from './service.ts';
import { waitUntil } from './waitUntil.ts';

/** The houses: Chart Update works in the first one, which holds all the same; the second never heard of webhooks. */
export const HOUSES = ['north-harbor', 'cedar-grove'] as const;
const [NORTH, CEDAR] = HOUSES;

/** Who has an account, by sign-in name. */
const ACCOUNTS: Record<string, { displayName: string; role: Role; instances: VisibleInstances }> = {
  vera: { displayName: 'Vera Lindqvist', role: 'viewer', instances: '*' },
  sam: { displayName: 'Sam Okafor', role: 'staff', instances: '*' },
  nora: { displayName: 'Nora Quill', role: 'staff', instances: [NORTH] },
};

export const passwordOf = (name: string) => `the long password of ${name}`;

/** What makes a stay one that is held, and that goes somewhere. */
export const DISCHARGED: Patch = {
  discharge_date: '2026-01-05 10:00:00',
  discharge_or_transition_name: 'Amber Ridge Recovery',
};

export interface Office extends TestService {
  /** Where the pages are. */
  url: string;
  /** A stay that is held, with these fields of KIPU's. */
  held(instance: string, fields?: Patch): Promise<RecordDocument>;
  /** One more web app on the same service, with sessions that end so soon without activity. */
  another(idleMs: number): Promise<string>;
}

/**
 * Starts the whole service in this process: worker, web app, accounts, and webhooks of the first house. Each house has been
 * synced once. To be awaited at the top level of a file, outside of any hook.
 */
export async function officeForTests({ charts = 0 } = {}): Promise<Office> {
  const service = await serviceForTests({
    standIn: { instances: HOUSES.map((name) => ({ name, charts })) },
    policies: { [NORTH]: 'always', [CEDAR]: 'webhook-missing' },
    env: { WEB_ADDRESS: '127.0.0.1:0' },
  });
  const { standIn, store } = service;
  const by = { who: 'a test', at: new Date() };
  const accounts = Object.entries(ACCOUNTS);
  await Promise.all(
    accounts.map(([name, account]) => addAccount(store, { name, password: passwordOf(name), ...account }, by)),
  );
  const { url } = await open(service);
  const [north] = standIn.instances;
  const plan = webhooksTo({ base: url, secret: north && webhookSecretOf(north), instances: [NORTH] });
  for (const webhook of ['patient-creation', 'chart-update'] as const)
    standIn.webhooks.set(NORTH, webhook, plan[NORTH]?.[webhook] ?? {});
  for (const house of HOUSES) await service.run(house);
  return {
    ...service,
    url,
    async held(instance, fields = {}) {
      const { casefileId } = standIn.add(instance, { ...DISCHARGED, ...fields });
      await service.run(instance);
      // The run leaves it to the webhook where that came first.
      const read = async () => (await service.record(instance, casefileId)).status === 'held';
      await waitUntil('the stay is held', read);
      return service.record(instance, casefileId);
    },
    another: async (idleMs) => (await open(service, idleMs)).url,
  };
}

/** Signs in by the form, and so comes to the page that was asked for. */
export async function signIn(page: Page, name: string, path = '/'): Promise<void> {
  await page.goto(path);
  await page.getByLabel('Name').fill(name);
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
    dispatcher: { restMs: 200, pauseMs: { least: 50, most: 500 } },
  });
  afterAll(() => web.stop());
  return web;
}
