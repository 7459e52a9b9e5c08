import type { Collection } from 'mongodb';
import type { PageState, PageStateDocument } from './accessDocuments.ts';
import { SCHEMA_VERSION } from './documents.ts';
import { newPageStateId } from './ids.ts';

/** Operations on what pages keep for their next request. Each account reads only its own. */
export function pageStates(collection: Collection<PageStateDocument>) {
  return {
    /** Stores a state under a new id, which an address may contain. Returns the id. */
    async add(account: string, state: PageState, expiresAt: Date): Promise<string> {
      const _id = newPageStateId();
      await collection.insertOne({ _id, schemaVersion: SCHEMA_VERSION, account, state, expiresAt });
      return _id;
    },

    /** Stores a state under an id of the caller, in place of the one before. */
    async set(_id: string, account: string, state: PageState, expiresAt: Date): Promise<void> {
      const update = { $set: { state, expiresAt, schemaVersion: SCHEMA_VERSION } };
      await collection.updateOne({ _id, account }, update, { upsert: true });
    },

    /** Returns the state, or null if the account has none with this id, or it has expired. */
    async get(_id: string, account: string, now: Date): Promise<PageState | null> {
      const found = await collection.findOne({ _id });
      return found?.account === account && found.expiresAt > now ? found.state : null;
    },

    async remove(_id: string, account: string): Promise<void> {
      await collection.deleteOne({ _id, account });
    },
  };
}
