import { addDays, instantOf, isDayOnly } from './time.ts';

/** What a stored record says about its own freshness. */
export interface Freshness {
  /** The listed version that the last pull was made for, also where it failed; null before the first. */
  pulledVersion: string | null;
  /** What the chart itself said when it was last pulled: ahead of the list, where a webhook led to the pull. */
  chartVersion: string | null;
  pulledAt: Date | null;
  /** Work is owed: never pulled, changed since, unlocked since, a failed pull to be tried again, a planned discharge. */
  pending: boolean;
  /** Not before this instant; null for at once. */
  retryAt: Date | null;
  held: boolean;
}

export type DueReason = 'new' | 'changed' | 'owed';

/** Decides whether a listed chart is to be pulled, and why; null when it is not. `record` is null for a chart never seen. */
export function dueReason(record: Freshness | null, listedVersion: string | null, now: Date): DueReason | null {
  if (record === null) return 'new';
  if (record.held) return null;
  if (isChanged(record, listedVersion)) return 'changed';
  return record.pending && (record.retryAt === null || record.retryAt <= now) ? 'owed' : null;
}

/**
 * True when what KIPU lists may differ from what was last pulled. A version that names only a day can't tell two
 * changes of that day apart, so it counts as changed until the day is over in every time zone.
 */
export function isChanged(
  record: Pick<Freshness, 'pulledVersion' | 'chartVersion' | 'pulledAt'>,
  listedVersion: string | null,
): boolean {
  if (listedVersion === null) return true;
  if (listedVersion !== record.pulledVersion && listedVersion !== record.chartVersion) return true;
  if (!isDayOnly(listedVersion)) return false;
  return record.pulledAt === null || record.pulledAt < addDays(instantOf(listedVersion), 2);
}

const LONGEST_WAIT_DAYS = 60;

/**
 * When a chart with a planned discharge is pulled again though it does not change: when the discharge comes, or after 60
 * days, because a far date may be a typing error. Null for a discharge that lies behind, and for none.
 */
export function lookAgainAt(dischargedAt: Date | null, now: Date): Date | null {
  if (dischargedAt === null || dischargedAt <= now) return null;
  const latest = addDays(now, LONGEST_WAIT_DAYS);
  return dischargedAt < latest ? dischargedAt : latest;
}

const HOUR_MS = 3_600_000;
const RETRY_HOURS = [1, 2, 4, 8, 16, 24];

/** When a record whose pull failed `failures` times in a row (1 for the first) is tried again, unless its chart changes first. */
export function retryAfterFailure(failures: number, now: Date): Date {
  const hours = RETRY_HOURS[Math.min(Math.max(failures, 1), RETRY_HOURS.length) - 1] ?? 24;
  // A little less than whole hours, so that the run of that hour, which starts with jitter, finds it due.
  return new Date(now.getTime() + hours * HOUR_MS - HOUR_MS / 4);
}
