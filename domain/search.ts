import type { Chart } from './chart.ts';
import { visibleText } from './chart.ts';

/** The search keys of a record, in folded form; null for what the chart does not have. */
export interface SearchKeys {
  /** `kestrelby odette m` */
  lastFirst: string | null;
  /** `odette m kestrelby` */
  firstLast: string | null;
  /** `mr20001` */
  number: string | null;
}

/** Returns the search keys of a chart; null for a record whose chart is not stored. */
export function searchKeys(
  chart: Pick<Chart, 'firstName' | 'middleName' | 'lastName' | 'mrNumber'> | null,
): SearchKeys | null {
  if (chart === null) return null;
  const { firstName, middleName, lastName, mrNumber } = chart;
  return {
    lastFirst: folded([lastName, firstName, middleName]),
    firstLast: folded([firstName, middleName, lastName]),
    number: foldedNumber(mrNumber ?? '') || null,
  };
}

/** Returns the typed text as the beginning of a name and of a record number; null if nothing is left of it. */
export function searchStarts(typed: string): { name: string | null; number: string | null } {
  return { name: folded([typed]), number: foldedNumber(typed) || null };
}

function folded(parts: readonly (string | null)[]): string | null {
  return fold(parts.filter((part) => part !== null).join(' ')) || null;
}

/** Ignores capitals, accents and punctuation: `O’Brien-Núñez, Ada` becomes `o brien nunez ada`. */
export function fold(text: string): string {
  return visibleText(
    visibleText(text)
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLocaleLowerCase('en-US')
      .replace(/[^\p{L}\p{N}]+/gu, ' '),
  );
}

function foldedNumber(text: string): string {
  return fold(text).replaceAll(' ', '');
}
