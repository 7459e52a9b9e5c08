import type { RequiredField } from '../domain/chart.ts';
import { type ConsentState, consentStateAt } from '../domain/consent.ts';
import { type HoldReason, holdWords } from '../domain/lock.ts';
import type { ReferralChange, ReferralStatus } from '../domain/referral.ts';
import { cleanDestination } from '../domain/referral.ts';
import { DEFAULT_ZONE, HOUR_MS, localDate } from '../domain/time.ts';
import { unknownConsent } from '../store/disclosureDocuments.ts';
import type { RecordDocument, RecordStatus, ReferralDocument } from '../store/documents.ts';

/** What a list shows of a record's referral. */
export type ReferralOfRecord = Pick<ReferralDocument, '_id' | 'status' | 'destination' | 'revision'>;

/** A record in a list. Destination, revision and `referral` (its status) are the referral's; null where there is none. */
export interface RecordView {
  record: string;
  instance: string;
  casefileId: string;
  status: RecordStatus;
  destination: string | null;
  revision: number | null;
  referral: ReferralStatus | null;
  /** Required fields that the chart does not have. */
  missing: RequiredField[];
  failure: { code: string; text: string; times: number; at: Date } | null;
  pulledAt: Date | null;
  updatedAt: Date;
}

export function recordView(record: RecordDocument, referral: ReferralOfRecord | null): RecordView {
  const { _id, instance, casefileId, status, missing, failure, pulledAt, updatedAt } = record;
  return {
    record: _id,
    instance,
    casefileId,
    status,
    destination: referral?.destination ?? null,
    revision: referral?.revision ?? null,
    referral: referral?.status ?? null,
    missing,
    failure: failure && { code: failure.code, text: failure.text, times: failure.times, at: failure.at },
    pulledAt,
    updatedAt,
  };
}

/** A held record in a list. */
export interface HoldView {
  record: string;
  instance: string;
  casefileId: string;
  status: RecordStatus;
  reason: HoldReason;
  /** The reason in words, for the person who can do something about it. */
  words: string;
  since: Date;
  ageHours: number;
  reminders: number;
  /** Changes that KIPU listed since the hold began. */
  changesWaiting: number;
  /** In the local time of its location. */
  dischargeDate: string | null;
  /** Whether the chart named a destination when it was last read: an unlock is then likely to create a referral. */
  destinationKnown: boolean;
}

/** Returns the hold of a record; null for one that is not held. */
export function holdView(record: RecordDocument, now: Date): HoldView | null {
  const { _id, instance, casefileId, status, hold, chart } = record;
  if (hold === null) return null;
  return {
    record: _id,
    instance,
    casefileId,
    status,
    reason: hold.reason,
    words: holdWords(hold.reason, chart?.locationName ?? null),
    since: hold.since,
    ageHours: Math.max(0, Math.floor((now.getTime() - hold.since.getTime()) / HOUR_MS)),
    reminders: hold.reminders,
    changesWaiting: hold.changesWaiting,
    dischargeDate: localDates(record).discharge,
    destinationKnown: cleanDestination(chart?.destination ?? null) !== '',
  };
}

/** The latest revision of an outbound referral in a list. It names no patient: that can be looked up in KIPU. */
export interface ReferralView {
  record: string;
  instance: string;
  casefileId: string;
  status: ReferralStatus;
  destination: string;
  revision: number;
  /** What led to this revision. */
  change: ReferralChange;
  /** The location that refers. */
  facility: string | null;
  dischargeDate: string | null;
  /** The state of the patient's consent now. */
  consent: ConsentState;
  updatedAt: Date;
}

/** `zone` is that of the clinic. */
export function referralView(referral: ReferralDocument, now: Date, zone: string): ReferralView {
  const { _id, instance, casefileId, status, destination, revision, change, facility } = referral;
  return {
    record: _id,
    instance,
    casefileId,
    status,
    destination,
    revision,
    change,
    facility: facility.name,
    dischargeDate: referral.dischargeDate,
    consent: consentStateAt(referral.consent ?? unknownConsent, now, zone),
    updatedAt: referral.updatedAt,
  };
}

/** Returns the dates of a record's stay in the local time of its location: the same in every list, page and export. */
export function localDates({ chart, timeZone = DEFAULT_ZONE }: Pick<RecordDocument, 'chart' | 'timeZone'>) {
  return {
    admission: localDate(chart?.admissionDate ?? null, timeZone),
    discharge: localDate(chart?.dischargeDate ?? null, timeZone),
  };
}
