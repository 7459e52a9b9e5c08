import type { RecordKind } from '../../../domain/attention.ts';

/** The sentences of the page *Needs attention*. */
export const texts = {
  under: (n: number) =>
    n === 0
      ? 'Everything that needs a person is listed here.'
      : `${n.toLocaleString('en-US')} ${n === 1 ? 'item needs' : 'items need'} a person. Oldest discharge first.`,
  noMatch: 'Nothing matches these filters.',
  none: "Nothing needs attention. You're all caught up.",
  headings: { wrong: 'What is wrong', todo: 'What to do, and who can help' },
  notDischarged: 'not discharged',
  everyLocation: 'every location',
  neverReceived: 'never received',
  sinceReceived: 'since it was last received',
  sinceBegan: 'since it began',
  webhooksOf: (instance: string) => `KIPU webhooks of ${instance}`,
  connectionOf: (instance: string) => `KIPU connection of ${instance}`,
} as const;

/** What the age of a record counts from. That a field is missing is known since the chart was first listed. */
export const ageTexts: Readonly<Record<RecordKind, string>> = {
  locked: 'since it was locked',
  missing: 'since it was first seen',
  unreadable: 'since it first failed',
};
