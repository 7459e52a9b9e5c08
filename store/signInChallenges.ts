import type { Collection } from 'mongodb';
import type { SignInChallengeDocument } from './accessDocuments.ts';
import { SCHEMA_VERSION } from './documents.ts';

/** Operations on sign-ins that wait for the second factor. The id is a hash of the value of the browser's cookie. */
export function signInChallenges(collection: Collection<SignInChallengeDocument>) {
  return {
    async start(challenge: Omit<SignInChallengeDocument, 'schemaVersion'>): Promise<void> {
      await collection.insertOne({ ...challenge, schemaVersion: SCHEMA_VERSION });
    },

    /** Returns the sign-in, or null if it has expired. */
    get: (id: string, now: Date): Promise<SignInChallengeDocument | null> =>
      collection.findOne({ _id: id, expiresAt: { $gt: now } }),

    async end(id: string): Promise<void> {
      await collection.deleteOne({ _id: id });
    },
  };
}
