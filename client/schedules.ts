import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { RUN_DETAILS, runSummary } from '../domain/temporalPage.ts';
import { DAY_MS, MINUTE_MS } from '../domain/time.ts';
import { type SyncInput, syncScheduleId } from '../workflows/messages.ts';
import { instanceAttribute } from '../workflows/searchAttributes.ts';

/** How often an instance is synced. */
export interface ScheduleOptions {
  everyMinutes: number;
  /** Starts are spread over this many seconds, so that instances don't all start at once. */
  jitterSeconds: number;
  /** Starts missed for longer than this (Temporal was down) are dropped: the next run covers them. */
  catchUpMinutes: number;
}

/** The state of an instance's schedule, as `schedule describe` shows it. */
export interface ScheduleStatus {
  instance: string;
  schedule: string;
  paused: boolean;
  note: string | null;
  everyMinutes: number | null;
  /** When the schedule was created. */
  createdAt: Date;
  nextRunAt: Date | null;
  lastRunAt: Date | null;
  runningNow: number;
  /** Starts dropped because one run was in progress and another was buffered. */
  skippedOverlap: number;
  /** Starts dropped because they were missed for longer than the catch-up window. */
  missedCatchUp: number;
}

/**
 * The longest duration of a run. The first run of a large instance takes hours. A run that takes longer is stuck, and Temporal
 * ends it, because the runs behind it wait. The next run begins at the same cursor.
 */
function longestRunMs(everyMinutes: number): number {
  return Math.max(DAY_MS, 3 * everyMinutes * MINUTE_MS);
}

/** Thrown when the schedule of an instance starts runs on another task queue: it belongs to another deployment. */
export class OtherDeploymentError extends Error {
  override readonly name = 'OtherDeploymentError';

  constructor(instance: string, taskQueue: string) {
    super(
      `The schedule ${syncScheduleId(instance)} belongs to another deployment, with the task queue ${taskQueue}. Use another ` +
        'Temporal namespace, or run kipu-referrals setup --force to take the schedule over.',
    );
  }
}

/** The note of a schedule that was paused because the settings no longer have its instance. */
const REMOVED_NOTE = 'kipu-referrals setup: the settings no longer have this instance';
/** The note of a schedule that was paused together with its connection. */
const CONNECTION_NOTE = 'the KIPU connection is paused: see the audit';

/**
 * Creates the instance's schedule or updates it; an operator's pause is kept. Returns which it did. A schedule of another
 * deployment is updated only with `force`. With `paused` it is created or left paused.
 * @throws OtherDeploymentError
 */
export async function ensureSchedule(
  client: Client,
  instance: string,
  taskQueue: string,
  options: ScheduleOptions,
  { force = false, paused = false } = {},
): Promise<'created' | 'updated'> {
  const scheduleId = syncScheduleId(instance);
  const schedule = {
    spec: {
      intervals: [{ every: options.everyMinutes * MINUTE_MS }],
      jitter: options.jitterSeconds * 1_000,
    },
    action: {
      type: 'startWorkflow' as const,
      workflowType: 'syncWorkflow',
      workflowId: scheduleId,
      taskQueue,
      workflowExecutionTimeout: longestRunMs(options.everyMinutes),
      args: [{ instance } satisfies SyncInput],
      typedSearchAttributes: [{ key: instanceAttribute, value: instance }],
      staticSummary: runSummary(instance),
      staticDetails: RUN_DETAILS,
    },
    policies: {
      // A run that is due while another is in progress follows at once; more than one is never needed.
      overlap: ScheduleOverlapPolicy.BUFFER_ONE,
      catchupWindow: options.catchUpMinutes * MINUTE_MS,
    },
  };
  try {
    await client.schedule.create({
      ...{ scheduleId, ...schedule },
      ...(paused ? { state: { paused, note: CONNECTION_NOTE } } : {}),
    });
    return 'created';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(scheduleId).update(({ action, state }) => {
      if (action.taskQueue !== taskQueue && !force) throw new OtherDeploymentError(instance, action.taskQueue);
      if (paused) return { ...schedule, state: state.paused ? state : { ...state, paused, note: CONNECTION_NOTE } };
      const isOurPause = state.note === REMOVED_NOTE || state.note === CONNECTION_NOTE;
      return { ...schedule, state: isOurPause ? { ...state, paused: false, note: '' } : state };
    });
    return 'updated';
  }
}

/** Returns the names of all instances that have a schedule in Temporal, also of those that the settings do not have, sorted. */
export async function scheduledInstances(client: Client): Promise<string[]> {
  const names: string[] = [];
  const prefix = syncScheduleId('');
  for await (const { scheduleId } of client.schedule.list()) {
    if (scheduleId.startsWith(prefix)) names.push(scheduleId.slice(prefix.length));
  }
  return names.sort();
}

/** Returns the schedules of this deployment whose instance the settings do not have. */
export async function removedInstances(
  client: Client,
  instances: readonly string[],
  taskQueue: string,
): Promise<{ instance: string; paused: boolean }[]> {
  const removed: { instance: string; paused: boolean }[] = [];
  for (const instance of await scheduledInstances(client)) {
    if (instances.includes(instance)) continue;
    try {
      const { action, state } = await client.schedule.getHandle(syncScheduleId(instance)).describe();
      if (action.taskQueue === taskQueue) removed.push({ instance, paused: state.paused });
    } catch (error) {
      // It was deleted a moment ago, and is still listed.
      if (!(error instanceof ScheduleNotFoundError)) throw error;
    }
  }
  return removed;
}

/**
 * Pauses the schedules of this deployment whose instance the settings no longer have: its runs would fail each time. Returns
 * the names of those that it paused. The schedule is resumed when the instance is set up again.
 */
export async function pauseRemoved(client: Client, instances: readonly string[], taskQueue: string): Promise<string[]> {
  const removed = await removedInstances(client, instances, taskQueue);
  const active = removed.filter(({ paused }) => !paused).map(({ instance }) => instance);
  for (const name of active) await client.schedule.getHandle(syncScheduleId(name)).pause(REMOVED_NOTE);
  return active;
}

/** Deletes the instance's schedule and cancels its runs; not those of another deployment. */
export async function removeSchedule(client: Client, instance: string, taskQueue: string): Promise<void> {
  const schedule = client.schedule.getHandle(syncScheduleId(instance));
  try {
    const { action, info } = await schedule.describe();
    if (action.taskQueue !== taskQueue) return;
    await schedule.delete();
    for (const { workflow } of info.runningActions) {
      await client.workflow
        .getHandle(workflow.workflowId)
        .cancel()
        .catch((error: unknown) => {
          // It ended a moment ago.
          if (!(error instanceof WorkflowNotFoundError)) throw error;
        });
    }
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}

/** Starts a run now, or directly after the one in progress. */
export async function triggerRun(client: Client, instance: string): Promise<void> {
  await client.schedule.getHandle(syncScheduleId(instance)).trigger(ScheduleOverlapPolicy.BUFFER_ONE);
}

/** The notes of schedules that a person paused or resumed. Who and why are in the audit: nothing typed goes to Temporal. */
const PAUSED_NOTE = 'paused by a person: see the audit';
const RESUMED_NOTE = 'resumed by a person: see the audit';

/** Pauses the schedule or resumes it. */
export async function pauseSchedule(client: Client, instance: string, pause: boolean): Promise<void> {
  const schedule = client.schedule.getHandle(syncScheduleId(instance));
  await (pause ? schedule.pause(PAUSED_NOTE) : schedule.unpause(RESUMED_NOTE));
}

/** Reads the state of the instance's schedule; null when there is none. */
export async function describeSchedule(client: Client, instance: string): Promise<ScheduleStatus | null> {
  try {
    const { scheduleId, spec, state, info } = await client.schedule.getHandle(syncScheduleId(instance)).describe();
    const every = spec.intervals?.[0]?.every;
    return {
      instance,
      schedule: scheduleId,
      paused: state.paused,
      note: state.note || null,
      everyMinutes: typeof every === 'number' ? every / MINUTE_MS : null,
      createdAt: info.createdAt,
      nextRunAt: info.nextActionTimes[0] ?? null,
      lastRunAt: info.recentActions.at(-1)?.takenAt ?? null,
      runningNow: info.runningActions.length,
      skippedOverlap: info.numActionsSkippedOverlap,
      missedCatchUp: info.numActionsMissedCatchupWindow,
    };
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}
