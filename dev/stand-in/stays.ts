import type { RawPatient, StandInChart } from './chart.ts';
import { localDay, readDate, utcDay } from './dates.ts';
import { isBlank } from './quirks.ts';

/** The days that a query asks for, both included; null is open. */
export interface Range {
  start: string | null;
  end: string | null;
}

/** Reads `start_date` and `end_date`; null where one is not a day. */
export function rangeOf(query: URLSearchParams): Range | null {
  const start = query.get('start_date') || null;
  const end = query.get('end_date') || null;
  return [start, end].every((day) => day === null || isDay(day)) ? { start, end } : null;
}

/** Whether a day lies in a range. */
export function holdsDay({ start, end }: Range, day: string): boolean {
  return (start === null || day >= start) && (end === null || day <= end);
}

/**
 * Whether a patient is here at an instant: admitted, not discharged.
 * @param timeZone of the days of admission
 */
export function isHere(patient: RawPatient, now: Date, timeZone: string): boolean {
  const discharged = readDate(patient.discharge_date);
  return beginning(patient) <= localDay(now, timeZone) && (discharged === null || discharged > now);
}

/** Whether a stay touches a range, ended or not. */
export function touches(patient: RawPatient, { start, end }: Range): boolean {
  const discharged = readDate(patient.discharge_date);
  const last = discharged === null ? null : utcDay(discharged);
  return (end === null || beginning(patient) <= end) && (start === null || last === null || last >= start);
}

/** The local day of admission; null where there is none. Its local midnight is written first in every form. */
export function admissionDay({ admission_date }: RawPatient): string | null {
  return readDate(admission_date) === null ? null : String(admission_date).slice(0, 10);
}

/** Whether a chart is at a location; a query without one asks for all. */
export function isAt({ patient }: StandInChart, locationId: string | null): boolean {
  return isBlank(locationId) || String(patient.location_id) === locationId;
}

/** A chart without an admission date begins when it was created: a pre-admission. */
function beginning(patient: RawPatient): string {
  const created = readDate(patient.created_at);
  return admissionDay(patient) ?? (created === null ? '' : utcDay(created));
}

function isDay(text: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? readDate(text) : null;
  return at !== null && utcDay(at) === text;
}
