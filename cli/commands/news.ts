import type { NoticeDocument, ReferralDocument } from '../../store/documents.ts';
import { counted } from '../terminal/text.ts';

/** More than so many referrals of one instance at once are told by their number. */
const EACH_TOLD = 3;

export type ReferralNews = Pick<ReferralDocument, '_id' | 'instance' | 'change' | 'revision' | 'updatedAt'>;
export type NoticeNews = Pick<NoticeDocument, 'text' | 'at'>;

/** Lines for what is new: referrals by their records, so that nothing of a patient is on the terminal, and notices. */
export function newsLines(referrals: readonly ReferralNews[], notices: readonly NoticeNews[]): string[] {
  const instances = [...new Set(referrals.map(({ instance }) => instance))].sort();
  return [
    ...instances.flatMap((instance) => referralLines(referrals.filter((one) => one.instance === instance))),
    ...notices.map(({ at, text }) => `${clock(at)}  ${text}`),
  ];
}

function referralLines(referrals: readonly ReferralNews[]): string[] {
  const [first] = referrals;
  if (first !== undefined && referrals.length > EACH_TOLD) {
    return [`${clock(first.updatedAt)}  ${first.instance}  ${counted(referrals.length, 'referral')}`];
  }
  return referrals.map(
    ({ _id, instance, change, revision, updatedAt }) =>
      `${clock(updatedAt)}  ${instance}  referral of ${_id} ${change} (revision ${revision})`,
  );
}

/** A time of day on this machine's clock. */
export function clock(at: Date): string {
  return at.toTimeString().slice(0, 8);
}
