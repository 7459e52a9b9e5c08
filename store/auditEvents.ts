import type { Collection } from 'mongodb';
import { type AuditDocument, SCHEMA_VERSION } from './documents.ts';

/** Who did what. Events are only ever added. */
export function auditEvents(collection: Collection<AuditDocument>) {
  return {
    /** Adds an event. The same `_id` again (a repeated step) adds nothing: what was first written stays. */
    async add(event: Omit<AuditDocument, 'schemaVersion'>): Promise<void> {
      const { _id, ...rest } = event;
      await collection.updateOne(
        { _id },
        { $setOnInsert: { ...rest, schemaVersion: SCHEMA_VERSION } },
        { upsert: true },
      );
    },

    /** The event of that id, or null. */
    get: (id: string): Promise<AuditDocument | null> => collection.findOne({ _id: id }),

    /** What was done to a record, oldest first. */
    ofRecord: (record: string): Promise<AuditDocument[]> => collection.find({ record }).sort({ at: 1 }).toArray(),
  };
}
