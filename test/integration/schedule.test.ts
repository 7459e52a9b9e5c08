import { randomUUID } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { ensureSearchAttributes, missingSearchAttributes, provision } from '../../client/provision.ts';
import {
  describeSchedule,
  ensureSchedule,
  OtherDeploymentError,
  pauseRemoved,
  pauseSchedule,
  type ScheduleOptions,
  scheduledInstances,
  triggerRun,
} from '../../client/schedules.ts';
import { HOUR_MS } from '../../domain/time.ts';
import { syncScheduleId } from '../../workflows/messages.ts';
import { serviceForTests } from '../support/service.ts';

const service = await serviceForTests({
  standIn: {
    instances: [
      { name: 'busy', charts: 6 },
      { name: 'moved', charts: 0 },
      { name: 'stuck', charts: 3 },
    ],
  },
  kipuTimeoutMs: 1_500,
});
const { client, standIn, store, settings } = service;

const OPTIONS: ScheduleOptions = { everyMinutes: 60, jitterSeconds: 30, catchUpMinutes: 360 };
const PATIENCE = { timeout: 20_000 };

async function stop(instance: string): Promise<void> {
  await client.schedule.getHandle(syncScheduleId(instance)).delete();
}

it('Provisioning reads stored dates again where the time zone of an instance changed', async () => {
  const { casefileId } = standIn.add('moved', { discharge_date: '2026-01-05' });
  await service.run('moved');
  const read = async () => {
    const { timeZone, dischargedAt, pending } = await service.record('moved', casefileId);
    return { timeZone, dischargedAt, pending };
  };
  expect(await read()).toEqual({ timeZone: 'UTC', dischargedAt: new Date('2026-01-05T00:00:00Z'), pending: false });
  const moved = service.instances.filter(({ name }) => name === 'moved');
  const instances = moved.map((one) => ({ ...one, timeZone: 'America/Denver' }));
  await provision({ settings, instances, temporal: service.temporal, mongoUri: service.mongo.uri });
  const dischargedAt = new Date('2026-01-05T07:00:00Z');
  expect(await read()).toEqual({ timeZone: 'America/Denver', dischargedAt, pending: true });
});

describe('A schedule', () => {
  it('is created once, and stays the same when it is ensured again', async () => {
    const instance = randomUUID();
    expect(await describeSchedule(client, instance)).toBeNull();
    expect(await ensureSchedule(client, instance, settings.taskQueue, OPTIONS)).toBe('created');
    const handle = client.schedule.getHandle(syncScheduleId(instance));
    const created = await handle.describe();
    expect(created.policies).toMatchObject({ overlap: 'BUFFER_ONE', catchupWindow: 6 * HOUR_MS });
    expect(created.action).toMatchObject({ workflowExecutionTimeout: 24 * HOUR_MS });
    expect(created.spec).toMatchObject({ intervals: [{ every: HOUR_MS }], jitter: 30_000 });

    expect(await ensureSchedule(client, instance, settings.taskQueue, OPTIONS)).toBe('updated');
    const { spec, policies, action, state } = await handle.describe();
    expect({ spec, policies, action, state }).toEqual({
      ...{ spec: created.spec, policies: created.policies, action: created.action, state: created.state },
    });
    await stop(instance);
  });

  it('changes its interval, and keeps a person’s pause and the note of it', async () => {
    const instance = randomUUID();
    await ensureSchedule(client, instance, settings.taskQueue, OPTIONS);
    await pauseSchedule(client, instance, true);
    await ensureSchedule(client, instance, settings.taskQueue, { ...OPTIONS, everyMinutes: 15, catchUpMinutes: 30 });
    expect(await describeSchedule(client, instance)).toMatchObject({
      ...{ paused: true, note: 'paused by a person: see the audit', everyMinutes: 15 },
    });
    const { policies } = await client.schedule.getHandle(syncScheduleId(instance)).describe();
    expect(policies.catchupWindow).toBe(HOUR_MS / 2);

    await pauseSchedule(client, instance, false);
    await ensureSchedule(client, instance, settings.taskQueue, OPTIONS);
    expect(await describeSchedule(client, instance)).toMatchObject({ paused: false, everyMinutes: 60 });
    await stop(instance);
  });

  it('is created once by two calls at the same time', async () => {
    const instance = randomUUID();
    const both = [1, 2].map(() => ensureSchedule(client, instance, settings.taskQueue, OPTIONS));
    expect((await Promise.all(both)).sort()).toEqual(['created', 'updated']);
    await stop(instance);
  });

  it('that is triggered three times during a run starts exactly one more run', async () => {
    await service.run('busy');
    const chart = standIn.charts('busy').at(0)?.casefileId ?? '';
    standIn.edit('busy', chart, { discharge_or_transition_name: 'Gull Point House' });
    const slow = standIn.faults.inject({ kind: 'delay', ms: 60_000, route: 'chart', times: 'always' });
    const runs = () => store.runs.list({ instance: 'busy' }, 10);
    const described = () => client.schedule.getHandle(syncScheduleId('busy')).describe();
    await triggerRun(client, 'busy');
    await vi.waitUntil(async () => slow.applied > 0 && (await runs()).length === 2, PATIENCE);

    for (let more = 0; more < 3; more += 1) await triggerRun(client, 'busy');
    await vi.waitUntil(async () => Number((await described()).raw.info?.bufferSize) === 1, PATIENCE);
    expect(await runs()).toHaveLength(2);
    // The client's timeout ends the slow call, and the pull is retried.
    slow.remove();
    await vi.waitUntil(async () => (await runs()).filter(({ endedAt }) => endedAt !== null).length === 3, PATIENCE);

    const [second, first] = await runs();
    expect([first?.counts.due, second?.counts.due]).toEqual([1, 0]);
    expect(Number(second?.startedAt)).toBeGreaterThanOrEqual(Number(first?.endedAt));
    await vi.waitUntil(async () => (await described()).info.runningActions.length === 0, PATIENCE);
    expect(Number((await described()).raw.info?.bufferSize)).toBe(0);
    expect(await runs()).toHaveLength(3);
  });
});

describe('The schedule of an instance that is not in the settings', () => {
  it('is paused by the set-up, and resumed when the instance is there again', async () => {
    const [removed, other, kept] = [randomUUID(), randomUUID(), randomUUID()];
    const queue = randomUUID();
    for (const instance of [removed, kept]) await ensureSchedule(client, instance, queue, OPTIONS);
    await ensureSchedule(client, other, 'another deployment', OPTIONS);
    const paused = async (instance: string) => (await describeSchedule(client, instance))?.paused;
    // Temporal lists a new schedule after a moment.
    await vi.waitUntil(async () => {
      const known = await scheduledInstances(client);
      return [removed, other, kept].every((name) => known.includes(name));
    }, PATIENCE);

    expect(await pauseRemoved(client, [kept], queue)).toEqual([removed]);
    expect(await pauseRemoved(client, [kept], queue)).toEqual([]);
    expect([await paused(removed), await paused(other), await paused(kept)]).toEqual([true, false, false]);

    await ensureSchedule(client, removed, queue, OPTIONS);
    expect(await describeSchedule(client, removed)).toMatchObject({ paused: false, note: null });
    for (const instance of [removed, other, kept]) await stop(instance);
  });

  it('is reported by the set-up, with a notice', async () => {
    const removed = randomUUID();
    await ensureSchedule(client, removed, settings.taskQueue, OPTIONS);
    await vi.waitUntil(async () => (await scheduledInstances(client)).includes(removed), PATIENCE);
    // The other tests pause their schedules, or have them on queues of their own.
    const { instances, temporal } = service;
    const result = await provision({ settings, instances, temporal, mongoUri: service.mongo.uri });
    expect(result.removed).toEqual([removed]);
    const [notice] = await store.notices.list({ instance: removed }, 1);
    expect(notice?.text).toContain('its schedule was paused');
    await stop(removed);
  });
});

describe('The schedule of another deployment', () => {
  it('is not moved to another task queue, except by force', async () => {
    const instance = randomUUID();
    const queue = async () => (await client.schedule.getHandle(syncScheduleId(instance)).describe()).action.taskQueue;
    await ensureSchedule(client, instance, 'the first deployment', OPTIONS);
    const second = ensureSchedule(client, instance, 'the second deployment', OPTIONS);
    await expect(second).rejects.toThrow(OtherDeploymentError);
    await expect(second).rejects.toThrow(/task queue the first deployment.*--force/);
    expect(await queue()).toBe('the first deployment');
    expect(await ensureSchedule(client, instance, 'the second deployment', OPTIONS, { force: true })).toBe('updated');
    expect(await queue()).toBe('the second deployment');
    await stop(instance);
  });
});

describe('A run that takes too long', () => {
  it('is ended, reported, and covered by the next run', async () => {
    const slow = standIn.faults.inject({
      kind: 'delay',
      ms: 60_000,
      route: 'chart',
      instance: 'stuck',
      times: 'always',
    });
    const handle = await client.workflow.start('syncWorkflow', {
      workflowId: `${syncScheduleId('stuck')}-by-hand`,
      taskQueue: settings.taskQueue,
      args: [{ instance: 'stuck' }],
      workflowExecutionTimeout: '4 seconds',
    });
    await vi.waitUntil(() => slow.applied > 0, PATIENCE);
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'TimeoutFailure' } });
    const { firstExecutionRunId } = handle;
    expect(await store.runs.get(firstExecutionRunId)).toMatchObject({ status: 'running', cursor: null });
    slow.remove();

    const next = await service.run('stuck');
    expect(next).toMatchObject({ status: 'completed', mode: 'full' });
    expect(await store.runs.get(firstExecutionRunId)).toMatchObject({
      ...{ status: 'incomplete', cursor: null },
      fault: { code: 'terminated', text: expect.stringContaining('took too long') },
    });
    const notices = await store.notices.list({ instance: 'stuck' }, 10);
    expect(notices.map(({ text }) => text)).toEqual([expect.stringContaining('a run ended without a result')]);
    // A workflow that the ended run started continues, and the next run leaves its record to it.
    const pulledAt = async () =>
      Promise.all(
        standIn.charts('stuck').map(async (chart) => (await service.record('stuck', chart.casefileId)).pulledAt),
      );
    await vi.waitUntil(async () => !(await pulledAt()).includes(null), PATIENCE);
  });
});

describe('Search attributes', () => {
  it('that are registered are left alone', async () => {
    expect(await missingSearchAttributes(client)).toEqual([]);
    expect(await ensureSearchAttributes(client)).toEqual([]);
  });

  it.each([
    ['that are missing', ['Hold']],
    ['that an earlier version did not have', ['HoldReason', 'HeldSince', 'Outcome', 'RunMode']],
  ])('%s are registered', async (_, names) => {
    const { namespace } = client.options;
    await client.connection.operatorService.removeSearchAttributes({ namespace, searchAttributes: names });
    await vi.waitUntil(async () => (await missingSearchAttributes(client)).length === names.length, PATIENCE);
    expect(await ensureSearchAttributes(client)).toEqual(names);
    await vi.waitUntil(async () => (await missingSearchAttributes(client)).length === 0, PATIENCE);
  });
});
