import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { addAccount } from '../../client/accounts.ts';
import { setOwnNotifications } from '../../client/recipients.ts';
import { ensureSchedule, pauseSchedule, scheduledInstances } from '../../client/schedules.ts';
import { HOUR_MS } from '../../domain/time.ts';
import { notifyRecipients, type RecipientContext } from '../../notices/recipients.ts';
import { checkInstances, startedNow, type WatchContext, type Watched, watchInstances } from '../../notices/watch.ts';
import type { RunDocument } from '../../store/documents.ts';
import type { NewRecipient } from '../../store/recipients.ts';
import { syncScheduleId } from '../../workflows/messages.ts';
import { startMailServer } from '../support/mailServer.ts';
import { startNoticeReceiver } from '../support/noticeReceiver.ts';
import { serviceForTests } from '../support/service.ts';

/* What people are notified of when it begins and when it is over, from the run or from the watch of two processes. */

const [receiver, mail] = await Promise.all([startNoticeReceiver(), startMailServer()]);
const service = await serviceForTests({
  standIn: { instances: ['refused', 'shaky', 'broken'].map((name) => ({ name, charts: name === 'broken' ? 3 : 1 })) },
  env: { NOTICE_URL: receiver.url },
  kipuTimeoutMs: 1_000,
});
const { standIn, store, client, settings } = service;
const { records } = store.collections;
const PATIENCE = { timeout: 20_000 };
const actor = { who: 'tests', at: new Date() };
/** A schedule that starts no run during the tests. */
const RARELY = { everyMinutes: 30 * 24 * 60, jitterSeconds: 0, catchUpMinutes: 1 };
const log = { warn: vi.fn<(text: string) => void>(), info: vi.fn<(text: string) => void>() };

beforeEach(() => {
  log.warn.mockClear();
  log.info.mockClear();
});

/** Runs the instance until its workflow has ended: notices are sent after the run is stored. */
async function run(instance: string): Promise<RunDocument> {
  const ended = await service.run(instance);
  await client.workflow
    .getHandle(ended.workflowId, ended._id)
    .result()
    .catch(() => null);
  return ended;
}

/** Returns the texts that the URL received about an instance, in order. */
function noticesOf(instance: string): string[] {
  const texts = receiver.received.map((notice) => (notice as { text: string }).text);
  return texts.filter((text) => text.startsWith(`${instance}: `));
}

/** Returns what a process needs to watch these instances; its clock is so many hours ahead. */
function watchOf(instances: string[], hours = 0): WatchContext {
  return {
    ...{ store, client, instances, taskQueue: 'another queue', noticeUrl: settings.noticeUrl, log },
    channels: { mail: null, webUrl: null },
    ...{ freshWithinMs: 1.5 * HOUR_MS, everyMinutes: 60, now: () => new Date(Date.now() + hours * HOUR_MS) },
  };
}

/** Checks as two processes do that have been running for long. */
async function checkTwice(context: WatchContext): Promise<void> {
  const since = new Date(context.now().getTime() - 24 * HOUR_MS);
  await Promise.all([1, 2].map(() => checkInstances(context, startedNow(since))));
}

describe('Runs that do not complete', () => {
  it('of an instance that refuses us are one notice at once, and one when a run completes', async () => {
    const refusal = standIn.faults.inject({ kind: 'status', status: 401, instance: 'refused', times: 'always' });
    expect(await run('refused')).toMatchObject({ status: 'failed' });
    const failing = expect.stringMatching(/^refused: the last sync did not finish\. .*401.* secret/);
    expect(noticesOf('refused')).toEqual([failing]);
    expect(await store.notices.open('refused')).toMatchObject([{ kind: 'runs-failing', text: failing }]);

    expect(await run('refused')).toMatchObject({ status: 'failed' });
    await checkTwice(watchOf(['refused']));
    expect(noticesOf('refused')).toEqual([failing]);

    refusal.remove();
    expect(await run('refused')).toMatchObject({ status: 'completed' });
    const over = 'refused: Syncs finish again.';
    expect(noticesOf('refused')).toEqual([failing, over]);
    await run('refused');
    await checkTwice(watchOf(['refused']));
    expect([noticesOf('refused'), await store.notices.open('refused')]).toEqual([[failing, over], []]);
  });

  it('are a notice after two in a row if KIPU only answers wrongly', async () => {
    const fault = { kind: 'status', status: 404, route: 'latest', instance: 'shaky', times: 'always' } as const;
    let unavailable = standIn.faults.inject(fault);
    expect(await run('shaky')).toMatchObject({ status: 'incomplete' });
    expect(noticesOf('shaky')).toEqual([]);
    unavailable.remove();
    await run('shaky');
    unavailable = standIn.faults.inject(fault);
    await run('shaky');
    expect(noticesOf('shaky')).toEqual([]);
    await run('shaky');
    const failing = expect.stringMatching(/^shaky: the last 2 syncs did not finish\. /);
    expect(noticesOf('shaky')).toEqual([failing]);
    unavailable.remove();
    await run('shaky');
    expect(noticesOf('shaky')).toEqual([failing, 'shaky: Syncs finish again.']);
  });
});

describe('A record that fails', () => {
  it('is one notice after a day, and one when it is read', async () => {
    const [first] = standIn.charts('broken');
    const casefileId = first?.casefileId ?? '';
    standIn.edit('broken', casefileId, { last_name: ['Moss'] });
    expect(await run('broken')).toMatchObject({ status: 'completed', counts: { failed: 1 } });
    expect(noticesOf('broken')).toEqual([]);
    const { _id, failure } = await service.record('broken', casefileId);
    expect(failure).toMatchObject({ code: 'chart-unreadable', since: failure?.at });

    const yesterday = new Date(Date.now() - 25 * HOUR_MS);
    await records.updateOne({ _id }, { $set: { 'failure.since': yesterday, retryAt: null } });
    expect(await run('broken')).toMatchObject({ counts: { failed: 1 } });
    // Another failure of the same row.
    expect((await service.record('broken', casefileId)).failure).toMatchObject({ times: 2, since: yesterday });
    const failing = expect.stringContaining(
      `1 record has failed for a day or longer (chart-unreadable): ${_id}. Correct`,
    );
    expect(noticesOf('broken')).toEqual([failing]);
    await run('broken');
    await checkTwice(watchOf(['broken']));
    expect(noticesOf('broken')).toEqual([failing]);

    standIn.edit('broken', casefileId, { last_name: 'Moss' });
    expect(await run('broken')).toMatchObject({ counts: { failed: 0 } });
    const over = 'broken: No record has failed for a day or longer now (chart-unreadable).';
    expect(noticesOf('broken')).toEqual([failing, over]);
    expect(JSON.stringify(receiver.received)).not.toMatch(/Moss/);
  });
});

/** Stores a run of the instance that ended at `endedAt`. */
async function endedRun(instance: string, endedAt: Date): Promise<void> {
  const _id = randomUUID();
  const window = { startDay: '2026-01-01', endDay: '2026-01-02' };
  await store.runs.open({ _id, instance, workflowId: 'sync', mode: 'full', window, startedAt: endedAt });
  await store.collections.runs.updateOne({ _id }, { $set: { status: 'completed', endedAt, cursor: endedAt } });
}

describe('Runs that no process starts', () => {
  it('are one notice for two processes, and one when a run ends again', async () => {
    const instance = 'quiet';
    await ensureSchedule(client, instance, 'another queue', RARELY);
    await checkTwice(watchOf([instance]));
    expect(noticesOf(instance)).toEqual([]);
    for (let check = 0; check < 3; check += 1) await checkTwice(watchOf([instance], 4));
    const late = expect.stringMatching(/^quiet: no sync has ended yet\. Check that a worker runs.*sync\/quiet/);
    expect(noticesOf(instance)).toEqual([late]);
    expect([log.warn.mock.calls.length, log.info.mock.calls.length]).toEqual([1, 0]);

    await endedRun(instance, new Date(Date.now() + 4.5 * HOUR_MS));
    for (let check = 0; check < 3; check += 1) await checkTwice(watchOf([instance], 5));
    expect(noticesOf(instance)).toEqual([late, 'quiet: Syncs end again.']);
    expect([log.warn.mock.calls.length, log.info.mock.calls.length]).toEqual([1, 1]);
    await client.schedule.getHandle(syncScheduleId(instance)).delete();
  });

  it('because somebody paused the schedule are a notice that says so', async () => {
    const instance = 'resting';
    await ensureSchedule(client, instance, 'another queue', RARELY);
    await endedRun(instance, new Date());
    await client.schedule.getHandle(syncScheduleId(instance)).pause('Robin Vale: Dana Whitlock is at lunch');
    await checkTwice(watchOf([instance], 1));
    expect(noticesOf(instance)).toEqual([]);
    for (let check = 0; check < 2; check += 1) await checkTwice(watchOf([instance], 4));
    const paused = expect.stringMatching(/^resting: the schedule was paused by hand.*schedule resume resting/);
    expect(noticesOf(instance)).toEqual([paused]);
    expect(JSON.stringify(receiver.received)).not.toMatch(/Robin|Dana/);

    // The process that saw the pause waits for a run.
    const watched: Watched = startedNow(new Date(Date.now() - 24 * HOUR_MS));
    await checkInstances(watchOf([instance], 5), watched);
    await pauseSchedule(client, instance, false);
    await checkInstances(watchOf([instance], 5), watched);
    expect(noticesOf(instance)).toEqual([paused, 'resting: The schedule is no longer paused.']);
    await client.schedule.getHandle(syncScheduleId(instance)).delete();
  });

  it('because Temporal has no schedule are one notice, and one when it has', async () => {
    const instance = 'unscheduled';
    const watched = startedNow(new Date());
    await checkInstances(watchOf([instance]), watched);
    expect(noticesOf(instance)).toEqual([]);
    for (let check = 0; check < 2; check += 1) await checkInstances(watchOf([instance], 0.5), watched);
    const missing = expect.stringMatching(/^unscheduled: it has no schedule in Temporal.*kipu-referrals setup/);
    expect(noticesOf(instance)).toEqual([missing]);
    await ensureSchedule(client, instance, 'another queue', RARELY);
    await checkInstances(watchOf([instance], 1), watched);
    expect(noticesOf(instance)).toEqual([missing, 'unscheduled: It has a schedule in Temporal again.']);
    await client.schedule.getHandle(syncScheduleId(instance)).delete();
  });
});

describe('A schedule whose instance the settings do not have', () => {
  it('is one notice, and one when it is gone', async () => {
    const instance = 'removed';
    const context = { ...watchOf([]), taskQueue: randomUUID() };
    const handle = client.schedule.getHandle(syncScheduleId(instance));
    await ensureSchedule(client, instance, context.taskQueue, RARELY);
    // Temporal lists a new schedule after a moment.
    await vi.waitUntil(async () => (await scheduledInstances(client)).includes(instance), PATIENCE);
    for (let check = 0; check < 2; check += 1) await checkTwice(context);
    const removed = expect.stringMatching(
      /^removed: the settings no longer have this instance, but its schedule still/,
    );
    expect(noticesOf(instance)).toEqual([removed]);
    await handle.delete();
    for (let check = 0; check < 2; check += 1) await checkTwice(context);
    expect(noticesOf(instance)).toEqual([removed, expect.stringMatching(/^removed: The settings have this instance/)]);
  });
});

describe('The watch', () => {
  it('sends a notice that the URL did not accept once, however many processes try', async () => {
    receiver.mode = 'down';
    const context = watchOf(['late-notice'], 4);
    await ensureSchedule(client, 'late-notice', 'another queue', RARELY);
    await checkTwice(context);
    expect(noticesOf('late-notice')).toEqual([]);
    receiver.mode = 'up';
    const stopping = new AbortController();
    const watching = [1, 2, 3].map(() => watchInstances(context, stopping.signal, 20));
    await vi.waitUntil(() => noticesOf('late-notice').length > 0, PATIENCE);
    const waiting = async () => store.notices.waiting({ instance: 'late-notice' }, new Date(0));
    await vi.waitUntil(async () => (await waiting()).length === 0, PATIENCE);
    stopping.abort();
    await Promise.all(watching);
    expect(noticesOf('late-notice')).toHaveLength(1);
    await client.schedule.getHandle(syncScheduleId('late-notice')).delete();
  });
});

describe('Recipients', () => {
  const at = (time: string) => new Date(`2031-03-02T${time}Z`);
  /** Checks as three processes do at the same time. The clinic is in Los Angeles, 8 hours behind UTC. */
  const checkAt = async (time: string, more: Partial<RecipientContext> = {}) => {
    const context: RecipientContext = {
      ...{ store, instances: ['broken'], noticeUrl: null, log, now: () => at(time) },
      timeZoneOf: () => 'America/Los_Angeles',
      channels: { mail: mail.settings, webUrl: 'https://referrals.example.org' },
      ...more,
    };
    await Promise.all([1, 2, 3].map(() => notifyRecipients(context)));
  };
  const mailsTo = (address: string) => mail.received.filter(({ to }) => to.includes(address)).map(({ text }) => text);
  const add = (target: string, more: Partial<NewRecipient> = {}) =>
    store.recipients.add({
      ...{ name: target, channel: 'email', target, secret: null, instances: '*', subscriptions: ['digest', 'trouble'] },
      ...{ hour: 8, account: null, createdAt: at('12:00:00'), createdBy: 'tests', ...more },
    });

  it('get one digest for each day, from their hour on, and one message for each notice, from several processes', async () => {
    await records.updateOne({ instance: 'broken' }, { $set: { status: 'failed' } });
    await add('desk@example.org');
    await add('elsewhere@example.org', { instances: ['shaky'] });
    await add('quiet@example.org', { subscriptions: ['trouble'] });
    await checkAt('15:59:00');
    expect(mail.received).toEqual([]);
    for (const time of ['16:00:00', '16:01:00', '23:00:00']) await checkAt(time);
    expect(mailsTo('desk@example.org')).toEqual([expect.stringContaining('Subject: broken: 1 record needs attention')]);
    expect(mailsTo('desk@example.org')[0]).toContain('https://referrals.example.org/attention');

    await store.notices.note({ _id: 'a', instance: 'broken', text: 'broken: it stopped.', at: at('13:00:00') });
    await store.notices.note({
      _id: 'b',
      instance: 'broken',
      text: 'broken: held.',
      at: at('13:00:00'),
      inDigest: true,
    });
    await store.notices.note({ _id: 'c', instance: 'broken', text: 'broken: before.', at: at('11:00:00') });
    for (const time of ['23:10:00', '23:11:00']) await checkAt(time);
    expect(mailsTo('desk@example.org')).toHaveLength(2);
    expect(mailsTo('quiet@example.org')).toEqual([expect.stringContaining('broken: it stopped.')]);
    expect(mailsTo('elsewhere@example.org')).toEqual([]);
  });

  it('get what was not accepted later, and what a stopped process was sending after two minutes', async () => {
    const id = await add('late@example.org', { subscriptions: ['trouble'] });
    await store.notices.note({ _id: 'd', instance: 'broken', text: 'broken: late.', at: at('13:00:00') });
    mail.mode = 'refusing';
    await checkAt('23:20:00');
    expect(await store.notifications.lastTo(id)).toMatchObject({ state: 'waiting', tries: 1, failure: 'EENVELOPE' });
    mail.mode = 'up';
    await checkAt('23:20:30');
    expect(mailsTo('late@example.org')).toEqual([]);
    const waiting = (await store.notifications.due(at('23:21:00'), 10)).find(({ recipient }) => recipient === id);
    await store.notifications.reserve(waiting?._id ?? '', at('23:21:00'));
    await checkAt('23:22:00');
    expect(mailsTo('late@example.org')).toEqual([]);
    await checkAt('23:23:01');
    await checkAt('23:26:00');
    expect(mailsTo('late@example.org')).toHaveLength(1);
  });

  it('that accept nothing delay no other, and what is too old is given up', async () => {
    const dead = await add('dead', { channel: 'slack', target: 'http://127.0.0.1:1/', subscriptions: ['trouble'] });
    await add('alive@example.org', { subscriptions: ['trouble'] });
    for (const _id of ['f', 'g', 'h'])
      await store.notices.note({ _id, instance: 'broken', text: `broken: ${_id}.`, at: at('13:00:00') });
    await checkAt('23:30:00');
    expect(mailsTo('alive@example.org')).toHaveLength(3);
    const toDead = () => store.collections.notifications.find({ recipient: dead }).toArray();
    const tried = await toDead();
    expect(tried.reduce((sum, { tries }) => sum + tries, 0)).toBeLessThanOrEqual(3);
    expect(tried.every(({ nextTryAt }) => nextTryAt > at('23:30:00'))).toBe(true);
    await store.notifications.giveUpOld(new Date('2031-03-10T12:00:00Z'));
    expect((await toDead()).map(({ state }) => state)).toEqual(['given-up', 'given-up', 'given-up']);
  });

  it('of an account get nothing once it is disabled, or may no longer see the instance', async () => {
    for (const [name, access] of [
      ['dana', { instances: ['broken'] }],
      ['lena', { instances: ['shaky'] }],
      ['gone', { disabled: true }],
    ] as const) {
      await addAccount(store, { name, displayName: name, password: 'x', role: 'viewer', instances: '*' }, actor);
      await store.collections.accounts.updateOne({ name }, { $set: access });
      const { _id = '' } = (await store.accounts.byName(name)) ?? {};
      const wanted = { target: `${name}@example.org`, subscriptions: ['trouble' as const], hour: 8 };
      await setOwnNotifications(store, { _id, name }, wanted, { ...actor, at: at('12:00:00') });
    }
    await store.notices.note({ _id: 'e', instance: 'broken', text: 'broken: again.', at: at('13:00:00') });
    await checkAt('23:40:00');
    expect(['dana', 'lena', 'gone'].map((name) => mailsTo(`${name}@example.org`).length)).toEqual([1, 0, 0]);
  });

  it('of the settings get the digest at 8', async () => {
    await checkAt('23:50:00', { noticeUrl: receiver.url });
    const texts = receiver.received.map((notice) => (notice as { text: string }).text);
    const digests = texts.filter((text) => text.startsWith('Summary of broken for 2031-03-02'));
    expect(digests).toEqual([expect.stringContaining('1 record whose chart could not be read')]);
  });
});
