import type { Collection } from 'mongodb';
import type { KnownDeviceDocument } from './accessDocuments.ts';
import { SCHEMA_VERSION } from './documents.ts';

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
