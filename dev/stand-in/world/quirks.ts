import type { Json } from './chart.ts';
import type { Chance } from './random.ts';

const NBSP = '\u00a0';
const BLANKS = [' ', '  ', '\t', NBSP, ` ${NBSP}\t`] as const;

/** Returns an empty value in one of the forms that KIPU uses. */
export function emptyValue(chance: Chance): Json {
  return chance.pick([null, null, '', '', ' ']);
}

/** Returns an empty date: null, an empty string, or rarely the zero date of an old database. */
export function noDate(chance: Chance): Json {
  return chance.odds(0.06) ? '0000-00-00' : chance.pick([null, null, '']);
}

/** Returns a string of blanks of several kinds. */
export function onlyBlanks(chance: Chance): string {
  return chance.pick(BLANKS) + chance.pick(BLANKS);
}

/** Returns text as people in a hurry type it: sometimes with a stray blank before or after it, or a doubled blank. */
export function stray(text: string, chance: Chance): string {
  if (chance.odds(0.85)) return text;
  return chance.pick([`${text} `, ` ${text}`, text.replace(' ', '  '), `${text}\t`]);
}

/** Returns text as pasted from a word processor: curly quotes, tabs, non-breaking spaces. */
export function dressed(text: string, chance: Chance): string {
  const curly = text.replaceAll("'", '\u2019').replaceAll(' ', chance.pick([NBSP, '\t', ` ${NBSP}`]));
  return `${chance.pick(BLANKS)}\u201c${curly}\u201d${chance.pick(BLANKS)}`;
}

/** Returns a number as a number, or as a string if the instance writes numbers so. */
export function numeric(value: number, asText: boolean): string | number {
  return asText ? String(value) : value;
}

/** Returns whether a value is empty. */
export function isBlank(value: Json | undefined): boolean {
  if (value === null || value === undefined || value === '0000-00-00') return true;
  return typeof value === 'string' && value.trim() === '';
}
