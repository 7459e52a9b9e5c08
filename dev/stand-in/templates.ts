import type { ChartKind, PatientField } from './chart.ts';

/** What a chart is created as. */
export interface ChartTemplate {
  kind: ChartKind;
  destination: 'none' | 'blank' | 'plain' | 'internal' | 'dressed';
  discharge: 'none' | 'past' | 'today' | 'ahead';
  /** A required field left out. */
  missing?: PatientField;
  /** The field that says TEST. */
  placeholder?: PatientField;
}

const ADMITTED: ChartTemplate = { kind: 'admitted', destination: 'none', discharge: 'none' };
const PLANNED: ChartTemplate = { kind: 'planned', destination: 'plain', discharge: 'none' };
const DISCHARGED: ChartTemplate = { kind: 'discharged', destination: 'plain', discharge: 'past' };
const TODAY: ChartTemplate = { kind: 'discharged-today', destination: 'plain', discharge: 'today' };
const AHEAD: ChartTemplate = { kind: 'discharge-ahead', destination: 'plain', discharge: 'ahead' };
const BLANK: ChartTemplate = { kind: 'blank-destination', destination: 'blank', discharge: 'today' };
const INTERNAL: ChartTemplate = { kind: 'internal-transfer', destination: 'internal', discharge: 'today' };
const DRESSED: ChartTemplate = { kind: 'dressed-destination', destination: 'dressed', discharge: 'none' };
const NEARLY: ChartTemplate = { kind: 'nearly-test', destination: 'plain', discharge: 'none' };
const AGAIN: ChartTemplate = { kind: 'readmission', destination: 'none', discharge: 'none' };

const lacking = (missing: PatientField): ChartTemplate => ({ ...PLANNED, kind: 'not-ready', missing });
const saysTest = (placeholder: PatientField): ChartTemplate => ({ ...PLANNED, kind: 'test', placeholder });

/** The charts of an instance are created in this order, over and over: the first few already differ. */
export const TEMPLATES: readonly ChartTemplate[] = [
  DISCHARGED,
  PLANNED,
  ADMITTED,
  TODAY,
  lacking('mr_number'),
  saysTest('mr_number'),
  NEARLY,
  INTERNAL,
  BLANK,
  AHEAD,
  DRESSED,
  AGAIN,
  PLANNED,
  DISCHARGED,
  lacking('first_name'),
  ADMITTED,
  TODAY,
  saysTest('last_name'),
  PLANNED,
  ADMITTED,
  lacking('last_name'),
  DISCHARGED,
  { ...DRESSED, discharge: 'past' },
  PLANNED,
  ADMITTED,
  lacking('dob'),
  DISCHARGED,
  { ...INTERNAL, discharge: 'none' },
  ADMITTED,
  PLANNED,
  TODAY,
  { ...BLANK, discharge: 'none' },
  DISCHARGED,
  lacking('admission_date'),
  ADMITTED,
  PLANNED,
  saysTest('first_name'),
  ADMITTED,
  DISCHARGED,
  AHEAD,
];
