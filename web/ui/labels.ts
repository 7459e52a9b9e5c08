import type { HoldReason } from '../../domain/lock.ts';
import type { PullOutcome } from '../../domain/pull.ts';
import type { RequiredField } from '../../domain/readiness.ts';
import type { ReferralChange, ReferralStatus } from '../../domain/referral.ts';
import type { RunStatus } from '../../domain/run.ts';
import type { Webhook } from '../../domain/webhookHealth.ts';
import type { RecordStatus } from '../../store/documents.ts';

/** How something stands, for its colour; the words say it too. */
export type Tone = 'good' | 'warn' | 'bad' | 'wait' | 'plain';

export interface Label {
  text: string;
  tone: Tone;
}

/** What the field calls a hold. */
export const HELD = 'Patient Discharged: EMR Updates Locked';

export const statusLabel: Readonly<Record<RecordStatus, Label>> = {
  new: { text: 'Chart not read yet', tone: 'wait' },
  synced: { text: 'Linked', tone: 'good' },
  notReady: { text: 'Not ready', tone: 'warn' },
  ignored: { text: 'Placeholder, ignored', tone: 'plain' },
  held: { text: 'EMR updates locked', tone: 'warn' },
  unlocked: { text: 'Unlocked, reading the chart', tone: 'wait' },
  failed: { text: 'Chart not readable', tone: 'bad' },
  void: { text: 'Deleted in KIPU', tone: 'plain' },
};

export const runLabel: Readonly<Record<RunStatus, Label>> = {
  running: { text: 'Going on', tone: 'wait' },
  completed: { text: 'Completed', tone: 'good' },
  incomplete: { text: 'Incomplete', tone: 'bad' },
  failed: { text: 'Failed', tone: 'bad' },
};

export const referralLabel: Readonly<Record<ReferralStatus, Label>> = {
  open: { text: 'Open', tone: 'good' },
  withdrawn: { text: 'Withdrawn', tone: 'plain' },
  void: { text: 'Void', tone: 'plain' },
};

export const changeLabels: Readonly<Record<ReferralChange, string>> = {
  made: 'Made',
  changed: 'Changed',
  withdrawn: 'Withdrawn: the chart names no destination any more',
  'internal-transfer': 'Withdrawn: the patient moves to a location of the same house',
  restored: 'Open again',
  'discharge-taken-back': 'Discharge taken back',
  voided: 'Void: the chart was deleted in KIPU',
};

export const holdReasonLabels: Readonly<Record<HoldReason, string>> = {
  'webhook-missing': 'Webhook never came',
  'webhook-failing': 'Webhook misses changes',
  'webhook-unknown': 'Our receiver was away',
  'policy-always': 'Every discharge is held',
};

export const fieldLabels: Readonly<Record<RequiredField, string>> = {
  firstName: 'First name',
  lastName: 'Last name',
  dob: 'Date of birth',
  admissionDate: 'Admission date',
  mrNumber: 'Medical record number',
};

export const outcomeLabels: Readonly<Record<PullOutcome, string>> = {
  saved: 'saved',
  unchanged: 'nothing had changed',
  held: 'held for an unlock',
  notReady: 'not ready: something is missing',
  ignored: 'ignored as a placeholder',
  failed: 'it could not be read',
};

export const webhookHealthLabels: Readonly<Record<Webhook, string>> = {
  'patient-creation': 'Patient Creation',
  'chart-update': 'Chart Update',
};
