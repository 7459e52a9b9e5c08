import type { Collection } from 'mongodb';
import type { Place, Verdict } from '../domain/detectedChange.ts';
import type { Webhook } from '../domain/webhookHealth.ts';
import { type DetectedChangeDocument, SCHEMA_VERSION } from './documents.ts';
import type { FoundChange } from './recordListing.ts';

const KEPT_MS = 30 * 86_400_000;

/** Changes that polling detected: what the webhooks are measured by, and the evidence that staff can show to KIPU. */
export function sightings(collection: Collection<DetectedChangeDocument>) {
  return {
    /** Stores changes of an instance. `since` is when its charts were listed before. The same change again adds nothing. */
    async note(instance: string, changes: readonly FoundChange[], since: Date, now: Date): Promise<void> {
      if (changes.length === 0) return;
      const expiresAt = new Date(now.getTime() + KEPT_MS);
      const rest = {
        schemaVersion: SCHEMA_VERSION,
        instance,
        since,
        foundAt: now,
        verdict: null,
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

    /** Changes found before `foundBefore` that were not judged yet. */
    toJudge(instance: string, foundBefore: Date, limit: number): Promise<DetectedChangeDocument[]> {
      return collection
        .find({ instance, verdict: null, foundAt: { $lte: foundBefore } })
        .limit(limit)
        .toArray();
    },

    /** Stores the verdicts of a run, and the locations by which they were made. */
    async judged(
      run: string,
      verdicts: readonly (Pick<DetectedChangeDocument, '_id' | keyof Place> & { verdict: Verdict })[],
    ): Promise<void> {
      if (verdicts.length === 0) return;
      await collection.bulkWrite(
        verdicts.map(({ _id, verdict, locationId, locationName }) => ({
          updateOne: { filter: { _id }, update: { $set: { verdict, run, locationId, locationName } } },
        })),
        { ordered: false },
      );
    },

    /** What a run judged, also in an earlier attempt of the same activity. */
    judgedBy(run: string): Promise<Pick<DetectedChangeDocument, 'webhook' | 'verdict' | keyof Place>[]> {
      const projection = { _id: 0, webhook: 1, verdict: 1, locationId: 1, locationName: 1 };
      return collection.find({ run }, { projection }).toArray();
    },

    /** The latest changes at a location that the webhook missed. */
    missed(
      instance: string,
      webhook: Webhook,
      locationId: string | null,
      limit: number,
    ): Promise<DetectedChangeDocument[]> {
      return collection
        .find({ instance, webhook, locationId, verdict: 'missed' })
        .sort({ foundAt: -1 })
        .limit(limit)
        .toArray();
    },
  };
}
