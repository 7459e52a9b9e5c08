import type { Collection } from 'mongodb';
import { type NoticeDocument, SCHEMA_VERSION } from './documents.ts';

/** Operations on notices. */
export function notices(collection: Collection<NoticeDocument>) {
  return {
    /** Stores a notice once per condition. Returns the stored one. */
    async note(notice: Pick<NoticeDocument, '_id' | 'instance' | 'text' | 'at'>): Promise<NoticeDocument> {
      const { _id, ...rest } = notice;
      const fresh = { ...rest, schemaVersion: SCHEMA_VERSION, sentAt: null };
      await collection.updateOne({ _id }, { $setOnInsert: fresh }, { upsert: true });
      return (await collection.findOne({ _id })) ?? { _id, ...fresh };
    },

    /** Stores that the notice URL accepted the notice. */
    async sent(id: string, at: Date): Promise<void> {
      await collection.updateOne({ _id: id }, { $set: { sentAt: at } });
    },

    /** Returns the instance's notices since then that were not accepted yet, oldest first. */
    waiting(instance: string, since: Date): Promise<NoticeDocument[]> {
      return collection
        .find({ instance, sentAt: null, at: { $gte: since } })
        .sort({ at: 1 })
        .limit(100)
        .toArray();
    },

    /** Returns notices, newest first. */
    list(filter: { instance?: string }, limit: number): Promise<NoticeDocument[]> {
      return collection.find(filter).sort({ at: -1 }).limit(limit).toArray();
    },
  };
}
