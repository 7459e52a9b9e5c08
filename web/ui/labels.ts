import type { HoldReason } from '../../domain/lock.ts';
import type { PullOutcome } from '../../domain/pull.ts';
import type { RequiredFact } from '../../domain/readiness.ts';
import type { ReferralChange, ReferralStatus } from '../../domain/referral.ts';
import type { RunStatus } from '../../domain/run.ts';
import type { Webhook } from '../../domain/webhookHealth.ts';
import type { RecordStatus } from '../../store/documents.ts';

/** How something stands, for its colour; the words say it too. */
export type Tone = 'good' | 'warn' | 'bad' | 'wait' | 'plain';

export interface Said {
  words: string;
  tone: Tone;
}

/** What the field calls a hold. */
export const HELD = 'Patient Discharged: EMR Updates Locked';

export const statusSaid: Readonly<Record<RecordStatus, Said>> = {
  new: { words: 'Chart not read yet', tone: 'wait' },
  synced: { words: 'Linked', tone: 'good' },
  notReady: { words: 'Not ready', tone: 'warn' },
  ignored: { words: 'Placeholder, ignored', tone: 'plain' },
  held: { words: 'EMR updates locked', tone: 'warn' },
  unlocked: { words: 'Unlocked, reading the chart', tone: 'wait' },
  failed: { words: 'Chart not readable', tone: 'bad' },
  void: { words: 'Deleted in KIPU', tone: 'plain' },
};

export const runSaid: Readonly<Record<RunStatus, Said>> = {
  running: { words: 'Going on', tone: 'wait' },
  completed: { words: 'Completed', tone: 'good' },
  incomplete: { words: 'Incomplete', tone: 'bad' },
  failed: { words: 'Failed', tone: 'bad' },
};

export const referralSaid: Readonly<Record<ReferralStatus, Said>> = {
  open: { words: 'Open', tone: 'good' },
  withdrawn: { words: 'Withdrawn', tone: 'plain' },
  void: { words: 'Void', tone: 'plain' },
};

export const changeWords: Readonly<Record<ReferralChange, string>> = {
  made: 'Made',
  changed: 'Changed',
  withdrawn: 'Withdrawn: the chart names no destination any more',
  'internal-transfer': 'Withdrawn: the patient moves to a location of the same house',
  restored: 'Open again',
  'discharge-taken-back': 'Discharge taken back',
  voided: 'Void: the chart was deleted in KIPU',
};

export const reasonWords: Readonly<Record<HoldReason, string>> = {
  'webhook-missing': 'Webhook never came',
  'webhook-failing': 'Webhook misses changes',
  'webhook-unknown': 'Our receiver was away',
  'policy-always': 'Every discharge is held',
};

export const factWords: Readonly<Record<RequiredFact, string>> = {
  firstName: 'First name',
  lastName: 'Last name',
  dob: 'Date of birth',
  admissionDate: 'Admission date',
  mrNumber: 'Medical record number',
};

export const outcomeWords: Readonly<Record<PullOutcome, string>> = {
  saved: 'saved',
  unchanged: 'nothing had changed',
  held: 'held for an unlock',
  notReady: 'not ready: something is missing',
  ignored: 'ignored as a placeholder',
  failed: 'it could not be read',
};

export const webhookWords: Readonly<Record<Webhook, string>> = {
  'patient-creation': 'Patient Creation',
  'chart-update': 'Chart Update',
};
