import type { Collection } from 'mongodb';
import type { SessionDocument } from './accessDocuments.ts';
import { SCHEMA_VERSION } from './documents.ts';

/** Signed-in browsers, each under a hash of what its cookie holds. */
export function sessions(collection: Collection<SessionDocument>) {
  return {
    async start(session: Omit<SessionDocument, 'schemaVersion'>): Promise<void> {
      await collection.insertOne({ ...session, schemaVersion: SCHEMA_VERSION });
    },

    /** The session, unless it is over. */
    get: (id: string, now: Date): Promise<SessionDocument | null> =>
      collection.findOne({ _id: id, expiresAt: { $gt: now }, endsAt: { $gt: now } }),

    /** Moves the idle end on. A session that was ended meanwhile stays so. */
    async prolong(id: string, expiresAt: Date): Promise<void> {
      await collection.updateOne({ _id: id }, { $max: { expiresAt } });
    },

    async end(id: string): Promise<void> {
      await collection.deleteOne({ _id: id });
    },

    /** Gives how many there were. */
    async endAll(account: string): Promise<number> {
      return (await collection.deleteMany({ account })).deletedCount;
    },
  };
}
