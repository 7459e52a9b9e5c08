import type { Collection } from 'mongodb';
import { SCHEMA_VERSION } from './documents.ts';
import { newRecipientId } from './ids.ts';
import type { RecipientDocument } from './notificationDocuments.ts';

export type NewRecipient = Omit<RecipientDocument, '_id' | 'schemaVersion'>;

/** Operations on those who are notified. */
export function recipients(collection: Collection<RecipientDocument>) {
  return {
    /** Adds a recipient. Returns its id. */
    async add(recipient: NewRecipient): Promise<string> {
      const _id = newRecipientId();
      await collection.insertOne({ _id, schemaVersion: SCHEMA_VERSION, ...recipient });
      return _id;
    },

    get: (id: string): Promise<RecipientDocument | null> => collection.findOne({ _id: id }),

    /** Returns all recipients, by name. */
    list: (): Promise<RecipientDocument[]> => collection.find().sort({ name: 1, _id: 1 }).toArray(),

    /** Returns the one that the owner of the account asked for; null without one. */
    ofAccount: (account: string): Promise<RecipientDocument | null> => collection.findOne({ _id: idOf(account) }),

    /** Removes a recipient. Returns it; null if there was none. */
    remove: (id: string): Promise<RecipientDocument | null> => collection.findOneAndDelete({ _id: id }),

    /** Replaces what the owner of an account asked for; with null removes it. */
    async setOfAccount(account: string, recipient: NewRecipient | null): Promise<void> {
      const _id = idOf(account);
      if (recipient === null) await collection.deleteOne({ _id });
      else await collection.replaceOne({ _id }, { schemaVersion: SCHEMA_VERSION, ...recipient }, { upsert: true });
    },
  };
}

/** Returns the id of the one recipient that an account may have. */
function idOf(account: string): string {
  return `of ${account}`;
}
