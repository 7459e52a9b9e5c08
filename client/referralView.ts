import type { ReferralChange, ReferralStatus } from '../domain/referral.ts';
import type { ReferralDocument } from '../store/documents.ts';

/** An outbound referral in a list, as its latest revision says. It names no patient: whoever may see one looks into KIPU. */
export interface ReferralView {
  record: string;
  instance: string;
  casefileId: string;
  status: ReferralStatus;
  destination: string;
  revision: number;
  /** What made this revision. */
  change: ReferralChange;
  /** The location that refers. */
  facility: string | null;
  dischargeDate: string | null;
  updatedAt: Date;
}

export function referralView(referral: ReferralDocument): ReferralView {
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
    updatedAt: referral.updatedAt,
  };
}
