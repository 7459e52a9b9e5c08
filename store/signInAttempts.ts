import { type Collection, MongoServerError } from 'mongodb';
import type { SignInAttemptsDocument } from './accessDocuments.ts';
import { SCHEMA_VERSION } from './documents.ts';

const DUPLICATE_KEY = 11000;

/** How often a sign-in was tried, over all processes. */
export function signInAttempts(collection: Collection<SignInAttemptsDocument>) {
  return {
    /** Counts one more; gives how many there are with it. */
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
          // Another one was first, just now: the next try counts on its document.
          if (!(error instanceof MongoServerError) || error.code !== DUPLICATE_KEY) throw error;
        }
      }
    },

    /** Takes one back: it was a good one. */
    async giveBack(id: string): Promise<void> {
      await collection.updateOne({ _id: id, times: { $gt: 0 } }, { $inc: { times: -1 } });
    },

    async forget(id: string): Promise<void> {
      await collection.deleteOne({ _id: id });
    },
  };
}
