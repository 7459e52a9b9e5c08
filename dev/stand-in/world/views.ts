import type { Json, PatientField, RawPatient, StandInChart } from './chart.ts';
import { type DateForm, readDate, writeClock, writeDate, writeLocalDay } from './dates.ts';
import type { Instance } from './instances.ts';
import { isBlank } from './quirks.ts';
import type { RouteName } from './settings.ts';
import { admissionDay } from './stays.ts';

/** Dates that staff enter by the clock of their facility, and those that KIPU itself sets. */
const ENTERED = ['discharge_date', 'next_level_of_care_date'] as const;
const STAMPS = ['created_at', 'last_updated_at'] as const;
const LEVELS = ['level_of_care', 'next_level_of_care'] as const;
const NUMBERS = ['mr_number', 'location_id', 'discharge_or_transition_id'] as const;

/** Where an id is written: at an endpoint or in a webhook. */
type Place = RouteName | 'webhook';

/** Returns a chart's fields in the form that the instance's settings ask for; with default settings, unchanged. */
export function written(instance: Instance, chart: StandInChart, place: Place): Record<PatientField, Json> {
  const { patient } = chart;
  return {
    ...patient,
    ...dates(instance, patient),
    ...levels(instance, patient),
    ...numbers(instance, patient),
    casefile_id: casefileIdAt(instance, chart.casefileId, place),
  };
}

/** Returns a casefile id with its UUID in the case that the settings ask for. */
export function casefileIdAt({ settings: { casefileCase } }: Instance, casefileId: string, place: Place): string {
  const upper = casefileCase === 'upper' || (casefileCase === 'mixed' && UPPER_WHERE_MIXED.includes(place));
  return upper ? casefileId.toUpperCase() : casefileId;
}

const UPPER_WHERE_MIXED: readonly Place[] = ['census', 'vaults', 'webhook'];

/** Returns whether the instance writes numbers as strings. */
export function asText({ layout, settings }: Instance): boolean {
  return settings.numbersAsText ?? layout.numbersAsText;
}

/** Returns the zone of the instance's days and clocks. */
export function timeZoneOf({ layout, settings }: Instance): string {
  return settings.timeZone ?? layout.timeZone;
}

function dates(instance: Instance, patient: RawPatient): Partial<Record<PatientField, string>> {
  const { settings } = instance;
  if (settings.timestamps === 'mixed' && settings.timeZone === null) return {};
  const timeZone = timeZoneOf(instance);
  const form = (text: Json) => (settings.timestamps === 'mixed' ? formOf(String(text)) : settings.timestamps);
  const found: Partial<Record<PatientField, string>> = {};
  const write = (fields: readonly (typeof ENTERED | typeof STAMPS)[number][], writeOne: typeof writeDate) => {
    for (const field of fields) {
      const at = readDate(patient[field]);
      if (at !== null) found[field] = writeOne(at, form(patient[field]), timeZone);
    }
  };
  write(ENTERED, settings.timeZone === null ? writeDate : writeClock);
  write(STAMPS, writeDate);
  const day = admissionDay(patient);
  if (day !== null) found.admission_date = writeLocalDay(day, form(patient.admission_date), timeZone);
  return found;
}

function formOf(text: string): DateForm {
  if (text.length === 10) return 'day';
  return text.includes('T') ? 'offset' : 'time';
}

function levels({ settings }: Instance, patient: RawPatient): Partial<Record<PatientField, Json>> {
  if (!settings.levelPrefix) return {};
  const named = LEVELS.filter((field) => !isBlank(patient[field]));
  return Object.fromEntries(named.map((field) => [field, `UR LOC: ${patient[field]}`]));
}

function numbers({ settings }: Instance, patient: RawPatient): Partial<Record<PatientField, Json>> {
  const { numbersAsText } = settings;
  if (numbersAsText === null) return {};
  const rewrite = (value: Json): Json => {
    if (numbersAsText) return typeof value === 'number' ? String(value) : value;
    return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  };
  return Object.fromEntries(NUMBERS.map((field) => [field, rewrite(patient[field])]));
}
