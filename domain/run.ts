import type { PullOutcome } from './pull.ts';
import { addDays, addHours, instantOf, isDayOnly, utcDay } from './time.ts';

/** `incremental` lists what changed since the cursor; `full` also walks the census and the vault. */
export type RunMode = 'incremental' | 'full';
export type RunStatus = 'running' | 'completed' | 'incomplete' | 'failed';

/** Rows of KIPU's lists: changed charts, or the charts of the census. */
export type ListSource = 'latest' | 'census';

/** Whole calendar days, both ends included, `YYYY-MM-DD`. */
export interface DayWindow {
  startDay: string;
  endDay: string;
}

/** What a run counted. `due` is the sum of the outcomes; `refused` rows had no usable casefile id. */
export interface RunCounts extends Record<PullOutcome, number> {
  listed: number;
  due: number;
  refused: number;
  kipuCalls: number;
}

export function zeroCounts(): RunCounts {
  return {
    listed: 0,
    due: 0,
    saved: 0,
    unchanged: 0,
    held: 0,
    notReady: 0,
    ignored: 0,
    failed: 0,
    refused: 0,
    kipuCalls: 0,
  };
}

/** True when every due chart ended in exactly one outcome. */
export function countsAddUp(counts: RunCounts): boolean {
  const { due, saved, unchanged, held, notReady, ignored, failed } = counts;
  return due === saved + unchanged + held + notReady + ignored + failed;
}

/**
 * The days to list. They start a day before the cursor's day and end a day after today's, because KIPU's dates are
 * days in a time zone that we don't know; what we already have is dropped by comparing. Without a cursor, or when
 * everything is to be seen again, they reach `lookBackDays` back, one at least. A cursor in the future comes of a clock
 * that was wrong and says nothing, so it is as good as none.
 */
export function listingWindow(mode: RunMode, cursor: Date | null, now: Date, lookBackDays: number): DayWindow {
  const back = addDays(now, -Math.max(lookBackDays, 1));
  const from = cursor === null || cursor > now ? back : addDays(cursor, -1);
  return { startDay: utcDay(mode === 'full' && back < from ? back : from), endDay: utcDay(addDays(now, 1)) };
}

/**
 * True when a census row must have come in the list of changed charts already, so that it is not counted twice. The
 * window's first and last day are left out: which side of them a row falls on depends on KIPU's time zone.
 */
export function isListedByWindow(lastUpdatedAt: string | null, window: DayWindow): boolean {
  if (lastUpdatedAt === null) return false;
  const day = isDayOnly(lastUpdatedAt) ? lastUpdatedAt : utcDay(instantOf(lastUpdatedAt));
  return day > window.startDay && day < window.endDay;
}

/**
 * Decides how a run lists. The first run, the first one after the nightly hour (`fullRunHour`, 0 to 23, UTC) and one
 * that a person asked for are full. Times are those at which runs started; `lastFullAt` is the last completed one's. A
 * start in the future comes of a clock that was wrong, and would put off the full run until then.
 */
export function runMode(facts: {
  cursor: Date | null;
  lastFullAt: Date | null;
  fullRequestedAt: Date | null;
  now: Date;
  fullRunHour: number;
}): RunMode {
  const { cursor, lastFullAt, fullRequestedAt, now, fullRunHour } = facts;
  if (cursor === null || lastFullAt === null || cursor > now || lastFullAt > now) return 'full';
  if (fullRequestedAt !== null && fullRequestedAt >= lastFullAt) return 'full';
  const tonight = addHours(instantOf(utcDay(now)), fullRunHour);
  const lastNight = tonight <= now ? tonight : addDays(tonight, -1);
  return lastFullAt < lastNight ? 'full' : 'incremental';
}
