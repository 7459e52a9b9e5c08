import { type Collection, MongoServerError } from 'mongodb';
import type { SettingsFacts } from '../domain/settingsFacts.ts';
import type { SettingsFactsDocument } from './accessDocuments.ts';
import { SCHEMA_VERSION } from './documents.ts';

const DUPLICATE_KEY = 11000;
const SERVICE = 'service';

/** The settings as the service last started with, to tell what changed. */
export function settingsFacts(collection: Collection<SettingsFactsDocument>) {
  return {
    /** The facts and how many times they were noted; null before the first time. */
    latest: (): Promise<SettingsFactsDocument | null> => collection.findOne({ _id: SERVICE }),

    /** Notes the facts, behind `rev`; where another process noted some meanwhile, those stay. */
    async note(facts: SettingsFacts, rev: number, at: Date): Promise<void> {
      try {
        const update = { $set: { ...facts, at, rev: rev + 1, schemaVersion: SCHEMA_VERSION } };
        await collection.updateOne({ _id: SERVICE, rev }, update, { upsert: rev === 0 });
      } catch (error) {
        if (!(error instanceof MongoServerError) || error.code !== DUPLICATE_KEY) throw error;
      }
    },
  };
}
