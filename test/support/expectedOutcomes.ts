import type { StandInChart } from '../../dev/stand-in/index.ts';
import type { LockPolicy } from '../../domain/lock.ts';

/** What a first pull must leave of a chart: written from the words of the specification, not from the code's rules. */
export interface Expected {
  status: 'synced' | 'held' | 'notReady' | 'ignored';
  /** Of the referral; null for none. */
  destination: string | null;
}

export function expectedOutcome({ kind, patient }: StandInChart, policy: LockPolicy, now: Date): Expected {
  if (kind === 'test') return { status: 'ignored', destination: null };
  const required = [patient.first_name, patient.last_name, patient.dob, patient.admission_date, patient.mr_number];
  if (required.some((value) => plain(value) === '')) return { status: 'notReady', destination: null };
  if (policy !== 'never' && isPast(plain(patient.discharge_date), now)) return { status: 'held', destination: null };
  const destination = plain(patient.discharge_or_transition_name);
  return { status: 'synced', destination: destination === '' || kind === 'internal-transfer' ? null : destination };
}

/** Without the blanks and quotes of word processors; dates of zero say nothing. */
function plain(value: unknown): string {
  const text = value === null || value === undefined || value === '0000-00-00' ? '' : String(value);
  return text
    .split(/[\s\u00a0]+/)
    .filter(Boolean)
    .join(' ')
    .replace(/[‘’]/g, "'")
    .replace(/[“”]/g, '"');
}

/** KIPU's dates without a zone are read as UTC. */
function isPast(text: string, now: Date): boolean {
  return text !== '' && Date.parse(text.includes(' ') ? `${text.replace(' ', 'T')}Z` : text) <= now.getTime();
}
