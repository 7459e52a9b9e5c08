import type { RequiredField } from '../domain/readiness.ts';
import type { ReferralStatus } from '../domain/referral.ts';
import type { RecordDocument, RecordStatus, ReferralDocument } from '../store/documents.ts';

/** What a list tells of a record's referral. */
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
  /** Required facts that the chart lacks. */
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

/** What a person should know beside a record's status. */
export function recordRemark(view: Pick<RecordView, 'missing' | 'failure' | 'referral'>): string | null {
  if (view.failure !== null) return `${view.failure.code}: ${view.failure.text}`;
  if (view.missing.length > 0) return `lacks ${view.missing.join(', ')}`;
  return view.referral === 'open' || view.referral === null ? null : `referral ${view.referral}`;
}
