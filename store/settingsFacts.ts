import type { Collection } from 'mongodb';
import type { SettingsSnapshot } from '../domain/settingsFacts.ts';
import type { SettingsSnapshotDocument } from './accessDocuments.ts';
import { isDuplicateKey } from './conflict.ts';
import { SCHEMA_VERSION } from './documents.ts';

const SERVICE = 'service';

/** Operations on the settings of the last start, which show what changed. */
export function settingsSnapshots(collection: Collection<SettingsSnapshotDocument>) {
  return {
    /** Returns the stored settings; null before the first time. */
    latest: (): Promise<SettingsSnapshotDocument | null> => collection.findOne({ _id: SERVICE }),

    /** Stores the settings on top of `rev`. If another process stored some in between, those stay. */
    async note(facts: SettingsSnapshot, rev: number, at: Date): Promise<void> {
      try {
        const update = { $set: { ...facts, at, rev: rev + 1, schemaVersion: SCHEMA_VERSION } };
        await collection.updateOne({ _id: SERVICE, rev }, update, { upsert: rev === 0 });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    },
  };
}
