import type { FreshnessWarning } from '../../../domain/freshness.ts';

/** The sentences of the page *Home*. */
export const texts = {
  noAccess: "Your account doesn't have access to any KIPU connection. Ask your administrator.",
  noLocked: 'No locked records.',
  locked: (n: number) => (n === 1 ? '1 record is locked.' : `${n.toLocaleString('en-US')} records are locked.`),
  reviewLocked: 'Review locked records',
  upToDate: 'Up to date',
  outOfDate: 'Out of date',
  began: 'This began',
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
