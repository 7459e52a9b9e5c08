import type { Chart } from './chart.ts';
import type { RowsTrust } from './listing.ts';
import type { RunMode } from './run.ts';
import { addDays, addHours } from './time.ts';

/** What is known of an instance's census rows: whether they carry whole charts. */
export interface RowsCarryChart {
  value: boolean;
  /** When a page of rows last showed it. */
  seenAt: Date;
  /** Pages of the census then; null where KIPU did not say. */
  pages: number | null;
  /** When a row was last compared with its chart; null for never. */
  comparedAt: Date | null;
  /** Names of the fields in which that row differed, and when; null where it was equal. */
  differs: { at: Date; fields: string[] } | null;
}

/** For so long rows that differed from their chart are not tried again, unless somebody asks for a full run. */
const NOT_TRIED_DAYS = 7;
/** A row is compared with its chart again after so long. */
const COMPARED_HOURS = 24;

/** Decides whether a run may read rows as charts. Only a full run tries what is not known: it reads the census anyway. */
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

/** True when a row has to be compared with its chart before rows are read as charts. */
export function isComparisonDue(known: RowsCarryChart | null, now: Date): boolean {
  if (known === null || known.comparedAt === null || known.differs !== null) return true;
  return known.comparedAt > now || addHours(known.comparedAt, COMPARED_HOURS) <= now;
}

/**
 * Returns names of the fields in which a row differs from its chart; none where they are equal. Null where the chart was
 * edited between the two requests, so that nothing can be said.
 */
export function differingFields(row: Chart, chart: Chart): string[] | null {
  if (row.lastUpdatedAt !== chart.lastUpdatedAt) return null;
  return (Object.keys(chart) as (keyof Chart)[]).filter((field) => row[field] !== chart[field]).sort();
}

/**
 * Sorts rows by how much comparing them says, the most telling first: a row whose version moved while its facts did not
 * may be an old copy; one with a destination says more than one without.
 */
export function mostTellingFirst<Row extends { chart: Chart; sameAsBefore: boolean }>(rows: readonly Row[]): Row[] {
  const weight = ({ chart, sameAsBefore }: Row) => (sameAsBefore ? 2 : 0) + (chart.destination === null ? 0 : 1);
  return [...rows].sort((one, other) => weight(other) - weight(one));
}
