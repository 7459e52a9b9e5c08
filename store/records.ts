import type { Collection } from 'mongodb';
import { isDuplicateKey } from './conflict.ts';
import type { RecordDocument, RecordStatus } from './documents.ts';
import { holds } from './recordHolds.ts';
import { listing, newRecord } from './recordListing.ts';
import { recordLists } from './recordLists.ts';
import { pulls } from './recordPulls.ts';
import { rezoning } from './recordRezone.ts';

/** Operations on records, one per chart. */
export function records(collection: Collection<RecordDocument>) {
  return {
    ...listing(collection),
    ...pulls(collection),
    ...holds(collection),
    ...recordLists(collection),
    ...rezoning(collection),

    get: (recordId: string): Promise<RecordDocument | null> => collection.findOne({ _id: recordId }),

    /** Returns the record of a chart that a webhook named. Creates it, with a pull owed, for a chart that was never listed. */
    async ensureRecord(
      instance: string,
      casefileId: string,
      masterId: string,
      now: Date,
    ): Promise<Pick<RecordDocument, '_id' | 'instance'> & { held: boolean }> {
      const fresh = newRecord(instance, { casefileId, masterId, lastUpdatedAt: null }, now);
      for (;;) {
        const known = await collection.findOne({ instance, casefileId }, { projection: { hold: 1 } });
        if (known !== null) return { _id: known._id, instance, held: known.hold !== null };
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
