import { HELD } from '../../ui/labels.ts';

const number = (n: number) => n.toLocaleString('en-US');

/** The sentences of the page *Locked records*, of the unlock of several records and of its results. */
export const texts = {
  under: `${HELD}. We don't pull updates for these patients until you unlock them.`,
  noMatch: 'No locked records match these filters.',
  none: "No locked records. You're all caught up.",
  /** What the list says after a redirect to it. */
  says: {
    none: 'Select at least one locked record. The records you selected may have been unlocked already.',
    expired: 'That selection has expired. Select the records again.',
  },
  ages: { day: 'less than a day', week: '1 to 7 days', longer: 'more than 7 days' },
  count: (n: number) => (n === 1 ? '1 locked record' : `${number(n)} locked records`),
  matching: (matching: number, all: string) => `${number(matching)} of ${all}`,
  selectPage: 'Select all on this page',
  selectAll: (n: number) => `Select all ${number(n)} that match`,
  selectFirst: (n: number, matching: number) => `Select the first ${number(n)} of ${number(matching)}`,
  waiting: (n: number) => `${n} ${n === 1 ? 'update' : 'updates'} waiting`,
  unlock: (n: number) => `Unlock ${n === 1 ? '1 record' : `${number(n)} records`}`,
  unlockUnder: "We'll pull these charts from KIPU now and keep them up to date.",
  notSent: (n: number) => `We couldn't unlock ${n} of them right now. They stay locked. Try again in a minute.`,
  progress: (done: number, asked: number, referrals: number) =>
    `${done} of ${asked} done, ${referrals} with a referral.`,
  left: (n: number) => `${number(n)} ${n === 1 ? 'record is' : 'records are'} still locked.`,
} as const;
