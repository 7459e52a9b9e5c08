import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { describeSchedule, removedInstances, type ScheduleStatus } from '../client/schedules.ts';
import {
  type Condition,
  lateAfterMs,
  later,
  notInSettings,
  type ScheduleFacts,
  scheduleConditions,
} from '../domain/conditions.ts';
import { DEFAULT_ZONE, MINUTE_MS } from '../domain/time.ts';
import type { Store } from '../store/connect.ts';
import { notifyRecipients, type RecipientContext } from './recipients.ts';
import { notifyOfRuns, RUNS_READ } from './runConditions.ts';
import { type Notifier, notifyOfConditions, sendPendingNotices } from './send.ts';

const TEMPORAL_MS = 5_000;

/** What a process needs to watch the instances. */
export interface WatchContext extends Notifier, Pick<RecipientContext, 'timeZoneOf' | 'channels'> {
  store: Pick<Store, 'notices' | 'runs' | 'records' | 'recipients' | 'notifications' | 'accounts'>;
  client: Client;
  /** The names of all instances that are not retired, as they are now. */
  instances: readonly string[];
  taskQueue: string;
  freshWithinMs: number;
  everyMinutes: number;
}

/** What a watching process remembers between two checks. */
export interface Watched {
  since: Date;
  /** By instance: since when it has had no schedule, and when it was last found paused. */
  missingSince: Map<string, Date>;
  pausedAt: Map<string, Date>;
}

/** Returns a log of notices that writes to the service's log. */
export function noticeLog(logger: Pick<Logger, 'warn' | 'info'>): Notifier['log'] {
  return {
    warn: (text, facts) => logger.warn(facts, text),
    info: (text, facts) => logger.info(facts, text),
  };
}

export function startedNow(since: Date): Watched {
  return { since, missingSince: new Map(), pausedAt: new Map() };
}

/**
 * Watches the instances until `signal` is aborted: once a minute it sends notices of what began or is over, and those that the
 * notice URL has not accepted yet. A run that does not start or end cannot say so itself. Workers and web servers both watch.
 */
export async function watchInstances(context: WatchContext, signal: AbortSignal, everyMs = MINUTE_MS): Promise<void> {
  const watched = startedNow(context.now());
  let failed = false;
  for (;;) {
    await sleep(everyMs, null, { signal }).catch(() => null);
    if (signal.aborted) return;
    try {
      await checkInstances(context, watched);
      failed = false;
    } catch (error) {
      // Logged once: while MongoDB is down every check fails.
      const reason = error instanceof Error ? error.name : 'unknown';
      if (!failed)
        context.log.warn('the instances could not be checked for late runs and other conditions', { reason });
      failed = true;
    }
  }
}

/** Checks all instances once. */
export async function checkInstances(context: WatchContext, watched: Watched): Promise<void> {
  for (const instance of context.instances) {
    await notifyOfRuns(context, instance);
    await notifyOfSchedule(context, watched, instance);
  }
  await notifyOfRemoved(context);
  await sendPendingNotices(context, {});
  await notifyRecipients(context);
}

async function notifyOfSchedule(context: WatchContext, watched: Watched, instance: string): Promise<void> {
  const { store, client, freshWithinMs, everyMinutes, now } = context;
  const schedule = await inTime(describeSchedule(client, instance));
  const state = stateOf(schedule);
  if (state === 'paused') watched.pausedAt.set(instance, now());
  if (state !== 'none') watched.missingSince.delete(instance);
  else if (!watched.missingSince.has(instance)) watched.missingSince.set(instance, now());
  const [runs, open, resumedAt] = await Promise.all([
    store.runs.list({ instance }, RUNS_READ),
    store.notices.open(instance),
    store.notices.lastEndOf(instance, 'paused'),
  ]);
  const facts: ScheduleFacts = {
    instance,
    schedule: state,
    createdAt: typeof schedule === 'object' ? (schedule?.createdAt ?? null) : null,
    missingSince: watched.missingSince.get(instance) ?? null,
    watchedSince: watched.since,
    lastEndedAt: runs.find(({ endedAt }) => endedAt !== null)?.endedAt ?? null,
    runningSince: runs.find(({ status }) => status === 'running')?.startedAt ?? null,
    pausedAt: latest(watched.pausedAt.get(instance) ?? null, resumedAt),
    withinMs: lateAfterMs(freshWithinMs, everyMinutes),
    zone: context.timeZoneOf?.(instance) ?? DEFAULT_ZONE,
    now: now(),
  };
  const known = open.map(({ kind }) => kind);
  const kinds = state === 'unknown' ? (['late', 'paused'] as const) : (['late', 'paused', 'no-schedule'] as const);
  await notifyOfConditions(context, instance, kinds, scheduleConditions(facts, known));
}

/** Sends notices of schedules of this deployment whose instance the settings do not have, and of those that are in order again. */
async function notifyOfRemoved(context: WatchContext): Promise<void> {
  const { store, client, instances, taskQueue } = context;
  const removed = await inTime(removedInstances(client, instances, taskQueue));
  if (removed === 'unknown') return;
  const pausedOf = new Map(removed.map(({ instance, paused }) => [instance, paused]));
  for (const instance of new Set([...pausedOf.keys(), ...(await store.notices.instancesWith('not-in-settings'))])) {
    const paused = pausedOf.get(instance);
    const present: Condition[] = paused === undefined ? [] : [notInSettings(instance, paused)];
    await notifyOfConditions(context, instance, ['not-in-settings'], present);
  }
}

function latest(one: Date | null, other: Date | null): Date | null {
  return one === null ? other : later(one, other);
}

function stateOf(schedule: ScheduleStatus | null | 'unknown'): ScheduleFacts['schedule'] {
  if (schedule === 'unknown') return 'unknown';
  if (schedule === null) return 'none';
  return schedule.paused ? 'paused' : 'active';
}

/** Resolves with `unknown` if Temporal does not answer in time, or answers with an error. */
async function inTime<T>(answer: Promise<T>): Promise<T | 'unknown'> {
  const late = new AbortController();
  const waited = sleep(TEMPORAL_MS, 'unknown' as const, { signal: late.signal }).catch(() => 'unknown' as const);
  try {
    return await Promise.race([answer, waited]);
  } catch {
    return 'unknown';
  } finally {
    late.abort();
  }
}
