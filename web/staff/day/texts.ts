import type { DayCounts } from '../../../domain/day.ts';

/** The sentences of the page *The day*. */
export const texts = {
  under: ({ discharged, classes, open }: Pick<DayCounts, 'discharged' | 'classes' | 'open'>) =>
    discharged === 0
      ? 'Nobody was discharged.'
      : `${discharged} discharged, ${classes.referred} referred, ${open} still open.`,
  whatCounts: 'Days are those of each location’s time zone. Test charts and charts deleted in KIPU are not counted.',
  sum: (discharged: number, classes: readonly string[]) => `${discharged} discharged = ${classes.join(' + ')}`,
  withDestination: 'With a destination',
  listAt: (what: string, location: string) => `${what}: ${location}`,
  moreListed: 'There are more: choose a location, or a number of one class.',
  nobody: 'Nobody.',
} as const;

/** The sentences of the calendar. */
export const calendarTexts = {
  caption: (month: string) => `Discharges of ${month}. A dot marks days on which something is open.`,
  legend: '● something is open on that day. The small number is how many were discharged.',
  day: (day: string, discharged: number, open: number) => `${day}: ${discharged} discharged, ${open} open`,
} as const;

/** The sentences of the trends. `median` and `p90` are spans of time in words, `rate` is a share in words. */
export const trendTexts = {
  title: (days: number, until: string) => `The ${days} days to ${until}`,
  navigation: 'Length of the trends',
  summary: (discharged: number, { median, p90, rate }: { median: string; p90: string; rate: string }) =>
    `${discharged.toLocaleString('en-US')} discharged. From discharge to referral: ${median} in the median, ${p90} for nine of ten. Locked: ${rate}.`,
  summaryWithoutTimes: (discharged: number, rate: string) =>
    `${discharged.toLocaleString('en-US')} discharged. Locked: ${rate}. No time from discharge to referral is known yet.`,
  times: 'Time from discharge to referral',
  timesInWords: (days: number, median: string, p90: string, measured: number) =>
    `By week. Over all ${days} days ${median} in the median and ${p90} for nine of ten, of ${measured} referrals.`,
  locks: 'Share of discharges that were locked',
  locksInWords: (days: number, rate: string) => `By week. Over all ${days} days ${rate}.`,
  noDestination: 'No chart names a destination.',
  mostFrequent: (name: string, n: number) => `The most frequent is ${name}, ${n} times.`,
  rate: (percent: number, locked: number, discharged: number) => `${percent} % (${locked} of ${discharged})`,
  whatCounts:
    'Times count from the discharge to the first referral, 0 where the referral was first. Discharges without a time of day, and those before the first sync, are left out of them. Internal transfers are not destinations.',
  asTable: 'Show as a table',
} as const;
