import type { Collection } from 'mongodb';
import type { ChangeResult, Place } from '../domain/detectedChange.ts';
import { DAY_MS } from '../domain/time.ts';
import type { Webhook } from '../domain/webhookHealth.ts';
import { type DetectedChangeDocument, SCHEMA_VERSION } from './documents.ts';
import type { DetectedChange } from './recordListing.ts';

const KEPT_MS = 30 * DAY_MS;

/** Changes that polling detected. Webhooks are measured by them, and staff can show them to KIPU as evidence. */
export function detectedChanges(collection: Collection<DetectedChangeDocument>) {
  return {
    /** Stores changes of an instance. `since` is when its charts were listed before. The same change again adds nothing. */
    async add(instance: string, changes: readonly DetectedChange[], since: Date, now: Date): Promise<void> {
      if (changes.length === 0) return;
      const expiresAt = new Date(now.getTime() + KEPT_MS);
      const rest = {
        schemaVersion: SCHEMA_VERSION,
        instance,
        since,
        detectedAt: now,
        result: null,
        run: null,
        expiresAt,
      };
      await collection.bulkWrite(
        changes.map((change) => ({
          updateOne: {
            filter: { _id: `${change.record}/${change.version}` },
            update: { $setOnInsert: { ...rest, ...change } },
            upsert: true,
          },
        })),
        { ordered: false },
      );
    },

    /** Returns changes found before `foundBefore` that were not judged yet. */
    toJudge(instance: string, foundBefore: Date, limit: number): Promise<DetectedChangeDocument[]> {
      return collection
        .find({ instance, result: null, detectedAt: { $lte: foundBefore } })
        .limit(limit)
        .toArray();
    },

    /** Stores the results of a run, and the locations of the changes. */
    async saveResults(
      run: string,
      results: readonly (Pick<DetectedChangeDocument, '_id' | keyof Place> & { result: ChangeResult })[],
    ): Promise<void> {
      if (results.length === 0) return;
      await collection.bulkWrite(
        results.map(({ _id, result, locationId, locationName }) => ({
          updateOne: { filter: { _id }, update: { $set: { result, run, locationId, locationName } } },
        })),
        { ordered: false },
      );
    },

    /** Returns what a run judged, including earlier attempts of the same activity. */
    judgedBy(run: string): Promise<Pick<DetectedChangeDocument, 'webhook' | 'result' | keyof Place>[]> {
      const projection = { _id: 0, webhook: 1, result: 1, locationId: 1, locationName: 1 };
      return collection.find({ run }, { projection }).toArray();
    },

    /** Returns how many changes of the record are stored. */
    countRecord: (record: string): Promise<number> => collection.countDocuments({ record }),

    /** Removes all changes of the record. Returns how many. */
    async removeRecord(record: string): Promise<number> {
      return (await collection.deleteMany({ record })).deletedCount;
    },

    /** Returns the latest changes of the instance that a webhook missed, at all locations. */
    missedOf(instance: string, limit: number): Promise<DetectedChangeDocument[]> {
      return collection.find({ instance, result: 'missed' }).sort({ detectedAt: -1 }).limit(limit).toArray();
    },

    /** Returns the latest changes at a location that the webhook missed. */
    missed(
      instance: string,
      webhook: Webhook,
      locationId: string | null,
      limit: number,
    ): Promise<DetectedChangeDocument[]> {
      return collection
        .find({ instance, webhook, locationId, result: 'missed' })
        .sort({ detectedAt: -1 })
        .limit(limit)
        .toArray();
    },
  };
}
