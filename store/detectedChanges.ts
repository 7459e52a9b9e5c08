import type { Collection } from 'mongodb';
import type { Verdict, Webhook } from '../domain/webhookHealth.ts';
import { SCHEMA_VERSION, type SightingDocument } from './documents.ts';
import type { FoundChange } from './recordListing.ts';

const KEPT_MS = 30 * 86_400_000;

/** Changes that polling found: what the webhooks are measured by, and the evidence that staff can show to KIPU. */
export function sightings(collection: Collection<SightingDocument>) {
  return {
    /** Notes changes of an instance. `since` is when its charts were listed before. The same change again adds nothing. */
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
        changes.map(({ record, casefileId, version, webhook }) => ({
          updateOne: {
            filter: { _id: `${record}/${version ?? now.toISOString()}` },
            update: { $setOnInsert: { ...rest, webhook, record, casefileId } },
            upsert: true,
          },
        })),
        { ordered: false },
      );
    },

    /** Changes found before `foundBefore` that were not judged yet, or were judged for this run by a step that is repeated. */
    toJudge(instance: string, run: string, foundBefore: Date): Promise<SightingDocument[]> {
      return collection.find({ instance, $or: [{ verdict: null, foundAt: { $lte: foundBefore } }, { run }] }).toArray();
    },

    /** Keeps the verdicts of a run. */
    async judged(run: string, verdicts: readonly { _id: string; verdict: Verdict }[]): Promise<void> {
      if (verdicts.length === 0) return;
      await collection.bulkWrite(
        verdicts.map(({ _id, verdict }) => ({ updateOne: { filter: { _id }, update: { $set: { verdict, run } } } })),
        { ordered: false },
      );
    },

    /** The latest changes that the webhook missed. */
    missed(instance: string, webhook: Webhook, limit: number): Promise<SightingDocument[]> {
      return collection.find({ instance, webhook, verdict: 'missed' }).sort({ foundAt: -1 }).limit(limit).toArray();
    },
  };
}
