import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, isGrpcServiceError } from '@temporalio/client';
import type { Instance } from '../config/instances.ts';
import type { Settings } from '../config/settings.ts';
import type { TemporalSettings } from '../config/temporal.ts';
import { notInSettings } from '../domain/conditions.ts';
import { openStore } from '../store/connect.ts';
import { searchAttributes as attributes } from '../workflows/searchAttributes.ts';
import { auditSettings } from './auditSettings.ts';
import { connectClient } from './connect.ts';
import { applyConnections } from './connections/apply.ts';
import { resealConnections } from './connections/manage.ts';
import { isSealedWithFirst } from './connections/seal.ts';
import { ensureSchedule, pauseRemoved } from './schedules.ts';

/** What was set up: the search attributes that were new, and each instance's schedule. */
export interface ProvisionResult {
  searchAttributes: string[];
  schedules: { instance: string; schedule: 'created' | 'updated' }[];
  /** Instances that the settings no longer have, and whose schedule was paused. */
  removed: string[];
  /** Stored connections whose schedule was set up, and those whose secrets were encrypted again with the first key. */
  connections: { applied: string[]; encryptedAgain: string[] };
}

/**
 * Sets up what a worker depends on: collections with validators and indexes, search attributes, and one schedule per
 * instance. Reads stored dates again where the time zone changed, and audits what changed in the settings. Safe to
 * repeat. With `force`, schedules of another deployment are taken over.
 * @throws TemporalUnreachableError, OtherDeploymentError, MongoError
 */
export async function provision(
  parts: {
    settings: Settings;
    mongoUri: string;
    temporal: TemporalSettings;
    instances: readonly Instance[];
  },
  force = false,
): Promise<ProvisionResult> {
  const { settings, temporal, mongoUri, instances } = parts;
  const store = openStore({ ...settings.mongo, uri: mongoUri });
  try {
    const client = await connectClient(temporal);
    try {
      const [{ searchAttributes, schedules }] = await Promise.all([
        provisionTemporal(client, instances, settings, force),
        store.setUp(),
      ]);
      const connections = await provisionConnections();
      const stored = (await store.kipuConnections.all()).flatMap(({ _id, state }) =>
        state === 'retired' ? [] : [_id],
      );
      const names = [...instances.map(({ name }) => name), ...stored];
      const removed = await pauseRemoved(client, names, settings.taskQueue);
      for (const instance of removed) {
        await store.notices.judge(instance, ['not-in-settings'], [notInSettings(instance, true)], new Date());
      }
      for (const { name, ...zones } of instances) await store.records.rezone(name, zones);
      await auditSettings(store, { ...settings, instances });
      return { searchAttributes, schedules, removed, connections };

      async function provisionConnections(): Promise<ProvisionResult['connections']> {
        const { taskQueue, schedule, connectionKeys: keys } = settings;
        const parts = { store, keys, fixed: instances, trialOnly: false, now: () => new Date() };
        // Without a key nothing can be encrypted; the schedules do not need it.
        const encryptedAgain =
          keys.length === 0 ? [] : await resealConnections(parts, (sealed) => isSealedWithFirst(keys, sealed));
        const applied = await whenAttributesAreKnown(() =>
          applyConnections({ store, client, taskQueue, schedule, fixed: instances }, true),
        );
        return { applied, encryptedAgain };
      }
    } finally {
      await client.connection.close();
    }
  } finally {
    await store.close();
  }
}

/** Registers search attributes, and then creates or updates the schedules: their runs set the attributes. */
async function provisionTemporal(
  client: Client,
  instances: readonly Instance[],
  { taskQueue, schedule }: Settings,
  force: boolean,
): Promise<Pick<ProvisionResult, 'searchAttributes' | 'schedules'>> {
  const searchAttributes = await ensureSearchAttributes(client);
  const schedules = await Promise.all(
    instances.map(async ({ name }) => ({
      instance: name,
      schedule: await whenAttributesAreKnown(() => ensureSchedule(client, name, taskQueue, schedule, { force })),
    })),
  );
  return { searchAttributes, schedules };
}

const INVALID_ARGUMENT = 3;

/**
 * Repeats what was refused because a part of Temporal does not know a search attribute yet. A server with a database of its own
 * reads new ones from it every few seconds; the dev server knows them at once.
 */
export async function whenAttributesAreKnown<T>(
  work: () => Promise<T>,
  { withinMs = 30_000, pauseMs = 500 } = {},
): Promise<T> {
  for (const deadline = Date.now() + withinMs; ; await sleep(pauseMs)) {
    try {
      return await work();
    } catch (error) {
      if (!isUnknownAttribute(error) || Date.now() >= deadline) throw error;
    }
  }
}

function isUnknownAttribute(error: unknown): boolean {
  const cause = error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : error;
  return isGrpcServiceError(cause) && cause.code === INVALID_ARGUMENT && cause.details.includes('search attribute');
}

/** Temporal's numbers of the types of search attributes. */
const TYPES = { KEYWORD: 2, BOOL: 5, DATETIME: 6 };

/** Our search attributes, each with the number of its type. */
export const SEARCH_ATTRIBUTES: ReadonlyMap<string, number> = new Map(
  attributes.map(({ name, type }) => [name, TYPES[type]]),
);

/** Returns the names of our search attributes that the namespace does not have, or has with another type. */
export async function missingSearchAttributes(client: Client): Promise<string[]> {
  const { namespace } = client.options;
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
  return [...SEARCH_ATTRIBUTES].filter(([name, type]) => customAttributes?.[name] !== type).map(([name]) => name);
}

/**
 * Registers those of our search attributes that are missing, as all but two of a namespace that an earlier version set up, and
 * returns them. A workflow that sets one which is not registered never makes progress, so this comes before the first run. Needs
 * the right to register them only where they are missing.
 */
export async function ensureSearchAttributes(client: Client): Promise<string[]> {
  const missing = await missingSearchAttributes(client);
  if (missing.length > 0) {
    await client.connection.operatorService.addSearchAttributes({
      namespace: client.options.namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, SEARCH_ATTRIBUTES.get(name) ?? 0])),
    });
  }
  return missing;
}
