import type { RawPatient, StandInChart } from './chart.ts';
import { localDay, readDate, utcDay } from './dates.ts';
import { isBlank } from './quirks.ts';

/** A range of days, both included; null is open. */
export interface Range {
  start: string | null;
  end: string | null;
}

/** Returns whether a day lies in a range. */
export function includesDay({ start, end }: Range, day: string): boolean {
  return (start === null || day >= start) && (end === null || day <= end);
}

/**
 * Returns whether a patient is at the facility at an instant: admitted and not discharged.
 * @param timeZone the zone of admission days
 */
export function isPresent(patient: RawPatient, now: Date, timeZone: string): boolean {
  const discharged = readDate(patient.discharge_date);
  return beginning(patient) <= localDay(now, timeZone) && (discharged === null || discharged > now);
}

/** Returns whether a stay overlaps a range, whether it has ended or not. */
export function overlaps(patient: RawPatient, { start, end }: Range): boolean {
  const discharged = readDate(patient.discharge_date);
  const last = discharged === null ? null : utcDay(discharged);
  return (end === null || beginning(patient) <= end) && (start === null || last === null || last >= start);
}

/** Returns the local day of admission, or null if there is none. Every form of the date begins with that day. */
export function admissionDay({ admission_date }: RawPatient): string | null {
  return readDate(admission_date) === null ? null : String(admission_date).slice(0, 10);
}

/** Returns whether a chart is at a location; without a location, every chart is. */
export function isAt({ patient }: StandInChart, locationId: string | null): boolean {
  return isBlank(locationId) || String(patient.location_id) === locationId;
}

/** Returns the first day of a stay. A chart without an admission date is a pre-admission, which starts at its creation. */
function beginning(patient: RawPatient): string {
  const created = readDate(patient.created_at);
  return admissionDay(patient) ?? (created === null ? '' : utcDay(created));
}
