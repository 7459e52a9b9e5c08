import type { Chart } from './chart.ts';
import { fold } from './search.ts';

/** Reasons to choose from, so that most unlocks need no text of their own. */
export const unlockReasons = {
  completed: 'Record completed in KIPU',
  webhook: 'Webhook confirmed missing',
  phone: 'Destination confirmed by phone',
} as const;
export type UnlockReason = keyof typeof unlockReasons;

/** The longest text that a person may add to a reason. */
export const MAX_REASON = 500;

/** What can be wrong with a reason. */
export type ReasonProblem = 'missing' | 'too-long' | 'names';

/** The parts of a chart by which a text can identify the patient. */
export type Identified = Pick<Chart, 'firstName' | 'lastName' | 'mrNumber' | 'dob'>;

/** Returns the reason that a person chose, typed, or both; or what is wrong with it. `charts`: of the records to unlock. */
export function readReason(
  chosen: UnlockReason | null,
  typed: string,
  charts: readonly (Identified | null)[],
): { why: string } | { problem: ReasonProblem } {
  const text = typed.trim();
  if (text.length > MAX_REASON) return { problem: 'too-long' };
  if (namesAnyPatient(text, charts)) return { problem: 'names' };
  if (chosen === null) return text === '' ? { problem: 'missing' } : { why: text };
  const words = unlockReasons[chosen];
  return { why: text === '' ? words : `${words}: ${text}` };
}

/** Returns true if a text names the patient of one of these charts, as `namesPatient` says it. */
export function namesAnyPatient(text: string, charts: readonly (Identified | null)[]): boolean {
  return charts.some((chart) => chart !== null && namesPatient(text, chart));
}

/** An MR number this short is found in too many texts: a number of a room, a time. */
const SHORTEST_NUMBER = 4;

/**
 * Returns true if a text has the patient's first and last name, the MR number, or the date of birth. One name alone is allowed:
 * many are words of their own (Will, May, Young), and to refuse "May 5" or "a young man" would teach people to write around it.
 */
export function namesPatient(text: string, { firstName, lastName, mrNumber, dob }: Identified): boolean {
  const words = wordsOf(text);
  const has = (name: string | null) => name !== null && hasRow(words, wordsOf(name));
  if (has(firstName) && has(lastName)) return true;
  return (
    hasNumber(fold(text).split(' '), fold(mrNumber ?? '').replaceAll(' ', '')) ||
    (dob !== null && birthDates(dob).some((date) => hasRow(words, date)))
  );
}

function wordsOf(text: string): string[] {
  return fold(text)
    .split(' ')
    .filter((word) => word !== '')
    .map(withoutZeros);
}

function hasRow(words: readonly string[], row: readonly string[]): boolean {
  if (row.length === 0) return false;
  return words.some((_, at) => row.every((word, n) => words[at + n] === word));
}

/** Looks for the number as it is, written in parts (`MR 20-001`), and without its letters. */
function hasNumber(words: readonly string[], mrNumber: string): boolean {
  const wanted = [mrNumber, mrNumber.replace(/\D+/g, '')]
    .map(withoutZeros)
    .filter((one) => one.length >= SHORTEST_NUMBER);
  return words.some((_, at) =>
    [1, 2, 3, 4].some((n) => wanted.includes(withoutZeros(words.slice(at, at + n).join('')))),
  );
}

/** Returns the text without the zeros before its numbers: `mr0020117` is `mr20117`. */
function withoutZeros(text: string): string {
  return text.replace(/(?<!\d)0+(?=\d)/g, '');
}

const MONTHS = 'january february march april may june july august september october november december'.split(' ');

/** Returns how people write a date of birth, as words. */
function birthDates(dob: string): string[][] {
  const [, year = '', month = '', day = ''] = /^(\d{4})-(\d{2})-(\d{2})/.exec(dob) ?? [];
  const name = MONTHS[Number(month) - 1];
  if (name === undefined) return [];
  const [m, d, short] = [String(Number(month)), String(Number(day)), String(Number(year.slice(2)))];
  const named = [name, name.slice(0, 3)].flatMap((one) =>
    [year, short].flatMap((y) => [
      [one, d, y],
      [d, one, y],
    ]),
  );
  return [
    ...named,
    [year, m, d],
    [m, d, year],
    [m, d, short],
    [`${year}${month}${day}`],
    wordsOf(`${month}${day}${year}`),
  ];
}
