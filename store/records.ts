import type { Collection } from 'mongodb';
import type { RecordDocument, RecordStatus } from './documents.ts';
import { recordEnsure } from './recordEnsure.ts';
import { holds } from './recordHolds.ts';
import { listing } from './recordListing.ts';
import { recordLists } from './recordLists.ts';
import { pulls } from './recordPulls.ts';
import { rezoning } from './recordRezone.ts';

/** Records: our side of the charts. */
export function records(collection: Collection<RecordDocument>) {
  return {
    ...listing(collection),
    ...recordEnsure(collection),
    ...pulls(collection),
    ...holds(collection),
    ...recordLists(collection),
    ...rezoning(collection),

    get: (recordId: string): Promise<RecordDocument | null> => collection.findOne({ _id: recordId }),

    /** The records of these charts, whatever their state. */
    ofCharts: (instance: string, casefileIds: string[]): Promise<RecordDocument[]> =>
      collection.find({ instance, casefileId: { $in: casefileIds } }).toArray(),

    /** How many records of the instance are not void; of these charts alone where they are named. */
    open(instance: string, casefileIds?: readonly string[]): Promise<number> {
      const named = casefileIds === undefined ? {} : { casefileId: { $in: [...casefileIds] } };
      return collection.countDocuments({ instance, status: { $ne: 'void' }, ...named });
    },

    /** Records, the latest change first. */
    list(filter: { instance?: string; status?: RecordStatus }, limit: number): Promise<RecordDocument[]> {
      return collection.find(filter).sort({ updatedAt: -1, _id: 1 }).limit(limit).toArray();
    },

    /** How many records of the instance stand in each status. */
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
