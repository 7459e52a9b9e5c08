import { createHash } from 'node:crypto';
import type { Collection } from 'mongodb';
import type { PurgedDocument } from './disclosureDocuments.ts';
import { SCHEMA_VERSION } from './documents.ts';

/** The charts that were purged. KIPU may list them for years: they must not come back. */
export function purged(collection: Collection<PurgedDocument>) {
  return {
    /** Stores that the chart was purged. */
    async add(record: { _id: string; instance: string; casefileId: string }, at: Date): Promise<void> {
      const { _id, instance, casefileId } = record;
      const fresh = { schemaVersion: SCHEMA_VERSION, instance, record: _id, at, doneAt: null };
      await collection.updateOne({ _id: chartHash(instance, casefileId) }, { $setOnInsert: fresh }, { upsert: true });
    },

    /** Returns what is known of the record's purge, or null if it has none. */
    ofRecord: (record: string): Promise<PurgedDocument | null> => collection.findOne({ record }),

    /** Stores that all of the record was removed. */
    async done(record: string, at: Date): Promise<void> {
      await collection.updateOne({ record, doneAt: null }, { $set: { doneAt: at } });
    },

    /** Returns the records whose purge was interrupted, or is under way. */
    async unfinished(instances: readonly string[]): Promise<string[]> {
      const found = await collection.find({ instance: { $in: [...instances] }, doneAt: null }).toArray();
      return found.map(({ record }) => record);
    },

    /** Returns those of the charts that were purged. */
    async amongst(instance: string, casefileIds: readonly string[]): Promise<Set<string>> {
      if (casefileIds.length === 0) return new Set();
      const hashes = new Map(casefileIds.map((casefileId) => [chartHash(instance, casefileId), casefileId]));
      const found = await collection.find({ _id: { $in: [...hashes.keys()] } }).toArray();
      return new Set(found.flatMap(({ _id }) => hashes.get(_id) ?? []));
    },
  };
}

/** A casefile id has the 122 random bits of its UUID: nobody finds it by trying. */
function chartHash(instance: string, casefileId: string): string {
  return createHash('sha256')
    .update(JSON.stringify([instance, casefileId]))
    .digest('base64url');
}
