import type { Collection } from 'mongodb';
import { notice } from '../domain/disclosure.ts';
import type { ReferralRevision } from '../domain/referral.ts';
import { isDuplicateKey, StoreConflictError } from './conflict.ts';
import { consents } from './consents.ts';
import { unknownConsent } from './disclosureDocuments.ts';
import { type ReferralDocument, SCHEMA_VERSION } from './documents.ts';
import { referralLists } from './referralLists.ts';

/** How many revisions a referral keeps, the newest ones: they are in one document, which MongoDB limits to 16 MB. */
export const KEPT_REVISIONS = 500;

/** Operations on outbound referrals, at most one per record. */
export function referrals(collection: Collection<ReferralDocument>) {
  return {
    ...referralLists(collection),
    ...consents(collection),

    /** Returns the record's referral, or null. */
    get: (recordId: string): Promise<ReferralDocument | null> => collection.findOne({ _id: recordId }),

    /** Returns the latest revision of the record's referral, or null if it has none. */
    async latest(recordId: string): Promise<ReferralRevision | null> {
      const referral = await collection.findOne({ _id: recordId }, { projection: { revisions: { $slice: -1 } } });
      return referral?.revisions[0] ?? null;
    },

    /**
     * Adds a revision, whose number must be the next one, and drops the oldest where there are too many.
     * @throws StoreConflictError if another writer added it first.
     */
    async add(record: { _id: string; instance: string; casefileId: string }, next: ReferralRevision): Promise<void> {
      if (next.revision === 1) return insertFirst(record, next);
      const written = await collection.updateOne(
        { _id: record._id, revision: next.revision - 1 },
        {
          $set: { ...next, notice, updatedAt: next.at, ...droppedAt(next.revision) },
          $push: { revisions: { $each: [next], $slice: -KEPT_REVISIONS } },
        },
      );
      if (written.matchedCount === 0) throw new StoreConflictError('referrals');
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

  async function insertFirst(
    record: { _id: string; instance: string; casefileId: string },
    next: ReferralRevision,
  ): Promise<void> {
    const { _id, instance, casefileId } = record;
    try {
      await collection.insertOne({
        _id,
        schemaVersion: SCHEMA_VERSION,
        instance,
        casefileId,
        ...next,
        notice,
        consent: unknownConsent,
        revisions: [next],
        createdAt: next.at,
        updatedAt: next.at,
      });
    } catch (error) {
      if (isDuplicateKey(error)) throw new StoreConflictError('referrals');
      throw error;
    }
  }
}

/** Returns how many revisions are no longer kept at this one: revisions are counted from 1, without gaps. */
function droppedAt(revision: number): { revisionsDropped?: number } {
  return revision > KEPT_REVISIONS ? { revisionsDropped: revision - KEPT_REVISIONS } : {};
}
