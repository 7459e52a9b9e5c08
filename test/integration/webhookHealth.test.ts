import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { ActivityContext } from '../../activities/context.ts';
import { remindHold } from '../../activities/holds.ts';
import { readFreshness } from '../../client/freshness.ts';
import { createLogger } from '../../config/logger.ts';
import { freePort } from '../../dev/servers/ports.ts';
import { type Patch, type WebhookSettings, webhooksTo } from '../../dev/stand-in/index.ts';
import type { LockPolicy } from '../../domain/lock.ts';
import { announcedShare, type Webhook, webhooks } from '../../domain/webhookHealth.ts';
import { startWeb, type WebOptions } from '../../web/server.ts';
import { startNoticeReceiver } from '../support/noticeReceiver.ts';
import { serviceForTests } from '../support/service.ts';

const POLICIES: Record<string, LockPolicy> = {
  changing: 'webhook-missing',
  locking: 'webhook-missing',
  waiting: 'webhook-missing',
  sites: 'webhook-missing',
  absent: 'webhook-missing',
  reminding: 'always',
  unnotified: 'always',
};
const NAMES = [
  ...['live', 'burst', 'many', 'early', 'old', 'quiet', 'changing', 'downtime', 'locking', 'waiting', 'reminding'],
  ...['unnotified', 'emptied', 'sites', 'absent'],
];
const SECRET = 'a-secret-of-the-stand-in';
const IN_TIME = { timeout: 30_000, interval: 30 };
const DISCHARGED = { discharge_date: '2026-01-05 10:00:00' };

const answered = z.object({ ok: z.boolean(), instances: z.array(z.object({ warnings: z.array(z.string()) })) });

const notices = await startNoticeReceiver();
const { standIn, store, client, settings, instances, mongo, temporal, ...service } = await serviceForTests({
  policies: POLICIES,
  standIn: { instances: NAMES.map((name) => ({ name, charts: 0 })) },
  env: {
    WEBHOOK_GRACE_SECONDS: '0',
    NOTICE_URL: notices.url,
    WEB_ADDRESS: `127.0.0.1:${await freePort()}`,
    WEBHOOKS_PER_SECOND: '1000',
  },
});

let receiver = await startReceiver();
afterAll(() => receiver.stop());
const plan = webhooksTo({ base: receiver.url, secret: SECRET, instances: NAMES });
for (const name of NAMES)
  for (const webhook of webhooks) standIn.webhooks.set(name, webhook, plan[name]?.[webhook] ?? {});

afterEach(() => {
  notices.mode = 'up';
});

function startReceiver(other: Partial<WebOptions> = {}) {
  return startWeb({
    ...{ settings, temporal, mongoUri: mongo.uri, logger: createLogger('silent') },
    instances: instances.map((instance) => ({ ...instance, webhookSecrets: [SECRET] })),
    dispatcher: { restMs: 500, pauseMs: { least: 50, most: 500 } },
    // Even on a busy machine, no heartbeat is so late that it leaves a gap.
    heartbeat: { everyMs: 100, lateMs: 60_000 },
    ...other,
  });
}

/** Adds a chart, at the same location by default: health is per location. */
function add(instance: string, fields: Patch = {}): string {
  return standIn.add(instance, { ...at('Detox'), ...fields }).casefileId;
}

function at(location: string): Patch {
  return { location_id: `id of ${location}`, location_name: location };
}

const to = (name: string): Patch => ({ discharge_or_transition_name: name });

function chartUpdate(instance: string, patch: Partial<WebhookSettings>): void {
  standIn.webhooks.set(instance, 'chart-update', patch);
}

/** Returns the number of calls for single charts since the last reset. */
function pulls(instance: string): number {
  return standIn.calls.count({ instance, route: 'chart' });
}

/** Runs until every change that a run found is judged. */
async function cycle(instance: string) {
  await standIn.webhooks.idle();
  for (;;) {
    const ended = await runToEnd(instance);
    if ((await store.collections.detectedChanges.countDocuments({ instance, result: null })) === 0) return ended;
  }
}

async function runToEnd(instance: string) {
  const ended = await service.run(instance);
  await client.workflow.getHandle(ended.workflowId, ended._id).result();
  return ended;
}

async function health(instance: string, webhook: Webhook = 'chart-update') {
  return (await readFreshness(store, instance, settings.freshWithinMs, new Date())).webhooks[webhook].health;
}

/** Returns the notices of an instance, in order. */
function noticesOf(instance: string): unknown[] {
  return notices.received.filter((notice) => JSON.stringify(notice).match(`"${instance}[:,] `));
}

const says = (text: string | RegExp) => ({ text: expect.stringMatching(text) });

async function untilStatus(instance: string, casefileId: string, status: string) {
  const found = async () => (await store.records.ofCharts(instance, [casefileId]))[0];
  await vi.waitUntil(async () => (await found())?.status === status, IN_TIME);
  return service.record(instance, casefileId);
}

async function untilDestination(instance: string, casefileId: string, destination: string) {
  const found = async () => {
    const [record] = await store.records.ofCharts(instance, [casefileId]);
    return record === undefined ? null : store.referrals.get(record._id);
  };
  await vi.waitUntil(async () => (await found())?.destination === destination, IN_TIME);
}

/** Resolves when every delivery is processed. */
async function untilDone(instance: string) {
  const running = `WorkflowType = 'patientWorkflow' AND Instance = '${instance}' AND ExecutionStatus = 'Running'`;
  await standIn.webhooks.idle();
  await vi.waitUntil(
    async () =>
      (await store.collections.deliveries.countDocuments({ instance, state: 'waiting' })) === 0 &&
      (await client.workflow.count(running)).count === 0,
    IN_TIME,
  );
}

describe('Webhooks', () => {
  it('make a referral of a new chart and of an edit without any run', async () => {
    const casefileId = add('live', to('Amber Ridge House'));
    await untilDestination('live', casefileId, 'Amber Ridge House');
    standIn.edit('live', casefileId, to('Willow Bend House'));
    await untilDestination('live', casefileId, 'Willow Bend House');
    expect(await service.referral('live', casefileId)).toMatchObject({ revision: 2, status: 'open' });
    expect(await store.runs.list({ instance: 'live' }, 1)).toEqual([]);
  });

  it('make no referral of a move inside the instance, also before any run', async () => {
    const casefileId = add('early', to('Early Residential'));
    await untilStatus('early', casefileId, 'synced');
    expect(await service.referral('early', casefileId)).toBeNull();
  });

  it('lead to one pull at once and one more for a burst of changes of one chart', async () => {
    const casefileId = add('burst', to('Facility 0'));
    await untilDestination('burst', casefileId, 'Facility 0');
    await untilDone('burst');
    standIn.calls.reset();
    for (let edit = 1; edit <= 10; edit += 1) standIn.edit('burst', casefileId, to(`Facility ${edit}`));
    await untilDestination('burst', casefileId, 'Facility 10');
    await untilDone('burst');
    expect(pulls('burst')).toBeLessThanOrEqual(2);
    expect(standIn.webhooks.sent.count({ instance: 'burst', webhook: 'chart-update', status: 202 })).toBe(10);
    // The first pull may have read any of the edits.
    const referral = await service.referral('burst', casefileId);
    expect(referral).toMatchObject({ destination: 'Facility 10' });
    expect(referral?.revision).toBeLessThanOrEqual(3);
  });

  it('lead to a few pulls of each of twenty charts with two hundred changes, and the last change counts', async () => {
    const charts = Array.from({ length: 20 }, () => add('many'));
    for (const casefileId of charts) await untilStatus('many', casefileId, 'synced');
    await untilDone('many');
    standIn.calls.reset();
    for (let edit = 1; edit <= 10; edit += 1) {
      for (const casefileId of charts) standIn.edit('many', casefileId, to(`Facility ${edit}`));
    }
    for (const casefileId of charts) await untilDestination('many', casefileId, 'Facility 10');
    await untilDone('many');
    expect(standIn.webhooks.sent.count({ instance: 'many', webhook: 'chart-update', status: 202 })).toBe(200);
    expect(pulls('many')).toBeLessThanOrEqual(60);
    expect(standIn.calls.count({ instance: 'many' })).toBe(pulls('many'));
  });
});

describe('The health of a webhook', () => {
  it('goes from missing to healthy to failing and back, with one notice each', async () => {
    chartUpdate('changing', { on: false });
    const casefileId = add('changing');
    const edit = () => standIn.edit('changing', casefileId, {});
    await cycle('changing');
    const { _id: record } = await service.record('changing', casefileId);
    expect([await health('changing'), noticesOf('changing')]).toEqual(['missing', []]);

    edit();
    await cycle('changing');
    const missing = says(/KIPU isn't sending us chart updates yet.*Set up the Chart Update webhook in KIPU/);
    expect([await health('changing'), noticesOf('changing')]).toEqual(['missing', [missing]]);
    expect(JSON.stringify(noticesOf('changing'))).toContain(record);
    edit();
    await cycle('changing');
    expect(noticesOf('changing')).toEqual([missing]);

    chartUpdate('changing', { on: true });
    edit();
    await cycle('changing');
    const works = says(/Chart Update webhook works/);
    expect([await health('changing'), noticesOf('changing')]).toEqual(['healthy', [missing, works]]);

    chartUpdate('changing', { drop: { every: 1 } });
    edit();
    await cycle('changing');
    const failing = says(
      new RegExp(
        `^changing, Detox: .* without KIPU's Chart Update webhook, .* turned on in KIPU.* Not announced: ${record}`,
      ),
    );
    expect([await health('changing'), noticesOf('changing')]).toEqual(['failing', [missing, works, failing]]);
    edit();
    await cycle('changing');
    expect(noticesOf('changing')).toEqual([missing, works, failing]);

    chartUpdate('changing', { drop: null });
    edit();
    await cycle('changing');
    expect([await health('changing'), noticesOf('changing').length]).toEqual(['failing', 3]);
    edit();
    await cycle('changing');
    expect([await health('changing'), noticesOf('changing')]).toEqual(['healthy', [missing, works, failing, works]]);

    const measured = await store.webhookHealth.measured('changing', new Date());
    const cycles = measured.flatMap((one) => (one.webhook === 'chart-update' ? one.cycles : []));
    expect(cycles.map(({ announced, missed }) => [announced, missed])).toEqual([
      ...[
        [0, 1],
        [0, 1],
        [1, 0],
        [0, 1],
        [0, 1],
        [1, 0],
        [1, 0],
      ],
    ]);
    expect(announcedShare(cycles)).toBeCloseTo(3 / 7);
    expect(await health('changing', 'patient-creation')).toBe('healthy');
    // Notices have no patient data, and nothing that identifies the chart in KIPU.
    expect(JSON.stringify(notices.received)).not.toContain(casefileId);
  });

  it('leads to no notice for an instance without changes', async () => {
    for (const webhook of webhooks) standIn.webhooks.set('quiet', webhook, { on: false });
    add('quiet');
    await cycle('quiet');
    await cycle('quiet');
    expect([await health('quiet'), await health('quiet', 'patient-creation'), noticesOf('quiet')]).toEqual([
      ...['missing', 'missing', []],
    ]);
  });

  it('is not affected by changes while the receiver was stopped', async () => {
    const casefileId = add('downtime');
    await cycle('downtime');
    standIn.edit('downtime', casefileId, {});
    await cycle('downtime');
    expect(await health('downtime')).toBe('healthy');

    await receiver.stop();
    standIn.edit('downtime', casefileId, {});
    add('downtime');
    await service.run('downtime');
    receiver = await startReceiver();
    await cycle('downtime');
    const found = await store.collections.detectedChanges
      .find({ instance: 'downtime' })
      .sort({ detectedAt: 1 })
      .toArray();
    expect(found.map(({ result }) => result)).toEqual(['announced', 'receiver-away', 'receiver-away']);
    expect([await health('downtime'), await health('downtime', 'patient-creation'), noticesOf('downtime')]).toEqual([
      ...['healthy', 'healthy', []],
    ]);
  });

  it('is not affected by old charts that are listed for the first time', async () => {
    add('old');
    await cycle('old');
    standIn.webhooks.set('old', 'patient-creation', { on: false });
    add('old', { created_at: '2024-05-05T10:00:00-05:00' });
    await cycle('old');
    expect([await health('old', 'patient-creation'), noticesOf('old')]).toEqual(['healthy', []]);
    add('old', { created_at: new Date().toISOString().replace(/\.\d+Z/, '+00:00') });
    await cycle('old');
    expect([await health('old', 'patient-creation'), noticesOf('old')]).toEqual([
      'failing',
      [says(/Some new charts reach us without KIPU's Patient Creation webhook/)],
    ]);
  });
});

describe('Holds', () => {
  it('follow the health of the Chart Update webhook, and an unlocked record stays open', async () => {
    chartUpdate('locking', { on: false });
    const charts = ['Amber', 'Birch', 'Cedar'].map((name) => add('locking', to(`${name} House`)));
    const [first = '', second = '', third = ''] = charts;
    await cycle('locking');
    standIn.edit('locking', first, DISCHARGED);
    await cycle('locking');
    const held = await untilStatus('locking', first, 'held');
    expect(held).toMatchObject({ status: 'held', hold: { reason: 'webhook-missing' } });

    chartUpdate('locking', { on: true });
    standIn.edit('locking', second, { ...DISCHARGED, ...to('Birch Row House') });
    await untilDestination('locking', second, 'Birch Row House');
    await cycle('locking');
    expect(await service.record('locking', second)).toMatchObject({ status: 'synced', hold: null });
    expect(await service.record('locking', first)).toMatchObject({ status: 'held' });

    chartUpdate('locking', { drop: { every: 1 } });
    standIn.edit('locking', second, {});
    await cycle('locking');
    standIn.edit('locking', third, DISCHARGED);
    await cycle('locking');
    expect(await untilStatus('locking', third, 'held')).toMatchObject({
      ...{ status: 'held', hold: { reason: 'webhook-failing' } },
    });

    await service.unlock(held);
    await untilStatus('locking', first, 'synced');
    chartUpdate('locking', { drop: null });
    standIn.edit('locking', first, to('Dune House'));
    await untilDestination('locking', first, 'Dune House');
    expect(await health('locking')).toBe('failing');
    expect(await service.record('locking', first)).toMatchObject({ status: 'synced', hold: null });
  });

  it('count each change once, and the unlock pulls the current chart', async () => {
    chartUpdate('waiting', { on: false });
    const casefileId = add('waiting', { ...DISCHARGED, ...to('Amber House') });
    await cycle('waiting');
    // Patient Creation reported it too, possibly first.
    const held = await untilStatus('waiting', casefileId, 'held');
    expect(held).toMatchObject({ status: 'held', hold: { changesWaiting: 0 } });
    chartUpdate('waiting', { on: true });
    standIn.calls.reset();

    const changesWaiting = async () => (await service.record('waiting', casefileId)).hold?.changesWaiting;
    standIn.edit('waiting', casefileId, to('Birch House'));
    await vi.waitUntil(async () => (await changesWaiting()) === 1, IN_TIME);
    await cycle('waiting');
    expect(await changesWaiting()).toBe(1);
    standIn.edit('waiting', casefileId, to('Cedar House'));
    await vi.waitUntil(async () => (await changesWaiting()) === 2, IN_TIME);
    expect(pulls('waiting')).toBe(0);

    await service.unlock(held);
    await untilDestination('waiting', casefileId, 'Cedar House');
    expect(pulls('waiting')).toBe(1);
  });
});

describe('Each location', () => {
  const sites = Array.from({ length: 10 }, (_, n) => `Site ${n}`);
  const DEAD = 'Site 3';

  it('has its own health: one failing webhook of ten leads to one notice with its name, and holds only its discharges', async () => {
    const charts = new Map(sites.map((site) => [site, add('sites', at(site))]));
    /** Changes a chart at every site; the webhook is switched off for one of them. */
    const editAll = (patch: Patch, dead: string | null) => {
      for (const [site, casefileId] of charts) {
        chartUpdate('sites', { on: site !== dead });
        standIn.edit('sites', casefileId, patch);
      }
      chartUpdate('sites', { on: true });
    };
    const webhooksNow = async () => (await readFreshness(store, 'sites', settings.freshWithinMs, new Date())).webhooks;
    await cycle('sites');
    for (const casefileId of charts.values()) await untilStatus('sites', casefileId, 'synced');
    editAll({}, null);
    await cycle('sites');
    for (const one of Object.values(await webhooksNow()))
      expect([one.health, one.locations.map(({ locationName }) => locationName)]).toEqual(['healthy', sites]);

    editAll({}, DEAD);
    await cycle('sites');
    const { _id: record } = await service.record('sites', charts.get(DEAD) ?? '');
    const notice = says(
      new RegExp(`^sites, ${DEAD}: .* without KIPU's Chart Update webhook, .* Not announced: ${record}\\.$`),
    );
    const { 'chart-update': update, 'patient-creation': creation } = await webhooksNow();
    expect(update).toMatchObject({ health: 'failing', at: [DEAD] });
    expect(update.locations.map(({ health: one }) => one)).toEqual(['failing', ...Array(9).fill('healthy')]);
    expect([creation.health, noticesOf('sites')]).toEqual(['healthy', [notice]]);

    editAll({ ...DISCHARGED, ...to('Amber House') }, DEAD);
    await cycle('sites');
    for (const [site, casefileId] of charts)
      if (site !== DEAD) await untilDestination('sites', casefileId, 'Amber House');
    const found = await Promise.all([...charts.values()].map((casefileId) => service.record('sites', casefileId)));
    const held = found.filter((one) => one.hold !== null);
    expect(held).toMatchObject([{ _id: record, hold: { reason: 'webhook-failing' } }]);
    expect(await store.collections.referrals.countDocuments({ instance: 'sites', destination: 'Amber House' })).toBe(9);
    expect(noticesOf('sites')).toEqual([notice]);
  });

  it('without any delivery holds, and a chart without a location is held as at the worst one', async () => {
    // Only Patient Creation reports them.
    const unheard = add('sites', { ...at('Annex'), ...DISCHARGED, ...to('Amber House') });
    const nowhere = add('sites', { location_id: null, location_name: null, ...DISCHARGED, ...to('Amber House') });
    expect(await untilStatus('sites', unheard, 'held')).toMatchObject({ hold: { reason: 'webhook-missing' } });
    expect(await untilStatus('sites', nowhere, 'held')).toMatchObject({ hold: { reason: 'webhook-failing' } });
  });

  it('to which a chart moves is not credited with the delivery about the move', async () => {
    const casefileId = add('sites', at('Site 0'));
    await untilStatus('sites', casefileId, 'synced');
    standIn.edit('sites', casefileId, { ...at('Harbor'), ...to('Birch House') });
    await untilDestination('sites', casefileId, 'Birch House');
    await cycle('sites');
    const measured = async () =>
      (await store.webhookHealth.measured('sites', new Date())).filter(({ locationName }) => locationName === 'Harbor');
    expect(await measured()).toEqual([]);

    const another = add('sites', at('Harbor'));
    await untilStatus('sites', another, 'synced');
    const renamed = { ...at('Harbor'), location_name: 'Harbor, renamed' };
    standIn.edit('sites', another, { ...DISCHARGED, ...renamed, ...to('Cedar House') });
    await untilDestination('sites', another, 'Cedar House');
    expect(await service.record('sites', another)).toMatchObject({ hold: null });
    expect(await store.webhookHealth.measured('sites', new Date())).toContainEqual(
      expect.objectContaining({
        ...{ webhook: 'chart-update', locationId: 'id of Harbor', locationName: 'Harbor, renamed', health: 'healthy' },
      }),
    );
  });
});

describe('A receiver that is away for hours', () => {
  it('leads to holds as a missing webhook does, with one notice, and one when it is back', async () => {
    const charts = ['Amber', 'Birch'].map((name) => add('absent', to(`${name} House`)));
    const [first = '', second = ''] = charts;
    await cycle('absent');
    standIn.edit('absent', first, {});
    await cycle('absent');
    expect([await health('absent'), noticesOf('absent')]).toEqual(['healthy', []]);

    await untilDone('absent');
    await receiver.stop();
    const hoursAgo = new Date(Date.now() - 3 * 3_600_000);
    await store.collections.receiverUptime.updateMany({}, { $set: { from: hoursAgo, to: hoursAgo } });
    standIn.edit('absent', first, DISCHARGED);
    await runToEnd('absent');
    const away = says(/^absent: We could not receive webhooks for hours/);
    expect(await untilStatus('absent', first, 'held')).toMatchObject({ hold: { reason: 'webhook-unknown' } });
    expect([await health('absent'), noticesOf('absent')]).toEqual(['unknown', [away]]);
    await runToEnd('absent');
    expect(noticesOf('absent')).toEqual([away]);

    receiver = await startReceiver();
    await cycle('absent');
    const back = says(/^absent: We receive webhooks again/);
    expect([await health('absent'), noticesOf('absent')]).toEqual(['healthy', [away, back]]);
    standIn.edit('absent', second, { ...DISCHARGED, ...to('Cedar House') });
    await untilDestination('absent', second, 'Cedar House');
    await cycle('absent');
    expect(noticesOf('absent')).toEqual([away, back]);
  });
});

describe('A notice', () => {
  const context: ActivityContext = {
    ...{ store, workflows: client.workflow, taskQueue: settings.taskQueue, noticeUrl: notices.url },
    ...{ instances: new Map(), runs: settings.runs, unlockByHand: true, now: () => new Date() },
  };
  const remind = (recordId: string, reminders: number) =>
    new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(remindHold(context), {
      recordId,
      reminders,
    });

  it('of an old hold is stored once for each reminder, also if its activity is retried, and sent by no reminder', async () => {
    const casefileId = add('reminding', { ...DISCHARGED, ...to('Amber House') });
    const { _id } = await untilStatus('reminding', casefileId, 'held');
    const reminder = expect.stringContaining(`record ${_id} has been locked for`);
    const reminders = async () => {
      const found = await store.notices.list({ instance: 'reminding' }, 10);
      return found.filter(({ inDigest }) => inDigest).map(({ text }) => text);
    };
    for (const before of [0, 0, 0]) expect(await remind(_id, before)).toEqual({ held: true, reminders: 1 });
    expect(await reminders()).toEqual([reminder]);
    for (const before of [1, 1]) expect(await remind(_id, before)).toEqual({ held: true, reminders: 2 });
    expect(await reminders()).toEqual([reminder, reminder]);
    await service.unlock(await service.record('reminding', casefileId));
    await untilStatus('reminding', casefileId, 'synced');
    expect(await remind(_id, 2)).toEqual({ held: false, reminders: 2 });
    expect(await reminders()).toHaveLength(2);
    expect(JSON.stringify(notices.received)).not.toContain(_id);
  });

  it('that cannot be sent delays neither a run nor an unlock, and is sent later', async () => {
    chartUpdate('unnotified', { on: false });
    const discharged = add('unnotified', { ...DISCHARGED, ...to('Amber House') });
    const other = add('unnotified');
    await cycle('unnotified');
    notices.mode = 'down';
    standIn.edit('unnotified', other, {});
    expect(await cycle('unnotified')).toMatchObject({ status: 'completed' });
    const held = await untilStatus('unnotified', discharged, 'held');
    notices.mode = 'silent';
    expect(await remind(held._id, 0)).toEqual({ held: true, reminders: 1 });
    await service.unlock(held);
    await untilDestination('unnotified', discharged, 'Amber House');
    const waiting = () => store.notices.waiting({ instance: 'unnotified' }, new Date(0));
    const texts = (await waiting()).map(({ text }) => text);
    const missing = expect.stringMatching(/isn't sending us chart updates yet/);
    expect([noticesOf('unnotified'), texts]).toEqual([[], [missing]]);

    notices.mode = 'up';
    await cycle('unnotified');
    expect([noticesOf('unnotified'), await waiting()]).toEqual([[says(/isn't sending us chart updates yet/)], []]);
    await cycle('unnotified');
    expect(noticesOf('unnotified')).toHaveLength(1);
  });
});

describe('/health/freshness', () => {
  const emptied = instances.filter(({ name }) => name === 'emptied');
  const look = async (url: string) => {
    const answer = await fetch(`${url}/health/freshness`);
    const { ok, instances: found } = answered.parse(await answer.json());
    return [answer.status, ok, found[0]?.warnings];
  };

  it('is 503 before the first run, when the last one is old, and if charts have disappeared', async () => {
    const elsewhere = { ...settings, web: { ...settings.web, port: 0 } };
    const [current, strict] = await Promise.all([
      startReceiver({ instances: emptied, settings: elsewhere }),
      startReceiver({ instances: emptied, settings: { ...elsewhere, freshWithinMs: 1 } }),
    ]);
    try {
      expect(await look(current.url)).toEqual([503, false, ['never-completed']]);
      const charts = Array.from({ length: 12 }, () => add('emptied'));
      await service.fullRun('emptied');
      expect(await look(current.url)).toEqual([200, true, []]);
      expect(await look(strict.url)).toEqual([503, false, ['not-fresh']]);
      for (const casefileId of charts) standIn.remove('emptied', casefileId);
      for (let night = 0; night < 2; night += 1) {
        expect((await service.fullRun('emptied')).counts.listed).toBe(0);
        expect(await look(current.url)).toEqual([503, false, ['no-charts']]);
      }
    } finally {
      await Promise.all([current.stop(), strict.stop()]);
    }
  });
});
