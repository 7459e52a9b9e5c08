import type { ChartKind, PatientField } from './chart.ts';

/** What a chart is born as. */
export interface Mould {
  kind: ChartKind;
  destination: 'none' | 'blank' | 'plain' | 'internal' | 'dressed';
  discharge: 'none' | 'past' | 'today' | 'ahead';
  /** A required field left out. */
  missing?: PatientField;
  /** The field that says TEST. */
  placeholder?: PatientField;
}

const ADMITTED: Mould = { kind: 'admitted', destination: 'none', discharge: 'none' };
const PLANNED: Mould = { kind: 'planned', destination: 'plain', discharge: 'none' };
const DISCHARGED: Mould = { kind: 'discharged', destination: 'plain', discharge: 'past' };
const TODAY: Mould = { kind: 'discharged-today', destination: 'plain', discharge: 'today' };
const AHEAD: Mould = { kind: 'discharge-ahead', destination: 'plain', discharge: 'ahead' };
const BLANK: Mould = { kind: 'blank-destination', destination: 'blank', discharge: 'today' };
const INTERNAL: Mould = { kind: 'internal-transfer', destination: 'internal', discharge: 'today' };
const DRESSED: Mould = { kind: 'dressed-destination', destination: 'dressed', discharge: 'none' };
const NEARLY: Mould = { kind: 'nearly-test', destination: 'plain', discharge: 'none' };
const AGAIN: Mould = { kind: 'readmission', destination: 'none', discharge: 'none' };

const lacking = (missing: PatientField): Mould => ({ ...PLANNED, kind: 'not-ready', missing });
const saysTest = (placeholder: PatientField): Mould => ({ ...PLANNED, kind: 'test', placeholder });

/** The charts of an instance are born in this order, over and over: the first few already differ. */
export const MOULDS: readonly Mould[] = [
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
