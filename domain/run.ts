import type { PullOutcome } from './pull.ts';
import { addDays, addHours, instantOf, isDayOnly, utcDay } from './time.ts';

/** `incremental` lists what changed since the cursor; `full` also reads the census and the deleted charts. */
export const runModes = ['incremental', 'full'] as const;
export type RunMode = (typeof runModes)[number];

/** How a run can end. */
export const endedStatuses = ['completed', 'incomplete', 'failed'] as const;
export const runStatuses = ['running', ...endedStatuses] as const;
export type RunStatus = (typeof runStatuses)[number];

/** Rows of KIPU's lists: changed charts, or the charts of the census. */
export type ListSource = 'latest' | 'census';

/** Whole calendar days, both ends included, `YYYY-MM-DD`. */
export interface DayWindow {
  startDay: string;
  endDay: string;
}

/** The counts of a run. `due` is the sum of the outcomes; `refused` rows had no usable casefile id. */
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

/** Returns true if every due chart has exactly one outcome. */
export function countsAddUp(counts: RunCounts): boolean {
  const { due, saved, unchanged, held, notReady, ignored, failed } = counts;
  return due === saved + unchanged + held + notReady + ignored + failed;
}

/**
 * Returns the days to list. They start a day before the cursor's day and end a day after today, because KIPU's days are in an
 * unknown time zone; charts that did not change are skipped by comparison. Without a cursor, or in a full run, they
 * start `lookBackDays` ago (at least one). A cursor in the future comes from a wrong clock and is ignored.
 */
export function listingWindow(mode: RunMode, cursor: Date | null, now: Date, lookBackDays: number): DayWindow {
  const back = addDays(now, -Math.max(lookBackDays, 1));
  const from = cursor === null || cursor > now ? back : addDays(cursor, -1);
  return { startDay: utcDay(mode === 'full' && back < from ? back : from), endDay: utcDay(addDays(now, 1)) };
}

/**
 * Returns true if a census row must be in the list of changed charts too, so that it is not counted twice. The first and last
 * day of the window do not count: whether a row falls inside them depends on KIPU's time zone.
 */
export function isListedByWindow(lastUpdatedAt: string | null, window: DayWindow): boolean {
  if (lastUpdatedAt === null) return false;
  const day = isDayOnly(lastUpdatedAt) ? lastUpdatedAt : utcDay(instantOf(lastUpdatedAt));
  return day > window.startDay && day < window.endDay;
}

/**
 * Returns the mode of a run. The first run, the first one after the nightly hour (`fullRunHour`, 0 to 23, UTC) and one that was
 * requested are full. All times are starts of runs; `lastFullAt` is that of the last completed full run. A start in the
 * future comes from a wrong clock and is ignored, because it would delay the next full run until then.
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

/** Something about a run that people should check, although the run continued. */
export interface RunWarning {
  code: RunWarningCode;
  text: string;
}

export const runWarningCodes = [
  'blank-lists',
  'no-locations',
  'roster-vanished',
  'rows-differ',
  'vault-refused',
  'vault-unread',
  'vault-too-large',
] as const;
export type RunWarningCode = (typeof runWarningCodes)[number];

/** An instance with fewer charts than this may really lose all of them one day. */
const MANY = 10;

/** What each warning means, for the person who can fix it. */
const words: Record<RunWarningCode, string> = {
  'blank-lists':
    'KIPU listed charts with every field empty. Nothing was taken from these rows, nothing was voided, and the next sync ' +
    'lists the same days again. Check the rights of the API client in KIPU.',
  'no-locations':
    'KIPU listed no locations. The names that are known are still used, so that a move between them does ' +
    'not become a referral. Check the rights of the API client in KIPU.',
  'roster-vanished':
    'KIPU listed less than half of the charts that it usually lists. What it listed was synced; nothing was voided. Check ' +
    'in KIPU whether locations or rights of the API client were taken away.',
  'rows-differ':
    'A row of the census differed from its chart, so charts are read one by one again. Rows are tried again after a week, ' +
    'or when a check of every chart is requested.',
  'vault-refused':
    'KIPU does not let us list deleted charts, so no referral of a deleted chart was voided. Ask KIPU to allow ' +
    'GET /api/vaults/patients for this API client.',
  'vault-unread':
    'The list of deleted charts could not be read to its end, so no referral of a deleted chart was voided. The next sync ' +
    'that checks every chart reads it again.',
  'vault-too-large':
    'KIPU lists more than half of the known charts as deleted, so nothing was voided. Check in KIPU whether they ' +
    'were deleted.',
};

export function runWarning(code: RunWarningCode): RunWarning {
  return { code, text: words[code] };
}

/** Returns true if a full run listed less than half of the usual number; `usual` is null if there is none. */
export function hasVanished(listed: number, usual: number | null): boolean {
  return usual !== null && usual >= MANY && listed < usual / 2;
}

/** Returns how many charts a full run usually lists: the count of the newest one that was not suspicious, else of the oldest. */
export function usualListed(
  newestFirst: readonly { listed: number; warnings: readonly RunWarning[] }[],
): number | null {
  const sound = newestFirst.find(({ warnings }) => warnings.every(({ code }) => code !== 'roster-vanished'));
  return (sound ?? newestFirst.at(-1))?.listed ?? null;
}

/** Returns true if the list of deleted charts has more than half of the records that are not void. */
export function isVaultTooLarge(found: number, open: number): boolean {
  return open >= MANY && found > open / 2;
}

type WithWarnings = { warnings?: RunWarning[] } | null | undefined;

/** Returns the warnings that stand: those of the last ended run, and of the last ended full run; each code once. */
export function warningsOf(last: WithWarnings, lastFull: WithWarnings): RunWarning[] {
  const all = [...(last?.warnings ?? []), ...(lastFull?.warnings ?? [])];
  return [...new Map(all.map((warning) => [warning.code, warning])).values()];
}
