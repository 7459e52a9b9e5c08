import type { DateForm } from './dates.ts';

/** A JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** The fields of a chart that matter to a client of the API, in the order in which they are served. */
export const PATIENT_FIELDS = [
  'casefile_id',
  'mr_number',
  'first_name',
  'middle_name',
  'last_name',
  'dob',
  'admission_date',
  'discharge_date',
  'anticipated_discharge_date',
  'discharge_or_transition_id',
  'discharge_or_transition_name',
  'discharge_type',
  'discharge_type_code',
  'level_of_care',
  'next_level_of_care',
  'next_level_of_care_date',
  'program',
  'location_id',
  'location_name',
  'building_name',
  'room_name',
  'bed_name',
  'insurance_company',
  'payment_method',
  'payment_method_category',
  'referrer_name',
  'first_contact_name',
  'date_of_death',
  'created_at',
  'last_updated_at',
] as const;

export type PatientField = (typeof PATIENT_FIELDS)[number];

/** A chart's fields, with the values that `/api/patients/{id}` serves with default settings. */
export type RawPatient = Record<PatientField, Json> & { casefile_id: string; last_updated_at: string };

/** Changes to a chart; fields that KIPU does not have are served too. */
export type Patch = Partial<Record<PatientField, Json>> & { [field: string]: Json };

/** The situation that a chart was created in. Staff and edits may have changed it since. */
export type ChartKind =
  | 'admitted'
  | 'planned'
  | 'discharged'
  | 'discharged-today'
  | 'discharge-ahead'
  | 'not-ready'
  | 'test'
  | 'nearly-test'
  | 'blank-destination'
  | 'internal-transfer'
  | 'dressed-destination'
  | 'readmission'
  | 'added';

/** How the dates of one chart are written; drawn once, so that a value has the same form at every endpoint. */
export interface DateForms {
  admission: DateForm;
  discharge: DateForm;
  /** `created_at` and `last_updated_at` always have a time. */
  stamp: 'time' | 'offset';
}

/** The two fields for the place that a patient is discharged to. */
export interface Destination {
  discharge_or_transition_id: Json;
  discharge_or_transition_name: Json;
}

/** A chart of the stand-in. Tests compare outcomes with it. */
export interface StandInChart {
  casefileId: string;
  kind: ChartKind;
  /** Soft-deleted: served by `/api/vaults/patients` only. */
  vaulted: boolean;
  /** The instant in `last_updated_at`. */
  updatedAt: Date;
  forms: DateForms;
  /** The destination before its last change; the setting `rows: stale` still lists it. */
  destinationBefore: Destination;
  patient: RawPatient;
}

/** Returns the master id in a casefile id: it identifies the person across stays. */
export function masterIdOf(casefileId: string): string {
  return casefileId.slice(casefileId.indexOf(':') + 1);
}
