import { type Json, PATIENT_FIELDS, type PatientField, type StandInChart } from '../world/chart.ts';
import type { Instance } from '../world/instances.ts';
import type { RouteName } from '../world/settings.ts';
import { written } from '../world/views.ts';

export type PhiLevel = 'high' | 'medium' | 'low';

/** Who, when and where, without clinical fields. */
const PLAIN: readonly PatientField[] = [
  ...(['casefile_id', 'mr_number', 'first_name', 'middle_name', 'last_name', 'dob'] as const),
  ...(['admission_date', 'discharge_date', 'location_id', 'location_name', 'created_at', 'last_updated_at'] as const),
];

/** The columns of data warehouses that are filled from `latest`: no destination. */
const LATEST: readonly PatientField[] = [
  ...PLAIN,
  ...(['discharge_type', 'discharge_type_code', 'referrer_name', 'level_of_care'] as const),
];

/** The fields missing in a partial row: one that readiness needs, one that a referral shows, one of the discharge. */
const MISSING_IN_PARTIAL: readonly PatientField[] = ['dob', 'next_level_of_care', 'discharge_type'];

/** The fields that each phi_level withholds. KIPU documents the levels but not their content: this is an assumption. */
const WITHHELD: Readonly<Record<PhiLevel, readonly PatientField[]>> = {
  high: [],
  medium: ['dob', 'first_contact_name', 'referrer_name'],
  low: ['dob', 'first_contact_name', 'referrer_name', 'first_name', 'middle_name', 'last_name', 'mr_number'],
};

/** Returns the row of a chart in a list, in the form that the instance's settings ask for. */
export function rowOf(
  instance: Instance,
  chart: StandInChart,
  route: RouteName,
  level: PhiLevel,
): { [key: string]: Json } {
  const { rows } = instance.settings;
  const served = withheld(written(instance, chart, route), level);
  if (rows === 'blank' || rows === 'blank-without-ids') {
    const row = Object.fromEntries(fieldsOf(route, rows, level).map((field) => [field, null]));
    return rows === 'blank' ? { ...row, casefile_id: served.casefile_id ?? null } : row;
  }
  const stale = rows === 'stale' && route === 'census' ? chart.destinationBefore : {};
  return only({ ...served, ...stale }, fieldsOf(route, rows, level));
}

/** Returns a complete chart, in the form that the instance's settings ask for. */
export function chartOf(instance: Instance, chart: StandInChart, level: PhiLevel): { [key: string]: Json } {
  return withheld(written(instance, chart, 'chart'), level);
}

function fieldsOf(route: RouteName, rows: Instance['settings']['rows'], level: PhiLevel): readonly PatientField[] {
  if (route === 'latest') return LATEST;
  if (route !== 'census') return PLAIN;
  if (rows === 'bare') return PLAIN.filter((field) => field !== 'last_updated_at');
  if (level !== 'high') return PLAIN;
  if (rows === 'chart' || rows === 'stale') return PATIENT_FIELDS;
  if (rows === 'partial') return PATIENT_FIELDS.filter((field) => !MISSING_IN_PARTIAL.includes(field));
  return PLAIN;
}

function only(patient: { [key: string]: Json }, fields: readonly PatientField[]): { [key: string]: Json } {
  return Object.fromEntries(fields.map((field) => [field, patient[field] ?? null]));
}

function withheld(patient: Record<PatientField, Json>, level: PhiLevel): { [key: string]: Json } {
  return { ...patient, ...Object.fromEntries(WITHHELD[level].map((field) => [field, null])) };
}
