import type { Collection } from 'mongodb';
import { type NoticeDocument, SCHEMA_VERSION } from './documents.ts';

/** What people were told. */
export function notices(collection: Collection<NoticeDocument>) {
  return {
    /** Notes a notice; gives it as it was noted first, however often its condition is met. */
    async note(notice: Pick<NoticeDocument, '_id' | 'instance' | 'text' | 'at'>): Promise<NoticeDocument> {
      const { _id, ...rest } = notice;
      const fresh = { ...rest, schemaVersion: SCHEMA_VERSION, sentAt: null };
      await collection.updateOne({ _id }, { $setOnInsert: fresh }, { upsert: true });
      return (await collection.findOne({ _id })) ?? { _id, ...fresh };
    },

    /** Keeps that the customer's address took the notice. */
    async sent(id: string, at: Date): Promise<void> {
      await collection.updateOne({ _id: id }, { $set: { sentAt: at } });
    },

    /** The instance's notices since then that no address has taken, the oldest first. */
    waiting(instance: string, since: Date): Promise<NoticeDocument[]> {
      return collection
        .find({ instance, sentAt: null, at: { $gte: since } })
        .sort({ at: 1 })
        .limit(100)
        .toArray();
    },

    /** Notices, the newest first. */
    list(filter: { instance?: string }, limit: number): Promise<NoticeDocument[]> {
      return collection.find(filter).sort({ at: -1 }).limit(limit).toArray();
    },
  };
}
