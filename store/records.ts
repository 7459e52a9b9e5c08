import type { Collection } from 'mongodb';
import { isDuplicateKey } from './conflict.ts';
import type { RecordDocument, RecordStatus } from './documents.ts';
import { holds } from './recordHolds.ts';
import { listing, newRecord, type PurgedCharts } from './recordListing.ts';
import { recordLists } from './recordLists.ts';
import { pulls } from './recordPulls.ts';
import { rezoning } from './recordRezone.ts';

/** Operations on records, one per chart. A chart that was purged gets no record again. */
export function records(collection: Collection<RecordDocument>, purged: PurgedCharts) {
  return {
    ...listing(collection, purged),
    ...pulls(collection),
    ...holds(collection),
    ...recordLists(collection),
    ...rezoning(collection),

    get: (recordId: string): Promise<RecordDocument | null> => collection.findOne({ _id: recordId }),

    /**
     * Returns the record of a chart that a webhook named. Creates it, with a pull owed, for a chart that was never listed. Returns
     * null for one that was purged.
     */
    async ensureRecord(
      instance: string,
      casefileId: string,
      masterId: string,
      now: Date,
    ): Promise<(Pick<RecordDocument, '_id' | 'instance'> & { held: boolean }) | null> {
      const fresh = newRecord(instance, { casefileId, masterId, lastUpdatedAt: null }, now);
      for (;;) {
        const known = await collection.findOne({ instance, casefileId }, { projection: { hold: 1 } });
        if (known !== null) return { _id: known._id, instance, held: known.hold !== null };
        if ((await purged.amongst(instance, [casefileId])).size > 0) return null;
        try {
          await collection.insertOne(fresh);
          return { _id: fresh._id, instance, held: false };
        } catch (error) {
          // A run or another delivery just created it.
          if (!isDuplicateKey(error)) throw error;
        }
      }
    },

    /** Returns the records of these charts, in any state. */
    ofCharts: (instance: string, casefileIds: string[]): Promise<RecordDocument[]> =>
      collection.find({ instance, casefileId: { $in: casefileIds } }).toArray(),

    /** Returns how many records of the instance are not void; of these charts alone if they are given. */
    open(instance: string, casefileIds?: readonly string[]): Promise<number> {
      const ofCharts = casefileIds === undefined ? {} : { casefileId: { $in: [...casefileIds] } };
      return collection.countDocuments({ instance, status: { $ne: 'void' }, ...ofCharts });
    },

    /** Removes the record as it was read. Returns false when it was written since then. */
    async remove({ _id, rev }: Pick<RecordDocument, '_id' | 'rev'>): Promise<boolean> {
      return (await collection.deleteOne({ _id, rev })).deletedCount === 1;
    },

    /** Returns records that were discharged, or without a discharge last written, before then; held ones are left out. */
    endedBefore(before: Date, instances: readonly string[], limit: number): Promise<RecordDocument[]> {
      const ended = [{ dischargedAt: { $lt: before } }, { dischargedAt: null, updatedAt: { $lt: before } }];
      return collection
        .find({ instance: { $in: [...instances] }, hold: null, $or: ended })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
    },

    /** Returns records, latest change first. */
    list(filter: { instance?: string; status?: RecordStatus }, limit: number): Promise<RecordDocument[]> {
      return collection.find(filter).sort({ updatedAt: -1, _id: 1 }).limit(limit).toArray();
    },

    /** Returns how many records of the instance are in each status. */
    async tally(instance: string): Promise<Partial<Record<RecordStatus, number>>> {
      const groups = await collection
        .aggregate<{ _id: RecordStatus; n: number }>([
          { $match: { instance } },
          { $group: { _id: '$status', n: { $sum: 1 } } },
        ])
        .toArray();
      return Object.fromEntries(groups.map(({ _id, n }) => [_id, n]));
    },
  };
}
