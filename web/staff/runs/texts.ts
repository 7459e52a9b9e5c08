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
