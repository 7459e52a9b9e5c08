import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createFirstAdmin } from '../../client/accounts.ts';
import { applyConnections } from '../../client/connections/apply.ts';
import {
  dropOldSecrets,
  type ManageParts,
  pauseConnection,
  rotateSecrets,
  setConnection,
} from '../../client/connections/manage.ts';
import { describeSchedule, triggerRun } from '../../client/schedules.ts';
import { createLogger } from '../../config/logger.ts';
import { startWeb } from '../../web/server.ts';
import { commandLine } from '../support/commandLine.ts';
import { environmentForTests } from '../support/environment.ts';
import { visitor } from '../support/httpVisitor.ts';
import { temporaryFolder } from '../support/servers.ts';
import { serviceForTests } from '../support/service.ts';

const NAME = 'blue-mesa';
const key = randomBytes(32).toString('base64');
const service = await serviceForTests({
  standIn: { instances: [{ name: NAME, charts: 4 }] },
  withoutInstances: true,
  env: { CONNECTIONS_KEY: key, WEB_ADDRESS: '127.0.0.1:0' },
});
const { standIn, store, client, settings, mongo, temporal } = service;
const web = await startWeb({
  ...{ settings, mongoUri: mongo.uri, temporal, instances: [], logger: createLogger('silent') },
  ...{ directory: { everyMs: 50 }, dispatcher: { restMs: 100 } },
});
afterAll(() => web.stop());

const folder = await temporaryFolder();
const [credentials] = standIn.instances;
if (credentials === undefined) throw new Error('the stand-in has no instance');
const secretFile = join(folder, 'secret');
writeFileSync(secretFile, credentials.secretKey);

const run = (...args: string[]) =>
  commandLine(['instance', ...args], {
    ...environmentForTests(),
    ...{ CONNECTIONS_KEY: key, MONGODB_URI: mongo.uri, MONGODB_INSECURE: 'yes' },
    ...{ TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: temporal.namespace },
    ...{ MONGODB_DATABASE: settings.mongo.database },
    ...{ DATA_DIR: folder, WEB_URL: web.url },
  });
const OPTIONS = ['--base-url', standIn.url, '--app-id', credentials.appId, '--access-id', credentials.accessId];
const viewer = { who: 'rvale', from: '192.0.2.7' };
const parts: ManageParts = {
  ...{ store, keys: settings.connectionKeys, fixed: [], trialOnly: false, now: () => new Date() },
};
const apply = () =>
  applyConnections({ store, client, taskQueue: settings.taskQueue, schedule: settings.schedule, fixed: [] });

const chart = standIn.add(NAME, { discharge_date: '2026-01-05', discharge_or_transition_name: 'Gull Point House' });

/** Posts a webhook of KIPU and returns the status of the answer. */
async function deliver(secret: string, name = NAME): Promise<number> {
  const answer = await fetch(`${web.url}/webhooks/${name}/chart-update`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json', 'x-webhook-secret': secret } },
    body: JSON.stringify({ casefile_id: chart.casefileId }),
  });
  return answer.status;
}
const until = (secret: string, status: number) =>
  vi.waitFor(async () => expect(await deliver(secret)).toBe(status), { timeout: 20_000, interval: 50 });

describe('A connection that is added while worker and web run', () => {
  let secret = '';

  it('is not stored where KIPU refuses it, and then added by the command, which prints its webhooks', async () => {
    const wrong = await run(
      'add',
      NAME,
      ...OPTIONS.slice(0, 4),
      '--access-id',
      'unknown',
      '--secret-key-file',
      secretFile,
    );
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('was not added') });
    expect(wrong.out).toMatch(/✗ credentials +KIPU does not know the access id/);
    expect(await store.kipuConnections.all()).toEqual([]);

    const policy = ['--lock-policy', 'never', '--time-zone', credentials.timeZone ?? 'UTC'];
    const added = await run('add', NAME, ...OPTIONS, ...policy, '--secret-key-file', secretFile, '--yes', '--json');
    expect([added.code, added.err]).toEqual([0, '']);
    const { webhooks, report } = JSON.parse(added.out);
    expect(report).toMatchObject({ facts: { digest: { accepted: 'sha256' } } });
    expect(webhooks[1]).toMatchObject({ url: `${web.url}/webhooks/${NAME}/chart-update` });
    secret = webhooks[1].secret;
    expect(JSON.stringify(await store.kipuConnections.all())).not.toContain(credentials.secretKey);
    expect(await describeSchedule(client, NAME)).toMatchObject({ paused: false });
    const listed = await run('list');
    expect(listed.out).toMatch(new RegExp(`^${NAME} +active +stored +127\\.0\\.0\\.1`, 'm'));
  });

  it('is synced at once, and its webhooks are accepted', async () => {
    await triggerRun(client, NAME);
    await vi.waitUntil(async () => (await service.referral(NAME, chart.casefileId).catch(() => null)) !== null, {
      ...{ timeout: 30_000, interval: 100 },
    });
    await until(secret, 202);
    expect(await service.referral(NAME, chart.casefileId)).toMatchObject({ destination: 'Gull Point House' });
  });

  it('accepts both secrets during a rotation, and the new one alone afterwards', async () => {
    const { 'chart-update': fresh } = await rotateSecrets(parts, NAME, viewer);
    await until(fresh[0] ?? '', 202);
    expect(await deliver(secret)).toBe(202);
    await dropOldSecrets(parts, NAME, viewer);
    await until(secret, 401);
    secret = fresh[0] ?? '';
    expect(await deliver(secret)).toBe(202);
  });

  it('stores its webhooks while it is paused, and dispatches them when it is resumed', async () => {
    await pauseConnection(parts, NAME, true, viewer);
    await apply();
    expect(await describeSchedule(client, NAME)).toMatchObject({ paused: true });
    // The web server's next look at the connections.
    await setConnection(parts, NAME, { lockPolicy: 'always' }, viewer);
    await rotateSecrets(parts, NAME, viewer).then(async ({ 'chart-update': fresh }) => until(fresh[0] ?? '', 202));
    const waiting = () => store.collections.deliveries.countDocuments({ instance: NAME, state: 'waiting' });
    const dispatched = () => store.collections.deliveries.countDocuments({ instance: NAME, state: 'dispatched' });
    const before = await dispatched();
    expect(await deliver(secret)).toBe(202);
    expect(await waiting()).toBeGreaterThan(0);
    expect(await dispatched()).toBe(before);

    await pauseConnection(parts, NAME, false, viewer);
    await apply();
    expect(await describeSchedule(client, NAME)).toMatchObject({ paused: false });
    await vi.waitUntil(async () => (await waiting()) === 0, { timeout: 30_000, interval: 100 });
  });

  it('loses schedule, credentials and webhooks when it is retired; its records stay', async () => {
    const retired = await run('retire', NAME, '--yes');
    expect(retired).toMatchObject({ code: 0, err: '' });
    expect(await describeSchedule(client, NAME)).toBeNull();
    await until(secret, 401);
    const record = await service.record(NAME, chart.casefileId);
    expect(await service.referral(NAME, chart.casefileId)).toMatchObject({ destination: 'Gull Point House' });
    const [document] = await store.kipuConnections.all();
    expect(document).toMatchObject({ state: 'retired', secretKey: null, webhookSecrets: null });
    expect(record.instance).toBe(NAME);
    const audited = await store.auditEvents.list({ what: 'connection-changed' }, 20);
    expect(audited.map(({ who }) => who)).toContain('rvale');
    expect(audited[0]?.outcome).toMatch(/^KIPU connection blue-mesa: retired/);
    expect(audited).toHaveLength(8);
  });
});

describe('A connection that is added on the page', () => {
  it('has a schedule and accepts webhooks at once, and its page says when the first one has come', async () => {
    const password = await createFirstAdmin(store, { who: 'tests', at: new Date() }, { mustChangePassword: false });
    const browser = visitor();
    const signIn = await browser.go(`${web.url}/sign-in`);
    await browser.submit(signIn, { name: 'admin', password: password ?? '' });
    const [, csrf = ''] =
      /name="_csrf" value="([^"]+)"/.exec((await browser.go(`${web.url}/connections/add`)).body) ?? [];
    const post = (path: string, form: Record<string, string>) =>
      browser.go(`${web.url}${path}`, { method: 'POST', body: new URLSearchParams({ _csrf: csrf, ...form }) });

    const { appId, accessId, secretKey } = credentials;
    const entry = { name: 'green-mesa', baseUrl: standIn.url, appId, accessId, secretKey };
    const refused = await post('/connections/test', { ...entry, secretKey: 'a-wrong-key', lockPolicy: 'never' });
    expect(refused.body).toContain('KIPU did not accept this connection');
    const tested = await post('/connections/test', { ...entry, lockPolicy: 'never' });
    expect(tested.body).toMatch(/The first sync reads about \d+ charts with about \d+ calls/);
    const [, draft = ''] = /name="draft" value="([^"]+)"/.exec(tested.body) ?? [];
    const added = await post('/connections/add', { name: entry.name, draft });
    const [, , , chartUpdateSecret = ''] = [...added.body.matchAll(/class="code">([^<]+)</g)].map(
      ([, text = '']) => text,
    );
    expect(await describeSchedule(client, entry.name)).toMatchObject({ paused: false });
    expect((await browser.go(`${web.url}/connections/green-mesa/now`)).body).toContain(
      'Waiting for the first delivery',
    );
    expect(await deliver(chartUpdateSecret, entry.name)).toBe(202);
    expect((await browser.go(`${web.url}/connections/green-mesa/now`)).body).toContain('Receiving');
  });
});
