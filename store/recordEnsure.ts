import { type Collection, MongoServerError } from 'mongodb';
import type { RecordDocument } from './documents.ts';
import { newRecord } from './recordListing.ts';

const DUPLICATE_KEY = 11000;

/** How charts that a webhook tells of meet the records. */
export function recordEnsure(collection: Collection<RecordDocument>) {
  return {
    /** The record of a chart that a webhook told of; made, with a pull owed, where the chart was never seen. */
    async ensureRecord(
      instance: string,
      casefileId: string,
      masterId: string,
      now: Date,
    ): Promise<Pick<RecordDocument, '_id' | 'instance'>> {
      const fresh = newRecord(instance, { casefileId, masterId, lastUpdatedAt: null }, now);
      for (;;) {
        const known = await collection.findOne({ instance, casefileId }, { projection: { _id: 1 } });
        if (known !== null) return { _id: known._id, instance };
        try {
          await collection.insertOne(fresh);
          return { _id: fresh._id, instance };
        } catch (error) {
          // A run or another delivery made it just now.
          if (!(error instanceof MongoServerError) || error.code !== DUPLICATE_KEY) throw error;
        }
      }
    },
  };
}
