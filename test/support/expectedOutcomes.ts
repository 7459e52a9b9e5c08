import type { StandInChart } from '../../dev/stand-in/index.ts';
import type { LockPolicy } from '../../domain/lock.ts';

/** The required outcome of a chart's first pull. */
export interface ExpectedOutcome {
  status: 'synced' | 'held' | 'notReady' | 'ignored';
  /** The referral's destination; null for no referral. */
  destination: string | null;
}

/** Returns the required outcome of a chart's first pull, by the specification and independently of the product's code. */
export function expectedOutcome({ kind, patient }: StandInChart, policy: LockPolicy, now: Date): ExpectedOutcome {
  if (kind === 'test') return { status: 'ignored', destination: null };
  const required = [patient.first_name, patient.last_name, patient.dob, patient.admission_date, patient.mr_number];
  if (required.some((value) => plain(value) === '')) return { status: 'notReady', destination: null };
  if (policy !== 'never' && isPast(plain(patient.discharge_date), now)) return { status: 'held', destination: null };
  const destination = plain(patient.discharge_or_transition_name);
  return { status: 'synced', destination: destination === '' || kind === 'internal-transfer' ? null : destination };
}

/** Returns a value without the blanks and quotes of word processors; a zero date becomes empty. */
function plain(value: unknown): string {
  const text = value === null || value === undefined || value === '0000-00-00' ? '' : String(value);
  return text
    .split(/[\s\u00a0]+/)
    .filter(Boolean)
    .join(' ')
    .replace(/[‘’]/g, "'")
    .replace(/[“”]/g, '"');
}

/** Returns whether a date has passed. Dates without a zone are in UTC. */
function isPast(text: string, now: Date): boolean {
  return text !== '' && Date.parse(text.includes(' ') ? `${text.replace(' ', 'T')}Z` : text) <= now.getTime();
}
