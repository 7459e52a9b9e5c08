import type { PullOutcome } from '../../../domain/pull.ts';

/** What a sync did with a record, after a number of them. */
const outcomeWords: Readonly<Record<PullOutcome, string>> = {
  saved: 'saved',
  unchanged: 'without new data',
  held: 'locked',
  notReady: 'not ready',
  ignored: 'ignored',
  failed: 'failed',
};

/** The sentences of the page of the records behind a count of a sync. */
export const recordTexts = {
  title: (n: number, outcome: PullOutcome) =>
    `${n.toLocaleString('en-US')} ${n === 1 ? 'record' : 'records'} ${outcomeWords[outcome]}`,
  under: (outcome: PullOutcome) =>
    outcome === 'ignored'
      ? 'Placeholders of KIPU: their charts are not stored.'
      : 'In the order in which the sync read them.',
  others: (others: number, left: number) =>
    `${left === 0 ? 'None is listed' : left === 1 ? '1 is listed' : `${left.toLocaleString('en-US')} are listed`}: ${others.toLocaleString('en-US')} ${others === 1 ? 'was' : 'were'} read again since, or by a webhook at the same time. A record is listed under the sync that read it last.`,
  none: 'No record was last read by this sync.',
} as const;

/** The sentences of the pages *Sync history* and *Sync*. */
export const texts = {
  under: 'Each KIPU connection syncs on a schedule.',
  extra: 'Sync now starts an extra sync.',
  syncNow: 'Sync now',
  everyChart: 'Check every chart',
  none: 'No syncs yet.',
  notStarted: (connections: string) =>
    `We couldn't start the sync for ${connections}. Scheduled syncs are not affected. Try again in a minute; if it happens again, tell your administrator.`,
  requested: 'requested, starting …',
  addsUp: ' ✓',
  doesNotAddUp: '. These do not add up: tell your administrator.',
  refused: (rows: number) =>
    rows === 1
      ? '1 row of KIPU’s list named no chart and was skipped.'
      : `${rows} rows of KIPU’s list named no chart and were skipped.`,
  temporal: 'View in Temporal',
  failedTitle: 'Charts that could not be read',
} as const;
