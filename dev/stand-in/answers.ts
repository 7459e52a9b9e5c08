import { type Json, PATIENT_FIELDS, type PatientField, type RawPatient, type StandInChart } from './chart.ts';
import { utcDay } from './dates.ts';
import { pageOf, whole } from './pages.ts';
import { isBlank, numeric } from './quirks.ts';
import { rangeOf, stayOf } from './ranges.ts';
import type { Route } from './routes.ts';
import type { Site } from './world.ts';

/** What KIPU says to a request, before anything goes wrong with it. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body: { [key: string]: Json };
}

export function refusal(status: number, error: string): Answer {
  return { status, body: { error } };
}

/** The fields of a row in a list: the main ones, not where the patient goes. */
const ROW_FIELDS: readonly PatientField[] = PATIENT_FIELDS.filter((field) =>
  /^(casefile_id|mr_number|first_name|middle_name|last_name|dob|location_id|location_name|level_of_care|program|created_at|last_updated_at|(anticipated_)?(admission|discharge)_date)$/.test(
    field,
  ),
);

/** What each phi_level withholds. The facts name the levels and not their content; this is our guess. */
const WITHHELD: Readonly<Record<string, readonly PatientField[]>> = {
  high: [],
  medium: ['dob', 'first_contact_name', 'referrer_name'],
  low: ['dob', 'first_contact_name', 'referrer_name', 'first_name', 'middle_name', 'last_name', 'mr_number'],
};

/** Answers a request that passed the gate. */
export function answer(site: Site, route: Route): Answer {
  const { query } = route;
  const withheld = WITHHELD[query.get('phi_level') ?? 'high'];
  const range = rangeOf(query);
  if (!withheld) return refusal(422, 'phi_level is invalid');
  if (!range) return refusal(422, 'start_date or end_date is invalid');
  const { premises, book } = site;
  const rows = (charts: readonly StandInChart[]) => charts.map(({ patient }) => only(patient, ROW_FIELDS, withheld));
  const page = (charts: readonly StandInChart[]): Answer => {
    const cut = pageOf(charts, query, premises.numbersAsText);
    return { status: 200, body: { pagination: cut.pagination, patients: rows(cut.items) } };
  };
  const located = () => book.byUpdate().filter(({ patient }) => isAt(patient, query.get('location_id')));
  switch (route.name) {
    case 'latest':
      return page(book.byUpdate().filter(({ updatedAt }) => range.holds(utcDay(updatedAt), utcDay(updatedAt))));
    case 'census':
      return page(located().filter(({ patient }) => range.open || range.holds(...stayOf(patient))));
    case 'admissions':
      return page(located().filter(({ patient }) => range.holds(stayOf(patient)[0], stayOf(patient)[0])));
    case 'vaults': {
      const vaulted = book.all().filter((chart) => chart.vaulted);
      return {
        status: 200,
        body: { pagination: whole(vaulted.length, premises.numbersAsText), patients: rows(vaulted) },
      };
    }
    case 'locations': {
      const locations = premises.locations.map(({ id, name, enabled }) => {
        return { location_id: numeric(id, premises.numbersAsText), location_name: name, enabled };
      });
      return { status: 200, body: { locations } };
    }
    case 'chart': {
      const chart = book.find(route.casefileId ?? '');
      if (!chart || chart.vaulted) return refusal(404, 'Patient not found');
      return { status: 200, body: { patient: { ...chart.patient, ...blanked(withheld) } } };
    }
  }
}

function isAt(patient: RawPatient, locationId: string | null): boolean {
  return isBlank(locationId) || String(patient.location_id) === locationId;
}

function only(patient: RawPatient, fields: readonly PatientField[], withheld: readonly PatientField[]) {
  return { ...Object.fromEntries(fields.map((field) => [field, patient[field]])), ...blanked(withheld) };
}

function blanked(fields: readonly PatientField[]): { [key: string]: Json } {
  return Object.fromEntries(fields.map((field) => [field, null]));
}
