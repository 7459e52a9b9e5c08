import type { Instance } from '../config/instances.ts';
import type { Settings } from '../config/settings.ts';
import type { TemporalSettings } from '../config/temporal.ts';
import { openStore } from '../store/connect.ts';
import { auditSettings } from './auditSettings.ts';
import { connectClient } from './connect.ts';
import { ensureSchedule } from './schedules.ts';
import { ensureSearchAttributes } from './searchAttributes.ts';

/** What was made ready: search attributes that were new, and each instance's schedule. */
export interface ProvisionResult {
  searchAttributes: string[];
  schedules: { instance: string; schedule: 'made' | 'updated' }[];
}

/**
 * Makes ready what a worker leans on: collections with validators and indexes, search attributes, and one schedule per
 * instance. Reads stored dates anew where the time zone changed, and audits what changed in the settings. Safe to repeat.
 * @throws TemporalUnreachableError, MongoError
 */
export async function provision(parts: {
  settings: Settings;
  mongoUri: string;
  temporal: TemporalSettings;
  instances: readonly Instance[];
}): Promise<ProvisionResult> {
  const { settings, temporal, mongoUri, instances } = parts;
  const store = openStore({ uri: mongoUri, database: settings.mongo.database });
  try {
    const client = await connectClient(temporal);
    try {
      const [searchAttributes] = await Promise.all([ensureSearchAttributes(client), store.setUp()]);
      const schedules: ProvisionResult['schedules'] = [];
      for (const { name } of instances) {
        const schedule = await ensureSchedule(client, name, settings.taskQueue, settings.schedule);
        schedules.push({ instance: name, schedule });
      }
      for (const { name, ...zones } of instances) await store.records.rezone(name, zones);
      await auditSettings(store, { instances, schedule: settings.schedule });
      return { searchAttributes, schedules };
    } finally {
      await client.connection.close();
    }
  } finally {
    await store.close();
  }
}
