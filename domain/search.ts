import type { Chart } from './chart.ts';
import { visibleText } from './text.ts';

/** What a record is found by, each in folded form; null for what the chart lacks. */
export interface SearchKeys {
  /** `kestrelby odette m` */
  lastFirst: string | null;
  /** `odette m kestrelby` */
  firstLast: string | null;
  /** `mr20001` */
  number: string | null;
}

/** What a chart is found by; null for a record whose chart was not kept. */
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

/** What somebody typed, as the beginning of a name and of a record number; null where nothing is left of it. */
export function searchStarts(typed: string): { name: string | null; number: string | null } {
  return { name: folded([typed]), number: foldedNumber(typed) || null };
}

function folded(parts: readonly (string | null)[]): string | null {
  return fold(parts.filter((part) => part !== null).join(' ')) || null;
}

/** Capitals, accents and what stands between words don't count: `O’Brien-Núñez, Ada` is `o brien nunez ada`. */
function fold(text: string): string {
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
