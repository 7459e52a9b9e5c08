import type { Chart } from './chart.ts';
import type { RowsTrust } from './listing.ts';
import type { RunMode } from './run.ts';
import { addDays, addHours } from './time.ts';

/** Whether an instance's census rows carry whole charts. */
export interface RowsCarryChart {
  value: boolean;
  /** When a page of rows was last read. */
  seenAt: Date;
  /** Pages of the census then; null if KIPU did not state them. */
  pages: number | null;
  /** When a row was last compared with its chart; null if never. */
  comparedAt: Date | null;
  /** The names of the fields in which that row differed, and when; null if it was equal. */
  differs: { at: Date; fields: string[] } | null;
}

/** Rows that differed from their chart are tried again after this time, or in a full run that was requested. */
const NOT_TRIED_DAYS = 7;
/** A row is compared with its chart again after this time. */
const COMPARED_HOURS = 24;

/** Decides whether a run may read rows as charts. Only a full run tries unknown rows, because it reads the census anyway. */
export function rowsTrust(
  known: RowsCarryChart | null,
  run: { mode: RunMode; fullRequestedAt: Date | null; now: Date },
): RowsTrust {
  const { mode, fullRequestedAt, now } = run;
  const differedAt = known?.differs?.at ?? null;
  if (differedAt !== null) {
    const askedSince = fullRequestedAt !== null && fullRequestedAt > differedAt;
    const triedAgain = addDays(differedAt, NOT_TRIED_DAYS) <= now || askedSince;
    return mode === 'full' && triedAgain ? 'try' : 'no';
  }
  if (known?.value === true) return 'use';
  return mode === 'full' ? 'try' : 'no';
}

/** Returns true if a row must be compared with its chart before rows are read as charts. */
export function isComparisonDue(known: RowsCarryChart | null, now: Date): boolean {
  if (known === null || known.comparedAt === null || known.differs !== null) return true;
  return known.comparedAt > now || addHours(known.comparedAt, COMPARED_HOURS) <= now;
}

/**
 * Returns the names of the fields in which a row differs from its chart; none if they are equal. Null if the chart was edited
 * between the two requests, so that they cannot be compared.
 */
export function differingFields(row: Chart, chart: Chart): string[] | null {
  if (row.lastUpdatedAt !== chart.lastUpdatedAt) return null;
  return (Object.keys(chart) as (keyof Chart)[]).filter((field) => row[field] !== chart[field]).sort();
}

/**
 * Sorts rows by how much a comparison would reveal: first rows whose version changed while their content did not, which may be
 * outdated copies; rows with a destination before those without.
 */
export function mostTellingFirst<Row extends { chart: Chart; sameAsBefore: boolean }>(rows: readonly Row[]): Row[] {
  const weight = ({ chart, sameAsBefore }: Row) => (sameAsBefore ? 2 : 0) + (chart.destination === null ? 0 : 1);
  return [...rows].sort((one, other) => weight(other) - weight(one));
}
