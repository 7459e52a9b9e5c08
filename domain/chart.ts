/**
 * A chart: one stay of one patient, identified by KIPU's `casefile_id`.
 *
 * Texts are as staff typed them (trimmed ends, empty is null). Dates have one of three canonical forms:
 * `YYYY-MM-DD` (a day), `YYYY-MM-DDTHH:MM:SS` (a clock time whose zone KIPU does not say) or
 * `YYYY-MM-DDTHH:MM:SS.sssZ` (an instant). The first two are read in the time zone of the chart's location.
 */
export interface Chart {
  casefileId: string;
  masterId: string;
  mrNumber: string | null;
  firstName: string | null;
  middleName: string | null;
  lastName: string | null;
  dob: string | null;
  admissionDate: string | null;
  dischargeDate: string | null;
  anticipatedDischargeDate: string | null;
  destinationId: string | null;
  destination: string | null;
  dischargeType: string | null;
  dischargeTypeCode: string | null;
  levelOfCare: string | null;
  nextLevelOfCare: string | null;
  nextLevelOfCareDate: string | null;
  program: string | null;
  locationId: string | null;
  locationName: string | null;
  insuranceCompany: string | null;
  paymentMethod: string | null;
  referrerName: string | null;
  firstContactName: string | null;
  dateOfDeath: string | null;
  createdAt: string | null;
  lastUpdatedAt: string | null;
}

/** Returns true if both charts have the same content. `lastUpdatedAt` is ignored: KIPU sets it on every save. */
export function sameContent(a: Chart | null, b: Chart): boolean {
  return a !== null && facts(a) === facts(b);
}

function facts(chart: Chart): string {
  const { lastUpdatedAt: _ignored, ...rest } = chart;
  return JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
}
