import type { Instance } from '../config/instances.ts';
import type { Settings } from '../config/settings.ts';
import type { TemporalSettings } from '../config/temporal.ts';
import { openStore } from '../store/connect.ts';
import { connectClient } from './connect.ts';
import { ensureSchedule } from './schedules.ts';
import { ensureSearchAttributes } from './searchAttributes.ts';

/**
 * Makes ready what a worker leans on: collections with validators and indexes, search attributes, and one schedule per
 * instance. Safe to repeat.
 * @throws TemporalUnreachableError, MongoError
 */
export async function makeReady(parts: {
  settings: Settings;
  mongoUri: string;
  temporal: TemporalSettings;
  instances: readonly Instance[];
}): Promise<void> {
  const { settings, temporal, mongoUri, instances } = parts;
  const store = openStore({ uri: mongoUri, database: settings.mongo.database });
  try {
    const client = await connectClient(temporal);
    try {
      await Promise.all([store.setUp(), ensureSearchAttributes(client)]);
      for (const { name } of instances) await ensureSchedule(client, name, settings.taskQueue, settings.schedule);
    } finally {
      await client.connection.close();
    }
  } finally {
    await store.close();
  }
}
