import type { Collection } from 'mongodb';
import type { SignInAttemptsDocument } from './accessDocuments.ts';
import { isDuplicateKey } from './conflict.ts';
import { SCHEMA_VERSION } from './documents.ts';

/** Counters of sign-in attempts over all processes. */
export function signInAttempts(collection: Collection<SignInAttemptsDocument>) {
  return {
    /** Counts one more attempt. Returns the new number. */
    async take(id: string, expiresAt: Date): Promise<number> {
      for (;;) {
        try {
          const counted = await collection.findOneAndUpdate(
            { _id: id },
            { $inc: { times: 1 }, $setOnInsert: { schemaVersion: SCHEMA_VERSION, expiresAt } },
            { upsert: true, returnDocument: 'after' },
          );
          return counted?.times ?? 1;
        } catch (error) {
          // Another attempt just created the counter: the next try increments it.
          if (!isDuplicateKey(error)) throw error;
        }
      }
    },

    /** Removes one attempt, because it succeeded. */
    async giveBack(id: string): Promise<void> {
      await collection.updateOne({ _id: id, times: { $gt: 0 } }, { $inc: { times: -1 } });
    },

    async forget(id: string): Promise<void> {
      await collection.deleteOne({ _id: id });
    },
  };
}
