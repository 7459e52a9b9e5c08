import type { Collection } from 'mongodb';
import type { ReferralRevision } from '../domain/referral.ts';
import type { Stale } from '../domain/stale.ts';
import { StoreConflictError } from './conflict.ts';
import { consents } from './consents.ts';
import type { ReferralDocument } from './documents.ts';
import { type AddRevision, addRevision } from './guardedWrites.ts';
import { referralLists } from './referralLists.ts';

/** A revision, and whether the referral is stale. */
export type LatestRevision = ReferralRevision & Pick<ReferralDocument, 'stale'>;

/** Operations on outbound referrals, at most one per record. */
export function referrals(collection: Collection<ReferralDocument>, addGuarded: AddRevision = addRevision(collection)) {
  return {
    ...referralLists(collection),
    ...consents(collection),

    /** Returns the record's referral, or null. */
    get: (recordId: string): Promise<ReferralDocument | null> => collection.findOne({ _id: recordId }),

    /** Returns the latest revision of the record's referral, and whether it is stale; null if it has none. */
    async latest(recordId: string): Promise<LatestRevision | null> {
      const referral = await collection.findOne({ _id: recordId }, { projection: { revisions: { $slice: -1 } } });
      const [latest] = referral?.revisions ?? [];
      return latest === undefined
        ? null
        : { ...latest, ...(referral?.stale === undefined ? {} : { stale: referral.stale }) };
    },

    /**
     * Adds a revision, whose number must be the next one, and drops the oldest where there are too many.
     * @throws StoreConflictError if another writer added it first.
     */
    async add(record: { _id: string; instance: string; casefileId: string }, next: ReferralRevision): Promise<void> {
      if (!(await addGuarded(record, next))) throw new StoreConflictError('referrals');
    },

    /**
     * Stores since when the referral is older than the chart, or null if it is not, as the record says at this revision of its
     * own. What a later revision said is kept: an attempt may be late. A record without a referral has none to mark.
     */
    async setStale(recordId: string, stale: Stale | null, recordRev: number): Promise<void> {
      const asOf = [{ staleAsOf: { $exists: false } }, { staleAsOf: { $lte: recordRev } }];
      await collection.updateOne({ _id: recordId, $or: asOf }, { $set: { stale, staleAsOf: recordRev } });
    },

    /** Removes the record's referral. Returns how many revisions it had. */
    async remove(recordId: string): Promise<number> {
      const removed = await collection.findOneAndDelete({ _id: recordId }, { projection: { 'revisions.revision': 1 } });
      return removed?.revisions.length ?? 0;
    },

    /** Returns the latest revisions of these records' referrals by record id; records without one are left out. */
    async latestOf(recordIds: readonly string[]): Promise<Map<string, Omit<ReferralDocument, 'revisions'>>> {
      const found = await collection
        .find<Omit<ReferralDocument, 'revisions'>>({ _id: { $in: [...recordIds] } }, { projection: { revisions: 0 } })
        .toArray();
      return new Map(found.map((referral) => [referral._id, referral]));
    },

    /** Returns referrals, latest change first. */
    list(filter: { instance?: string; status?: string }, limit: number): Promise<ReferralDocument[]> {
      return collection
        .find({ ...filter } as never)
        .sort({ updatedAt: -1, _id: 1 })
        .limit(limit)
        .toArray();
    },
  };
}
