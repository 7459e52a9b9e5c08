import { type Client, ScheduleAlreadyRunning, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import { instanceAttribute, type SyncInput, syncScheduleId } from '../workflows/messages.ts';

/** How often an instance is synced. */
export interface ScheduleOptions {
  everyMinutes: number;
  /** Starts are spread over this many seconds, so that instances don't all start at once. */
  jitterSeconds: number;
  /** Starts missed for longer than this (Temporal was down) are dropped: the next run covers them. */
  catchUpMinutes: number;
}

/** What an instance's schedule is doing, as `schedule describe` shows it. */
export interface ScheduleStatus {
  instance: string;
  schedule: string;
  paused: boolean;
  note: string | null;
  everyMinutes: number | null;
  nextRunAt: Date | null;
  lastRunAt: Date | null;
  runningNow: number;
  /** Starts dropped because a run was going on and another waited already; starts dropped by the catch-up window. */
  skippedOverlap: number;
  missedCatchUp: number;
}

/** Makes the instance's schedule, or brings it up to date; says which. An operator's pause stays. */
export async function ensureSchedule(
  client: Client,
  instance: string,
  taskQueue: string,
  pace: ScheduleOptions,
): Promise<'made' | 'updated'> {
  const scheduleId = syncScheduleId(instance);
  const options = {
    spec: {
      intervals: [{ every: pace.everyMinutes * 60_000 }],
      jitter: pace.jitterSeconds * 1_000,
    },
    action: {
      type: 'startWorkflow' as const,
      workflowType: 'syncWorkflow',
      workflowId: scheduleId,
      taskQueue,
      args: [{ instance } satisfies SyncInput],
      typedSearchAttributes: [{ key: instanceAttribute, value: instance }],
    },
    policies: {
      // A run that is due while the last one goes on follows at once; more than one is never needed.
      overlap: ScheduleOverlapPolicy.BUFFER_ONE,
      catchupWindow: pace.catchUpMinutes * 60_000,
    },
  };
  try {
    await client.schedule.create({ scheduleId, ...options });
    return 'made';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(scheduleId).update(({ state }) => ({ ...options, state }));
    return 'updated';
  }
}

/** Starts a run now; where one goes on, it follows at once. */
export async function triggerRun(client: Client, instance: string): Promise<void> {
  await client.schedule.getHandle(syncScheduleId(instance)).trigger(ScheduleOverlapPolicy.BUFFER_ONE);
}

/** Pauses the schedule (`note` says who and why), or lets it go on. */
export async function pauseSchedule(client: Client, instance: string, pause: boolean, note: string): Promise<void> {
  const schedule = client.schedule.getHandle(syncScheduleId(instance));
  await (pause ? schedule.pause(note) : schedule.unpause(note));
}

/** What the instance's schedule is doing; null when there is none. */
export async function describeSchedule(client: Client, instance: string): Promise<ScheduleStatus | null> {
  try {
    const { scheduleId, spec, state, info } = await client.schedule.getHandle(syncScheduleId(instance)).describe();
    const every = spec.intervals?.[0]?.every;
    return {
      instance,
      schedule: scheduleId,
      paused: state.paused,
      note: state.note || null,
      everyMinutes: typeof every === 'number' ? every / 60_000 : null,
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
