import type { ConditionKind } from '../../../domain/conditions.ts';
import type { FreshnessWarning } from '../../../domain/freshness.ts';

/** The sentences of the page *Home*. */
export const texts = {
  noAccess: "Your account doesn't have access to any KIPU connection. Ask your administrator.",
  noLocked: 'No locked records.',
  locked: (n: number) => (n === 1 ? '1 record is locked.' : `${n.toLocaleString('en-US')} records are locked.`),
  reviewLocked: 'Review locked records',
  demo: 'Demo',
  upToDate: 'Up to date',
  outOfDate: 'Out of date',
  maybeOutOfDate: 'May be out of date',
  /** After when the last sync was: `Last sync 12 min ago`. */
  noNewSyncs: (short: string) => `${short}, so there are no new syncs.`,
  began: 'This began',
  notified: 'Your administrator was notified.',
  sending: 'KIPU is sending updates.',
  noSyncs: 'No syncs yet.',
  chartTitle: (n: number) => (n === 1 ? 'Last sync' : `Last ${n} syncs`),
  legend: { saved: 'saved', held: 'locked', failed: 'failed (red background: the sync failed)' },
} as const;

/** What is wrong when referrals are not up to date, and what staff can do. */
export const freshnessTexts: Readonly<Record<FreshnessWarning, string>> = {
  'never-completed': 'No sync has finished yet. If this stays for more than an hour, ask your administrator.',
  'not-fresh': 'The last finished sync is too long ago: changes since then may be missing. Ask your administrator.',
  'no-charts':
    'KIPU lists no charts where there were many. Ask your administrator whether our rights in KIPU have changed.',
};

/** What administrators were notified of, for everybody else: what it means for them. */
export const conditionTexts: Readonly<Record<ConditionKind, string>> = {
  'runs-failing': 'The last syncs did not finish: changes in KIPU may be missing here.',
  'records-failing': 'Some charts could not be read for a day or longer.',
  late: 'No sync has finished for too long: changes in KIPU may be missing here.',
  paused: 'Syncs are paused: changes in KIPU may be missing here.',
  'no-schedule': 'Syncs are not set up: changes in KIPU are missing here.',
  'not-in-settings': 'This KIPU connection was removed: its records are no longer updated.',
  'receiver-away': "We could not receive KIPU's webhooks, so discharged patients are locked.",
};
