import { z } from 'zod';
import { casefileId, date, day, masterIdOf, rawText, text } from './fields.ts';

export const CHART_PATH = '/api/patients/{patient_id}';

/** The route of one chart, as errors name it. A failure there may concern this chart alone. */
export const CHART_ROUTE = `GET ${CHART_PATH}`;

/** The fields of KIPU's patient object that make a chart. */
export const patient = z.object({
  casefile_id: casefileId,
  mr_number: text,
  first_name: text,
  middle_name: text,
  last_name: text,
  dob: day,
  admission_date: date,
  discharge_date: date,
  anticipated_discharge_date: date,
  discharge_or_transition_id: text,
  discharge_or_transition_name: rawText,
  discharge_type: text,
  discharge_type_code: text,
  level_of_care: text,
  next_level_of_care: text,
  next_level_of_care_date: date,
  program: text,
  location_id: text,
  location_name: text,
  insurance_company: text,
  payment_method: text,
  referrer_name: text,
  first_contact_name: text,
  date_of_death: date,
  created_at: date,
  last_updated_at: date,
});

/**
 * Reads KIPU's patient object, from a chart's response or a list's row, as a chart. Other fields are ignored, numbers become
 * text, blank text becomes null, and dates take a canonical form of `parseDate`.
 */
export const patientChart = patient.transform((p) => ({
  casefileId: p.casefile_id,
  /** The person over all stays: the part of the casefile id after the colon. */
  masterId: masterIdOf(p.casefile_id),
  mrNumber: p.mr_number,
  firstName: p.first_name,
  middleName: p.middle_name,
  lastName: p.last_name,
  dob: p.dob,
  admissionDate: p.admission_date,
  dischargeDate: p.discharge_date,
  anticipatedDischargeDate: p.anticipated_discharge_date,
  destinationId: p.discharge_or_transition_id,
  /** "Discharge/Transition To", unchanged: blanks and quotes as KIPU sends them. */
  destination: p.discharge_or_transition_name,
  dischargeType: p.discharge_type,
  dischargeTypeCode: p.discharge_type_code,
  levelOfCare: p.level_of_care,
  nextLevelOfCare: p.next_level_of_care,
  nextLevelOfCareDate: p.next_level_of_care_date,
  program: p.program,
  locationId: p.location_id,
  locationName: p.location_name,
  insuranceCompany: p.insurance_company,
  paymentMethod: p.payment_method,
  referrerName: p.referrer_name,
  firstContactName: p.first_contact_name,
  dateOfDeath: p.date_of_death,
  createdAt: p.created_at,
  lastUpdatedAt: p.last_updated_at,
}));

/** One chart: one stay of one patient. Everything except the two ids may be null. */
export type KipuChart = z.infer<typeof patientChart>;

/** The response of `/api/patients/{patient_id}`: `{ "patient": { … } }`. */
export const chartResponse = z.object({ patient: patientChart }).transform((response) => response.patient);

/** The keys of KIPU's patient object that make a chart. */
export const chartKeys: readonly string[] = Object.keys(patient.shape);

/** Those that are dates. */
export const dateKeys = [
  ...(['dob', 'admission_date', 'discharge_date', 'anticipated_discharge_date'] as const),
  ...(['next_level_of_care_date', 'date_of_death', 'created_at', 'last_updated_at'] as const),
] satisfies (keyof typeof patient.shape)[];

/**
 * Returns the chart that a list's row carries. Null if a key is absent, because rows of some instances have no clinical
 * fields, or if a value cannot be read: reading the chart itself then reports what is wrong with it.
 */
export function chartOfRow(row: object): KipuChart | null {
  if (!chartKeys.every((key) => Object.hasOwn(row, key))) return null;
  return patientChart.safeParse(row).data ?? null;
}
