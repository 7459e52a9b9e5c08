import type { ChartKind, PatientField } from './chart.ts';

/** What a new chart contains. */
export interface ChartTemplate {
  kind: ChartKind;
  destination: 'none' | 'blank' | 'plain' | 'internal' | 'dressed';
  discharge: 'none' | 'past' | 'today' | 'ahead';
  /** A required field that is left empty. */
  missing?: PatientField;
  /** The field whose value is a TEST placeholder. */
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

const without = (missing: PatientField): ChartTemplate => ({ ...PLANNED, kind: 'not-ready', missing });
const saysTest = (placeholder: PatientField): ChartTemplate => ({ ...PLANNED, kind: 'test', placeholder });

/** The charts of an instance are created in this order, repeated as often as needed. The first few already differ. */
export const TEMPLATES: readonly ChartTemplate[] = [
  DISCHARGED,
  PLANNED,
  ADMITTED,
  TODAY,
  without('mr_number'),
  saysTest('mr_number'),
  NEARLY,
  INTERNAL,
  BLANK,
  AHEAD,
  DRESSED,
  AGAIN,
  PLANNED,
  DISCHARGED,
  without('first_name'),
  ADMITTED,
  TODAY,
  saysTest('last_name'),
  PLANNED,
  ADMITTED,
  without('last_name'),
  DISCHARGED,
  { ...DRESSED, discharge: 'past' },
  PLANNED,
  ADMITTED,
  without('dob'),
  DISCHARGED,
  { ...INTERNAL, discharge: 'none' },
  ADMITTED,
  PLANNED,
  TODAY,
  { ...BLANK, discharge: 'none' },
  DISCHARGED,
  without('admission_date'),
  ADMITTED,
  PLANNED,
  saysTest('first_name'),
  ADMITTED,
  DISCHARGED,
  AHEAD,
];
