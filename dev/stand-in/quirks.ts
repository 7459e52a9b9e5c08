import type { Json } from './chart.ts';
import type { Chance } from './random.ts';

const NBSP = '\u00a0';
const BLANKS = [' ', '  ', '\t', NBSP, ` ${NBSP}\t`] as const;

/** Nothing, in one of the ways in which KIPU writes it. */
export function nothing(chance: Chance): Json {
  return chance.pick([null, null, '', '', ' ']);
}

/** No date: null, an empty text, or rarely the zero date of an old database. */
export function noDate(chance: Chance): Json {
  return chance.odds(0.06) ? '0000-00-00' : chance.pick([null, null, '']);
}

/** Text of nothing but blanks, of several kinds. */
export function onlyBlanks(chance: Chance): string {
  return chance.pick(BLANKS) + chance.pick(BLANKS);
}

/** Text as hurried people type it: now and then a stray blank before or behind, or a blank doubled. */
export function stray(text: string, chance: Chance): string {
  if (chance.odds(0.85)) return text;
  return chance.pick([`${text} `, ` ${text}`, text.replace(' ', '  '), `${text}\t`]);
}

/** Text pasted from a word processor: curly quotes, tabs, blanks that do not break. */
export function dressed(text: string, chance: Chance): string {
  const curly = text.replaceAll("'", '\u2019').replaceAll(' ', chance.pick([NBSP, '\t', ` ${NBSP}`]));
  return `${chance.pick(BLANKS)}\u201c${curly}\u201d${chance.pick(BLANKS)}`;
}

/** A number as a number, or as a string where the instance writes them so. */
export function numeric(value: number, asText: boolean): string | number {
  return asText ? String(value) : value;
}

/** Whether a value says nothing. */
export function isBlank(value: Json | undefined): boolean {
  if (value === null || value === undefined || value === '0000-00-00') return true;
  return typeof value === 'string' && value.trim() === '';
}
