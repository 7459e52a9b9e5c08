import type { Collection } from 'mongodb';
import type {
  KnownDeviceDocument,
  PasswordLinkDocument,
  SessionDocument,
  SignInAttemptsDocument,
  SignInChallengeDocument,
} from './accessDocuments.ts';
import { isDuplicateKey } from './conflict.ts';
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

    /** Ends all sessions of an account but one. Returns how many there were. */
    async endOthers(account: string, kept: string): Promise<number> {
      return (await collection.deleteMany({ account, _id: { $ne: kept } })).deletedCount;
    },

    /** Ends all sessions of an account. Returns how many there were. */
    async endAll(account: string): Promise<number> {
      return (await collection.deleteMany({ account })).deletedCount;
    },
  };
}

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

/** Operations on links by which people choose a password. The id is a hash of the token in the link. */
export function passwordLinks(collection: Collection<PasswordLinkDocument>) {
  return {
    async add(link: Omit<PasswordLinkDocument, 'schemaVersion'>): Promise<void> {
      await collection.insertOne({ ...link, schemaVersion: SCHEMA_VERSION });
    },

    /** Returns the link, or null if it was used or has expired. */
    get: (id: string, now: Date): Promise<PasswordLinkDocument | null> =>
      collection.findOne({ _id: id, expiresAt: { $gt: now } }),

    async end(id: string): Promise<void> {
      await collection.deleteOne({ _id: id });
    },
  };
}

/** Counters of sign-in attempts over all processes. */
export function signInAttempts(collection: Collection<SignInAttemptsDocument>) {
  return {
    /** Counts one more attempt. Returns the new number. */
    async take(id: string, expiresAt: Date): Promise<number> {
      for (;;) {
        const counted = await collection.findOneAndUpdate(
          { _id: id },
          { $inc: { times: 1 } },
          { returnDocument: 'after' },
        );
        if (counted !== null) return counted.times;
        try {
          await collection.insertOne({ _id: id, schemaVersion: SCHEMA_VERSION, times: 1, expiresAt });
          return 1;
        } catch (error) {
          // Another attempt just created the counter: the next try increments it.
          if (!isDuplicateKey(error)) throw error;
        }
      }
    },

    /** Returns the numbers of attempts by id; none of an id without any. */
    async counts(ids: readonly string[]): Promise<Map<string, number>> {
      const found = await collection.find({ _id: { $in: [...ids] } }).toArray();
      return new Map(found.map(({ _id, times }) => [_id, times]));
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

/** Operations on browsers that signed in to an account before. The id is a hash of the browser's cookie and the name. */
export function knownDevices(collection: Collection<KnownDeviceDocument>) {
  return {
    isKnown: async (id: string, now: Date): Promise<boolean> =>
      (await collection.findOne({ _id: id, expiresAt: { $gt: now } }, { projection: { _id: 1 } })) !== null,

    /** Stores that the browser signed in to the account. */
    async remember(device: { _id: string; account: string }, expiresAt: Date): Promise<void> {
      const { _id, account } = device;
      const update = { $set: { account, expiresAt, schemaVersion: SCHEMA_VERSION } };
      await collection.updateOne({ _id }, update, { upsert: true });
    },

    /** Removes all browsers of an account. */
    async forgetAll(account: string): Promise<void> {
      await collection.deleteMany({ account });
    },
  };
}
