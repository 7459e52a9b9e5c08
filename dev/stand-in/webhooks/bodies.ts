import { type Json, masterIdOf, type StandInChart } from '../world/chart.ts';
import type { WebhookName } from './settings.ts';

type Body = (chart: StandInChart, webhook: WebhookName, id: string) => Json;

/** `{ patient: { casefile_id } }`, as the API writes a chart. */
const nested: Body = ({ patient }, webhook) => ({
  event: webhook === 'patient-creation' ? 'patient_created' : 'patient_updated',
  occurred_at: patient.last_updated_at,
  patient: {
    casefile_id: patient.casefile_id,
    mr_number: patient.mr_number,
    first_name: patient.first_name,
    last_name: patient.last_name,
    dob: patient.dob,
    admission_date: patient.admission_date,
    discharge_date: patient.discharge_date,
    location_id: patient.location_id,
  },
});

/** `{ casefileId }`, all on one level. */
const flat: Body = ({ casefileId, patient }, webhook) => ({
  eventType: webhook === 'patient-creation' ? 'PatientCreated' : 'ChartUpdated',
  casefileId,
  patientMasterId: masterIdOf(casefileId),
  mrNumber: patient.mr_number,
  firstName: patient.first_name,
  lastName: patient.last_name,
  dischargeDate: patient.discharge_date,
  locationName: patient.location_name,
  updatedAt: patient.last_updated_at,
});

/** `{ data: { casefile: { id } } }`, with ids of other objects beside it. */
const enveloped: Body = ({ casefileId, patient }, webhook, id) => ({
  id,
  type: webhook === 'patient-creation' ? 'patient.created' : 'chart.updated',
  data: {
    casefile: { id: casefileId, mr_number: patient.mr_number, updated_at: patient.last_updated_at },
    patient: {
      id: masterIdOf(casefileId),
      name: `${patient.first_name ?? ''} ${patient.last_name ?? ''}`.trim(),
      dob: patient.dob,
    },
    location: { id: patient.location_id, name: patient.location_name },
  },
});

const FORMS = [nested, flat, enveloped] as const;

/**
 * Returns the body of a delivery. KIPU does not document it, so each instance has a fixed form of its own.
 * @param place the instance's place in the list; neighbors differ
 * @param id the id of the delivery
 */
export function bodyOf(place: number, chart: StandInChart, webhook: WebhookName, id: string): string {
  return JSON.stringify((FORMS[place % FORMS.length] ?? nested)(chart, webhook, id));
}
