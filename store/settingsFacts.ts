import { type Collection, MongoServerError } from 'mongodb';
import type { SettingsSnapshot } from '../domain/settingsFacts.ts';
import type { SettingsSnapshotDocument } from './accessDocuments.ts';
import { SCHEMA_VERSION } from './documents.ts';

const DUPLICATE_KEY = 11000;
const SERVICE = 'service';

/** The settings as the service last started with, to tell what changed. */
export function settingsSnapshots(collection: Collection<SettingsSnapshotDocument>) {
  return {
    /** The facts and how many times they were noted; null before the first time. */
    latest: (): Promise<SettingsSnapshotDocument | null> => collection.findOne({ _id: SERVICE }),

    /** Notes the facts, behind `rev`; where another process noted some meanwhile, those stay. */
    async note(facts: SettingsSnapshot, rev: number, at: Date): Promise<void> {
      try {
        const update = { $set: { ...facts, at, rev: rev + 1, schemaVersion: SCHEMA_VERSION } };
        await collection.updateOne({ _id: SERVICE, rev }, update, { upsert: rev === 0 });
      } catch (error) {
        if (!(error instanceof MongoServerError) || error.code !== DUPLICATE_KEY) throw error;
      }
    },
  };
}
