import { z } from 'zod';
import { casefileId, date, day, masterIdOf, rawText, text } from './fields.ts';

export const CHART_PATH = '/api/patients/{patient_id}';

/** The route of one chart's answer in errors: what fails there is that chart's fault. */
export const CHART_ROUTE = `GET ${CHART_PATH}`;

/** KIPU's patient object, as far as a chart is made from it, value by value. */
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
 * Reads KIPU's patient object, of a chart's answer or of a list's row, as a chart. Fields of no use here are ignored; numbers
 * become text; empty and blank text becomes null; dates take a form of `parseDate`.
 */
export const patientChart = patient.transform((p) => ({
  casefileId: p.casefile_id,
  /** The person over all stays: the part of the casefile id behind the colon. */
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
  /** "Discharge/Transition To", untouched: blanks and quotes as KIPU has them. */
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

/** One chart: one stay of one patient. All but the two ids may be null. */
export type KipuChart = z.infer<typeof patientChart>;

/** The answer of `/api/patients/{patient_id}`: `{ "patient": { … } }`. */
export const chartAnswer = z.object({ patient: patientChart }).transform((answer) => answer.patient);

/** The keys of KIPU's patient object that a chart is made from. */
export const chartKeys: readonly string[] = Object.keys(patient.shape);

/** Those of them that are dates. */
export const dateKeys = [
  ...(['dob', 'admission_date', 'discharge_date', 'anticipated_discharge_date'] as const),
  ...(['next_level_of_care_date', 'date_of_death', 'created_at', 'last_updated_at'] as const),
] satisfies (keyof typeof patient.shape)[];

/**
 * Returns the chart that a list's row carries. Null where one of the keys is absent, as rows of some instances lack the
 * clinical ones, and where a value cannot be read: the chart's own answer then says what is wrong with it.
 */
export function chartOfRow(row: object): KipuChart | null {
  if (!chartKeys.every((key) => Object.hasOwn(row, key))) return null;
  return patientChart.safeParse(row).data ?? null;
}
