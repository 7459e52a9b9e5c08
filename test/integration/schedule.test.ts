import { randomUUID } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { provision } from '../../client/provision.ts';
import {
  describeSchedule,
  ensureSchedule,
  pauseSchedule,
  type ScheduleOptions,
  triggerRun,
} from '../../client/schedules.ts';
import { ensureSearchAttributes, missingSearchAttributes } from '../../client/searchAttributes.ts';
import { syncScheduleId } from '../../workflows/messages.ts';
import { serviceForTests } from '../support/service.ts';

const service = await serviceForTests({
  standIn: {
    instances: [
      { name: 'busy', charts: 6 },
      { name: 'moved', charts: 0 },
    ],
  },
  kipuTimeoutMs: 1_500,
});
const { client, standIn, store, settings } = service;

const PACE: ScheduleOptions = { everyMinutes: 60, jitterSeconds: 30, catchUpMinutes: 360 };
const HOUR_MS = 3_600_000;
const PATIENCE = { timeout: 20_000 };

async function stop(instance: string): Promise<void> {
  await client.schedule.getHandle(syncScheduleId(instance)).delete();
}

it('making ready reads stored dates anew where the time zone of an instance changed', async () => {
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

describe('a schedule', () => {
  it('is made once, and made again is the same', async () => {
    const instance = randomUUID();
    expect(await describeSchedule(client, instance)).toBeNull();
    expect(await ensureSchedule(client, instance, settings.taskQueue, PACE)).toBe('made');
    const handle = client.schedule.getHandle(syncScheduleId(instance));
    const made = await handle.describe();
    expect(made.policies).toMatchObject({ overlap: 'BUFFER_ONE', catchupWindow: 6 * HOUR_MS });
    expect(made.spec).toMatchObject({ intervals: [{ every: HOUR_MS }], jitter: 30_000 });

    expect(await ensureSchedule(client, instance, settings.taskQueue, PACE)).toBe('updated');
    const { spec, policies, action, state } = await handle.describe();
    expect({ spec, policies, action, state }).toEqual({
      ...{ spec: made.spec, policies: made.policies, action: made.action, state: made.state },
    });
    await stop(instance);
  });

  it('takes another pace, and keeps an operator’s pause and its note', async () => {
    const instance = randomUUID();
    await ensureSchedule(client, instance, settings.taskQueue, PACE);
    await pauseSchedule(client, instance, true, 'Robin Vale: KIPU is being moved');
    await ensureSchedule(client, instance, settings.taskQueue, { ...PACE, everyMinutes: 15, catchUpMinutes: 30 });
    expect(await describeSchedule(client, instance)).toMatchObject({
      ...{ paused: true, note: 'Robin Vale: KIPU is being moved', everyMinutes: 15 },
    });
    const { policies } = await client.schedule.getHandle(syncScheduleId(instance)).describe();
    expect(policies.catchupWindow).toBe(HOUR_MS / 2);

    await pauseSchedule(client, instance, false, 'done');
    await ensureSchedule(client, instance, settings.taskQueue, PACE);
    expect(await describeSchedule(client, instance)).toMatchObject({ paused: false, everyMinutes: 60 });
    await stop(instance);
  });

  it('made by two at once is one', async () => {
    const instance = randomUUID();
    const both = [1, 2].map(() => ensureSchedule(client, instance, settings.taskQueue, PACE));
    expect((await Promise.all(both)).sort()).toEqual(['made', 'updated']);
    await stop(instance);
  });

  it('triggered three times while a run goes on lets exactly one more follow', async () => {
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
    // The client's own time-out ends the slow call, and the pull is tried again.
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

describe('search attributes', () => {
  it('are registered already, and so is nothing to do', async () => {
    expect(await missingSearchAttributes(client)).toEqual([]);
    expect(await ensureSearchAttributes(client)).toEqual([]);
  });

  it('that are missing are registered', async () => {
    const { namespace } = client.options;
    await client.connection.operatorService.removeSearchAttributes({ namespace, searchAttributes: ['Hold'] });
    await vi.waitUntil(async () => (await missingSearchAttributes(client)).length === 1, PATIENCE);
    expect(await ensureSearchAttributes(client)).toEqual(['Hold']);
    await vi.waitUntil(async () => (await missingSearchAttributes(client)).length === 0, PATIENCE);
  });
});
