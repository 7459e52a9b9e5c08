import { addDays, HOUR_MS, instantOf, isDayOnly, MINUTE_MS } from './time.ts';

/** The state of a record that decides whether its chart is pulled. */
export interface Freshness {
  /** The listed version for which the last pull was made, also if it failed; null before the first. */
  pulledVersion: string | null;
  /** The version in the chart itself when it was last pulled. Newer than the list if a webhook caused the pull. */
  chartVersion: string | null;
  pulledAt: Date | null;
  /** A pull is owed: never pulled, changed since, unlocked since, failed, or a planned discharge. */
  pending: boolean;
  /** Not before this instant; null for at once. */
  retryAt: Date | null;
  held: boolean;
}

export type DueReason = 'new' | 'changed' | 'owed';

/**
 * Returns why a listed chart is to be pulled; null if it is not. `record` is null for a chart that was never listed. `isRepeated` is
 * true where an earlier page of the same run listed the chart.
 */
export function dueReason(
  record: Freshness | null,
  listedVersion: string | null,
  now: Date,
  isRepeated = false,
): DueReason | null {
  if (record === null) return 'new';
  if (record.held) return null;
  if (isRepeated && isSettledByRun(record, listedVersion)) return null;
  if (isChanged(record, listedVersion)) return 'changed';
  return record.pending && (record.retryAt === null || record.retryAt <= now) ? 'owed' : null;
}

/**
 * Returns true if the chart was pulled since an earlier page of the same run listed it. That page made it owed, also where its
 * version does not show whether it changed; the run has pulled it once it is not. A change since then is in the next run's lists.
 */
function isSettledByRun({ pending, ...record }: Freshness, listedVersion: string | null): boolean {
  return !pending && !isOtherVersion(record, listedVersion);
}

/**
 * Returns true if the listed version may differ from what was last pulled. A version that is only a day cannot distinguish
 * two changes on that day, so it counts as changed until the day has ended in every time zone.
 */
export function isChanged(
  record: Pick<Freshness, 'pulledVersion' | 'chartVersion' | 'pulledAt'>,
  listedVersion: string | null,
): boolean {
  if (listedVersion === null || isOtherVersion(record, listedVersion)) return true;
  if (!isDayOnly(listedVersion)) return false;
  return record.pulledAt === null || record.pulledAt < addDays(instantOf(listedVersion), 2);
}

/** Returns true if the list shows a version that was not pulled. */
function isOtherVersion(
  record: Pick<Freshness, 'pulledVersion' | 'chartVersion'>,
  listedVersion: string | null,
): boolean {
  return listedVersion !== null && listedVersion !== record.pulledVersion && listedVersion !== record.chartVersion;
}

const LONGEST_WAIT_DAYS = 60;

/**
 * Returns when a chart with a planned discharge is pulled again even if it does not change: at the discharge, or after 60 days,
 * because a far date may be a typing error. Null for a past discharge and for none.
 */
export function lookAgainAt(dischargedAt: Date | null, now: Date): Date | null {
  if (dischargedAt === null || dischargedAt <= now) return null;
  const latest = addDays(now, LONGEST_WAIT_DAYS);
  return dischargedAt < latest ? dischargedAt : latest;
}

/** How often a chart was pulled for a listed version that its own response did not show. */
export interface BehindList {
  version: string;
  times: number;
}

/** KIPU may answer from a replica that lags. If it still does after so many runs, the list is wrong about the chart. */
const BEHIND_PULLS = 5;

/**
 * Returns the count of pulls that showed an older version than the list, including this one; null if this pull showed the
 * listed version or the two cannot be compared. `before` is the count after the previous pull.
 */
export function behindList(listed: string | null, shown: string | null, before: BehindList | null): BehindList | null {
  // Versions of the same form sort as texts. Others may differ only in form.
  if (listed === null || shown === null || listed.length !== shown.length || shown >= listed) return null;
  return { version: listed, times: (before?.version === listed ? before.times : 0) + 1 };
}

/** Returns when a chart that is behind the list is pulled again; null if it has been pulled often enough. */
export function retryBehindList({ times }: BehindList, now: Date): Date | null {
  return times < BEHIND_PULLS ? new Date(now.getTime() + 5 * MINUTE_MS) : null;
}

const RETRY_HOURS = [1, 2, 4, 8, 16, 24];

/** KIPU may send a webhook before it can return the chart, hence the tries: over about seven hours. */
const UNKNOWN_TRIES = 3;

/**
 * Returns true if KIPU does not know the chart of a record: only a webhook has named it, no list has and no pull has read it,
 * and KIPU has answered 404 `notFound` times in a row.
 */
export function isUnknownChart(
  record: { listedVersion: string | null; chartVersion: string | null; hold: unknown; unlocked: unknown },
  notFound: number,
): boolean {
  const { listedVersion, chartVersion, hold, unlocked } = record;
  const isOnlyAnnounced = [listedVersion, chartVersion, hold, unlocked].every((fact) => fact === null);
  return isOnlyAnnounced && notFound >= UNKNOWN_TRIES;
}

/** A refused chart is pulled again by so many runs, because the whole instance may have been refused. Then it is restricted. */
const REFUSED_RUNS = 3;

/** Returns when a record whose chart KIPU refused `refusals` times in a row is tried again; null for the next run. */
export function retryAfterRefusal(refusals: number, now: Date): Date | null {
  return refusals <= REFUSED_RUNS ? null : retryAfterFailure(refusals, now);
}

/** Returns when a record whose pull failed `failures` times in a row (at least 1) is tried again, unless its chart changes first. */
export function retryAfterFailure(failures: number, now: Date): Date {
  const hours = RETRY_HOURS[Math.min(Math.max(failures, 1), RETRY_HOURS.length) - 1] ?? 24;
  // A little less than whole hours, so that the run of that hour, which starts with jitter, includes it.
  return new Date(now.getTime() + hours * HOUR_MS - HOUR_MS / 4);
}
