import type { RawPatient } from './chart.ts';
import { readDate, utcDay } from './dates.ts';

/** The days that a query asks for. */
export interface Range {
  /** Neither end was given. */
  open: boolean;
  /** Whether a span of days touches the range; an unknown first day does not. */
  holds(from: string | null, to: string | null): boolean;
}

/** Reads `start_date` and `end_date`, both days included; null where one is no day. */
export function rangeOf(query: URLSearchParams): Range | null {
  const start = query.get('start_date') || null;
  const end = query.get('end_date') || null;
  if ([start, end].some((day) => day !== null && (!/^\d{4}-\d{2}-\d{2}$/.test(day) || !isDay(day)))) return null;
  return {
    open: start === null && end === null,
    holds: (from, to) =>
      (start === null && end === null) ||
      (from !== null && (end === null || from <= end) && (start === null || to === null || to >= start)),
  };
}

function isDay(text: string): boolean {
  const at = readDate(text);
  return at !== null && utcDay(at) === text;
}

/** First and last day of a stay, in UTC; null is unknown, or not over. */
export function stayOf(patient: RawPatient): [string | null, string | null] {
  const [from, to] = [readDate(patient.admission_date), readDate(patient.discharge_date)];
  return [from && utcDay(from), to && utcDay(to)];
}
