import { type FreshnessWarning, freshnessText } from '../domain/freshness.ts';
import type { RunStatus, RunWarning } from '../domain/run.ts';
import type { Store } from '../store/connect.ts';
import type { RecordStatus, RunDocument } from '../store/documents.ts';
import type { OpenCondition } from '../store/notices.ts';
import type { InstanceFreshness } from './freshness.ts';
import type { ScheduleStatus } from './schedules.ts';

/** The state of an instance, as `status` shows it. */
export interface InstanceStatus extends Pick<InstanceFreshness, 'fresh' | 'lastWebhookAt' | 'webhooks'> {
  instance: string;
  /** Why it is not fresh: the warning of `/health/freshness`, and the same in words. */
  warnings: { warning: FreshnessWarning; words: string }[];
  /** What the last runs warn of. */
  runWarnings: RunWarning[];
  /** What people were notified of and is not over. */
  conditions: OpenCondition[];
  schedule: 'active' | 'paused' | 'none';
  note: string | null;
  nextRunAt: Date | null;
  lastRun: {
    run: string;
    status: RunStatus;
    startedAt: Date;
    endedAt: Date | null;
    fault: string | null;
    /** Records that were owed a pull when it ended; null where that is not known. */
    owed: number | null;
  } | null;
  /** The start of the last completed run: every change before this instant was read. */
  cursor: Date | null;
  cursorAgeMinutes: number | null;
  records: Partial<Record<RecordStatus, number>>;
  held: number;
  oldestHold: Date | null;
}

/** Returns the state of an instance from what was read of it. */
export function instanceStatus(
  instance: string,
  facts: {
    schedule: ScheduleStatus | null;
    lastRun: RunDocument | null;
    freshness: InstanceFreshness;
    runWarnings: RunWarning[];
    conditions: OpenCondition[];
    tally: Partial<Record<RecordStatus, number>>;
    oldestHold: Date | null;
  },
): InstanceStatus {
  const { schedule, lastRun, freshness, runWarnings, conditions, tally, oldestHold } = facts;
  const { fresh, warnings, lastWebhookAt, webhooks, lastCompletedAt: cursor, ageMinutes } = freshness;
  return {
    instance,
    fresh,
    warnings: warnings.map((warning) => ({ warning, words: freshnessText[warning] })),
    lastWebhookAt,
    webhooks,
    runWarnings,
    conditions,
    schedule: schedule === null ? 'none' : schedule.paused ? 'paused' : 'active',
    note: schedule?.note ?? null,
    nextRunAt: schedule === null || schedule.paused ? null : schedule.nextRunAt,
    lastRun: lastRun && {
      run: lastRun._id,
      status: lastRun.status,
      startedAt: lastRun.startedAt,
      endedAt: lastRun.endedAt,
      fault: lastRun.fault?.text ?? null,
      owed: lastRun.owed ?? null,
    },
    cursor,
    cursorAgeMinutes: ageMinutes,
    records: tally,
    held: tally.held ?? 0,
    oldestHold,
  };
}

/** Returns the names of all instances: those of the settings, and those that were ever synced. */
export async function knownInstances({
  store,
  instances,
}: {
  store: { instances: Pick<Store['instances'], 'names'> };
  instances: readonly { name: string }[];
}): Promise<string[]> {
  return [...new Set([...instances.map(({ name }) => name), ...(await store.instances.names())])];
}
