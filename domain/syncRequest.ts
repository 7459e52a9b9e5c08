import { MINUTE_MS } from './time.ts';

/** What became of a request for a sync. `unconfirmed`: Temporal did not answer, so a run may start or not. */
export type SyncSent = 'sent' | 'no-schedule' | 'unconfirmed';

/** The outcomes of the audit events `sync-requested`. The last two follow an unconfirmed request, when its result is known. */
export const syncOutcomes = {
  sent: 'run requested',
  sentFull: 'full run requested',
  noSchedule: 'not sent: no schedule',
  unconfirmed: 'not confirmed: Temporal does not answer',
  started: 'confirmed: a run started',
  notStarted: 'confirmed: no run started',
} as const;

/** What Temporal says about the schedule of an instance. */
export interface ScheduleAnswer {
  /** When the schedule last started a run; null before the first. */
  lastRunAt: Date | null;
  runningNow: number;
}

/** A request that was under way when Temporal did not answer reaches it within this time after it answers again. */
const IN_FLIGHT_MS = MINUTE_MS;

/** How far our clock may be ahead of Temporal's. */
const CLOCKS_MS = 5_000;

/**
 * Returns whether a run started after an unconfirmed request. `unknown` while Temporal does not answer (`answer` is null), and while
 * the request may still be under way or wait for the run in progress. `answeringSince` is when Temporal began to answer again.
 */
export function confirmation(
  requestedAt: Date,
  answer: ScheduleAnswer | null,
  answeringSince: Date | null,
  now: Date,
): 'started' | 'not-started' | 'unknown' {
  if (answer === null || answeringSince === null) return 'unknown';
  if (answer.lastRunAt !== null && answer.lastRunAt.getTime() >= requestedAt.getTime() - CLOCKS_MS) return 'started';
  const mayFollow = answer.runningNow > 0 || now.getTime() - answeringSince.getTime() < IN_FLIGHT_MS;
  return mayFollow ? 'unknown' : 'not-started';
}

/** What a page says about the last request for a sync of an instance; null for nothing. */
export type SyncNews = 'starting' | 'checking' | 'started' | 'not-started' | 'no-schedule' | null;

/** How long a sync that was requested is shown before its run starts. */
const STARTING_MS = MINUTE_MS;
/** How long the result of a request is shown. */
const NEWS_MS = 5 * MINUTE_MS;
/** After so long nobody checks any more: the process that did was stopped. */
const CHECKING_MS = 30 * MINUTE_MS;

/** The longest time that an event is news. */
export const LONGEST_NEWS_MS = CHECKING_MS;

/**
 * Returns what a page says about a request for a sync. `event` is the newest of the instance, `lastStartedAt` when its last
 * run started.
 */
export function syncNews(
  event: { outcome: string; at: Date } | undefined,
  lastStartedAt: Date | null,
  now: Date,
): SyncNews {
  if (event === undefined) return null;
  const age = now.getTime() - event.at.getTime();
  const hasStarted = lastStartedAt !== null && lastStartedAt >= event.at;
  switch (event.outcome) {
    case syncOutcomes.sent:
    case syncOutcomes.sentFull:
      return !hasStarted && age <= STARTING_MS ? 'starting' : null;
    case syncOutcomes.unconfirmed:
      if (hasStarted) return age <= NEWS_MS ? 'started' : null;
      return age <= CHECKING_MS ? 'checking' : null;
    case syncOutcomes.started:
      return age <= NEWS_MS ? 'started' : null;
    case syncOutcomes.notStarted:
      return age <= NEWS_MS ? 'not-started' : null;
    case syncOutcomes.noSchedule:
      return age <= NEWS_MS ? 'no-schedule' : null;
    default:
      return null;
  }
}
