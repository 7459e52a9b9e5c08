import type { Collection } from 'mongodb';
import type { SessionDocument } from './accessDocuments.ts';
import { SCHEMA_VERSION } from './documents.ts';

/** Operations on sessions. The id of a session is a hash of the value of its cookie. */
export function sessions(collection: Collection<SessionDocument>) {
  return {
    async start(session: Omit<SessionDocument, 'schemaVersion'>): Promise<void> {
      await collection.insertOne({ ...session, schemaVersion: SCHEMA_VERSION });
    },

    /** Returns the session, or null if it has ended. */
    get: (id: string, now: Date): Promise<SessionDocument | null> =>
      collection.findOne({ _id: id, expiresAt: { $gt: now }, endsAt: { $gt: now } }),

    /** Extends the idle end. A session that was ended in between stays ended. */
    async prolong(id: string, expiresAt: Date): Promise<void> {
      await collection.updateOne({ _id: id }, { $max: { expiresAt } });
    },

    async end(id: string): Promise<void> {
      await collection.deleteOne({ _id: id });
    },

    /** Returns the account's sessions that have not ended, newest first. */
    ofAccount: (account: string, now: Date): Promise<SessionDocument[]> =>
      collection
        .find({ account, expiresAt: { $gt: now }, endsAt: { $gt: now } })
        .sort({ startedAt: -1 })
        .toArray(),

    /** Ends one session of an account. Returns false if the account has no such session. */
    async endOne(account: string, id: string): Promise<boolean> {
      return (await collection.deleteOne({ _id: id, account })).deletedCount === 1;
    },

    /** Ends all sessions of an account. Returns how many there were. */
    async endAll(account: string): Promise<number> {
      return (await collection.deleteMany({ account })).deletedCount;
    },
  };
}
