import type { AttentionKind } from '../../domain/attention.ts';
import { visibleText } from '../../domain/chart.ts';
import type { ConsentState } from '../../domain/consent.ts';
import type { HoldReason } from '../../domain/lock.ts';
import type { PullOutcome } from '../../domain/pull.ts';
import type { ReferralChange, ReferralStatus } from '../../domain/referral.ts';
import type { RunStatus } from '../../domain/run.ts';
import type { RecordStatus } from '../../store/documents.ts';

/** Selects the color of a status; the text says the same, so that nothing depends on color alone. */
export type Tone = 'good' | 'warn' | 'bad' | 'wait' | 'plain';

export interface Label {
  text: string;
  tone: Tone;
}

/** The vendor's term for a hold. */
export const HELD = 'Patient Discharged: EMR Updates Locked';

export const statusLabel: Readonly<Record<RecordStatus, Label>> = {
  new: { text: 'Chart not read yet', tone: 'wait' },
  synced: { text: 'Linked', tone: 'good' },
  notReady: { text: 'Not ready', tone: 'warn' },
  ignored: { text: 'Ignored placeholder', tone: 'plain' },
  held: { text: 'EMR updates locked', tone: 'warn' },
  unlocked: { text: 'Unlocked, pulling the chart', tone: 'wait' },
  failed: { text: 'Chart could not be read', tone: 'bad' },
  void: { text: 'Deleted in KIPU', tone: 'plain' },
};

/** What the referral of a locked record says, which is older than the chart. */
export const staleTexts = {
  discharge: 'From before the discharge.',
  lock: 'From before EMR updates were locked.',
  unlock: 'Unlock EMR updates to update it.',
  pulling: 'It is updated as soon as the chart is pulled.',
  waiting: (n: number) => (n === 1 ? '1 update is waiting in KIPU.' : `${n} updates are waiting in KIPU.`),
} as const;

export const runLabel: Readonly<Record<RunStatus, Label>> = {
  running: { text: 'Running', tone: 'wait' },
  completed: { text: 'Completed', tone: 'good' },
  incomplete: { text: 'Incomplete', tone: 'bad' },
  failed: { text: 'Failed', tone: 'bad' },
};

export const referralLabel: Readonly<Record<ReferralStatus, Label>> = {
  open: { text: 'Open', tone: 'good' },
  withdrawn: { text: 'Withdrawn', tone: 'plain' },
  void: { text: 'Void', tone: 'plain' },
};

export const consentLabel: Readonly<Record<ConsentState, Label>> = {
  unknown: { text: 'Consent unknown', tone: 'warn' },
  recorded: { text: 'Consent recorded', tone: 'good' },
  refused: { text: 'Consent refused', tone: 'bad' },
  revoked: { text: 'Consent revoked', tone: 'bad' },
  expired: { text: 'Consent expired', tone: 'bad' },
};

export const changeLabels: Readonly<Record<ReferralChange, string>> = {
  made: 'Created',
  changed: 'Changed',
  withdrawn: 'Withdrawn: the chart no longer names a destination',
  'internal-transfer': 'Withdrawn: internal transfer',
  placeholder: 'Withdrawn: the chart became a test chart',
  'not-ready': 'Withdrawn: the chart lost a required field',
  restored: 'Reopened',
  'discharge-taken-back': 'Changed: discharge reversed',
  voided: 'Voided: the chart was deleted in KIPU',
};

export const holdReasonLabels: Readonly<Record<HoldReason, string>> = {
  'webhook-missing': 'No chart updates from KIPU',
  'webhook-failing': 'Some chart updates are missing',
  'webhook-unknown': 'Our webhook receiver was down',
  'policy-always': 'Every discharge is locked',
};

export const attentionLabels: Readonly<Record<AttentionKind, string>> = {
  locked: 'Locked records',
  missing: 'Missing information',
  unreadable: 'Could not be read',
  connection: 'Connection trouble',
  receiver: 'Receiver away',
};

/** The required fields as KIPU names them. */
export { fieldNames as fieldLabels } from '../../domain/attention.ts';

export const outcomeLabels: Readonly<Record<PullOutcome, string>> = {
  saved: 'saved',
  unchanged: 'no new data',
  held: 'locked until it is unlocked',
  notReady: 'not ready: required data is missing',
  ignored: 'ignored as a placeholder',
  failed: 'the chart could not be read',
};

/** Returns a label as it is written inside a sentence: without its capital, unless it is an abbreviation. */
export function insideSentence(label: string): string {
  return label.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}

interface PersonName {
  firstName: string | null;
  middleName?: string | null;
  lastName: string | null;
}

/** Returns `Kestrelby, Odette M` without invisible characters, or `No name` when there is none. */
export function patientName(person: PersonName | null): string {
  if (person === null) return 'No name';
  const [last, ...first] = [person.lastName, person.firstName, person.middleName ?? null].map(visibleText);
  const given = first.filter((part) => part !== '').join(' ');
  return [last, given].filter((part) => part !== '').join(', ') || 'No name';
}

/** The names of the columns of long lists, as phones show them before each value; null where the value needs none. */
export const columnNames = {
  locked: [null, 'Discharged', 'Location', 'Destination', 'Reason', 'Locked for'],
  referrals: [null, 'Destination', 'Location', 'Level of care', 'Discharged', 'Status', 'Last change'],
  attention: [null, 'What is wrong', 'Location', 'Age', 'What to do'],
  discharges: [null, 'Discharged', 'Location', 'Destination', 'State'],
  syncs: [
    ...[null, 'Connection', 'Status', 'Checked', 'Changed', 'Saved', 'No new data', 'Locked', 'Not ready', 'Ignored'],
    ...['Failed', 'Duration'],
  ],
} as const satisfies Record<string, readonly (string | null)[]>;
