import { type RequiredField, requiredFields } from './chart.ts';
import type { ConditionKind } from './conditions.ts';
import { type FaultCode, faultAdvice, faultClass, faults } from './fault.ts';
import type { HoldReason, WebhookHealth } from './lock.ts';
import { type Webhook, webhookNames } from './webhookHealth.ts';

/**
 * What needs a person:
 * - `locked`: a record is held, and only a person unlocks it.
 * - `missing`: the chart lacks a required field.
 * - `unreadable`: the chart cannot be read, or only an old version of it.
 * - `connection`: a sync or a webhook of the instance does not work.
 * - `receiver`: our receiver of webhooks is away.
 */
export const attentionKinds = ['locked', 'missing', 'unreadable', 'connection', 'receiver'] as const;
export type AttentionKind = (typeof attentionKinds)[number];

/** The kinds whose items are records. */
export const recordKinds = ['locked', 'missing', 'unreadable'] as const satisfies AttentionKind[];
export type RecordKind = (typeof recordKinds)[number];

/** Why an item needs a person, what the person can do, and who can help. */
export interface Attention {
  kind: AttentionKind;
  what: string;
  todo: string;
  ask: string;
}

/** The facts of a record that decide whether it needs a person. */
export interface RecordFacts {
  status: string;
  missing: readonly RequiredField[];
  holdReason: HoldReason | null;
  failureCode: string | null;
  /** Whom to ask at the location, as an administrator entered it; null or absent for nobody. */
  contact?: string | null;
}

/** The required fields as KIPU names them. */
export const fieldNames: Readonly<Record<RequiredField, string>> = {
  firstName: 'First name',
  lastName: 'Last name',
  dob: 'Date of birth',
  admissionDate: 'Admission date',
  mrNumber: 'MR number',
};

/** The fault of a chart that shows an older version than KIPU's list. Its record is linked. */
export const BEHIND_LIST = 'chart-behind-list';

const CLINIC = 'The discharge team of the location';
const ADMISSIONS = 'Admissions at the location';
const RECORDS = 'Medical records';
const KIPU_ADMIN = 'Your KIPU administrator';
const SERVICE_ADMIN = 'Your administrator';

/** Returns what a person has to do about a record; null if it needs nobody. */
export function recordAttention({
  status,
  missing,
  holdReason,
  failureCode,
  contact = null,
}: RecordFacts): (Attention & { kind: RecordKind }) | null {
  if (status === 'held') {
    return {
      kind: 'locked',
      what: holdReason === null ? 'The record is locked.' : lockedBecause[holdReason],
      todo: 'Check the destination in KIPU, then unlock the record.',
      ask: contact ?? CLINIC,
    };
  }
  if (status === 'notReady') return missingAttention(missing, contact ?? ADMISSIONS);
  if (status === 'failed' || (status === 'synced' && failureCode === BEHIND_LIST)) {
    return { kind: 'unreadable', ...unreadable(failureCode ?? '') };
  }
  return null;
}

const lockedBecause: Record<HoldReason, string> = {
  'webhook-missing': 'Locked: KIPU has never sent chart updates for this location.',
  'webhook-failing': 'Locked: some chart updates from KIPU are missing.',
  'webhook-unknown': 'Locked: our webhook receiver was down.',
  'policy-always': 'Locked: every discharge is locked.',
};

function missingAttention(missing: readonly RequiredField[], ask: string): Attention & { kind: RecordKind } {
  const fields = requiredFields.filter((field) => missing.includes(field));
  const names = listText(fields.map((field, n) => (n === 0 ? fieldNames[field] : inSentence(fieldNames[field]))));
  const onlyNumber = fields.every((field) => field === 'mrNumber');
  return {
    kind: 'missing',
    what:
      fields.length === 0
        ? 'Required information is missing in KIPU.'
        : `${names} ${fields.length === 1 ? 'is' : 'are'} missing in KIPU.`,
    todo:
      onlyNumber && fields.length > 0
        ? 'Complete the admission in KIPU, which assigns the MR number. The next sync reads the chart.'
        : 'Fill it in in KIPU. The next sync reads the chart.',
    ask,
  };
}

function inSentence(name: string): string {
  return name.startsWith('MR ') ? name : name.charAt(0).toLowerCase() + name.slice(1);
}

function listText(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

type Words = Omit<Attention, 'kind'>;

const RESTRICTED: Words = {
  what: 'KIPU does not let this service read the chart.',
  todo: 'Check whether the chart is restricted in KIPU, or at a location that this service may not read.',
  ask: KIPU_ADMIN,
};
const UNANSWERED: Words = {
  what: 'KIPU did not answer when the chart was read.',
  todo: 'Nothing at first: it is tried again. If it stays here for a day, call KIPU support.',
  ask: 'KIPU support',
};

/** The faults of a chart in clinic words. Others of a chart have the advice of the fault itself. */
const unreadableWords: Readonly<Record<string, Words>> = {
  [BEHIND_LIST]: {
    what: 'KIPU lists a change that the chart does not show yet, so the referral may be out of date.',
    todo: 'Compare the referral with the chart in KIPU. Saving the chart in KIPU has it read again.',
    ask: CLINIC,
  },
  'not-found': {
    what: 'KIPU no longer has this chart.',
    todo: 'Search for the patient in KIPU. If the chart was deleted on purpose, nothing is left to do.',
    ask: RECORDS,
  },
  'chart-unreadable': {
    what: 'A date or another field of the chart cannot be read.',
    todo: 'Open the record to see which field, and correct it in KIPU. The chart is read again when it changes.',
    ask: RECORDS,
  },
  unauthorized: RESTRICTED,
  forbidden: RESTRICTED,
  'endpoint-off': {
    what: 'KIPU has switched off reading charts for this organization.',
    todo: 'Ask KIPU to turn it on again.',
    ask: 'KIPU support',
  },
  'store-refused': {
    what: 'The chart was read, but it could not be stored.',
    todo: 'Report it: this is a fault of this service.',
    ask: SERVICE_ADMIN,
  },
  ...Object.fromEntries(
    ['given-up', 'unavailable', 'timeout', 'unreachable', 'connection-lost', 'rate-limited'].map((code) => [
      code,
      UNANSWERED,
    ]),
  ),
};

function unreadable(code: string): Words {
  const words = Object.hasOwn(unreadableWords, code) ? unreadableWords[code] : undefined;
  if (words !== undefined) return words;
  const what = 'The chart could not be read.';
  const isOfChart = Object.hasOwn(faults, code) && faultClass(code as FaultCode, true) === 'record';
  return isOfChart
    ? { what, todo: faultAdvice(code), ask: RECORDS }
    : { what, todo: 'Nothing at first: it is tried again. If it stays here for a day, report it.', ask: SERVICE_ADMIN };
}

/** Returns what a person has to do about an open condition; null for records that fail, which are items themselves. */
export function conditionAttention(kind: ConditionKind): Attention | null {
  return kind === 'records-failing' ? null : conditionWords[kind];
}

const conditionWords: Record<Exclude<ConditionKind, 'records-failing'>, Attention> = {
  'runs-failing': {
    kind: 'connection',
    what: 'Syncs do not complete, so new charts and changes may not come in.',
    todo: 'Open Sync history: the last sync says why it failed.',
    ask: SERVICE_ADMIN,
  },
  late: {
    kind: 'connection',
    what: 'No sync has ended for too long. Nothing new is coming in.',
    todo: 'Check that the sync engine is running, and this service too.',
    ask: SERVICE_ADMIN,
  },
  paused: {
    kind: 'connection',
    what: 'Syncs are paused. Nothing new is coming in.',
    todo: 'Resume the schedule when the reason for the pause is over.',
    ask: SERVICE_ADMIN,
  },
  'no-schedule': {
    kind: 'connection',
    what: 'No syncs are scheduled. Nothing new is coming in.',
    todo: 'Run the set-up of this service again.',
    ask: SERVICE_ADMIN,
  },
  'not-in-settings': {
    kind: 'connection',
    what: 'This KIPU connection is no longer in the settings, but it was synced before.',
    todo: 'Add it to the settings again, or delete its schedule if it is no longer needed.',
    ask: SERVICE_ADMIN,
  },
  'receiver-away': {
    kind: 'receiver',
    what: 'Our webhook receiver is down. Patients who are discharged now are locked.',
    todo: 'Check that the web process of this service is running and that KIPU can reach it.',
    ask: SERVICE_ADMIN,
  },
};

/** Returns what a person has to do about a webhook; null if it works. */
export function webhookAttention(webhook: Webhook, health: WebhookHealth): Attention | null {
  if (health === 'healthy') return null;
  const name = webhookNames[webhook];
  const effect =
    webhook === 'chart-update' ? 'Discharged patients are locked.' : 'New charts come in with the next sync.';
  if (health === 'unknown') {
    return {
      kind: 'receiver',
      what: `Our webhook receiver was down, so we cannot say whether ${name} works. ${effect}`,
      todo: 'Check that the web process of this service is running and that KIPU can reach it.',
      ask: SERVICE_ADMIN,
    };
  }
  return {
    kind: 'connection',
    what:
      health === 'missing' ? `KIPU has never sent ${name}. ${effect}` : `KIPU does not always send ${name}. ${effect}`,
    todo:
      health === 'missing'
        ? `Set up the ${name} webhook in KIPU.`
        : `Check in KIPU that the ${name} webhook is turned on.`,
    ask: KIPU_ADMIN,
  };
}
