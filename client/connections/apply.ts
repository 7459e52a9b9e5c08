import type { Client } from '@temporalio/client';
import type { Store } from '../../store/connect.ts';
import type { KipuConnectionDocument } from '../../store/kipuConnections.ts';
import { withDeadline } from '../connect.ts';
import { ensureSchedule, removeSchedule, type ScheduleOptions } from '../schedules.ts';

export interface ApplyParts {
  store: Pick<Store, 'kipuConnections' | 'records' | 'notices'>;
  client: Client;
  taskQueue: string;
  schedule: ScheduleOptions;
  /** The instances of the settings: their schedules are not touched. */
  fixed: readonly { name: string }[];
}

/**
 * Lets the schedules and the records follow the connections that have changed: creates, pauses, resumes or deletes the
 * schedule, and reads stored dates again in another time zone. Safe to repeat, also by several processes at once. What fails
 * stays owed and is done by the next call. Returns the names of those that it applied.
 * @throws the first error, after all were tried
 */
export async function applyConnections(parts: ApplyParts, force = false): Promise<string[]> {
  const { store, fixed } = parts;
  const done: string[] = [];
  const errors: unknown[] = [];
  for (const document of await store.kipuConnections.all()) {
    const { _id: name, rev, appliedRev } = document;
    if (appliedRev >= rev && !force) continue;
    if (fixed.some((one) => one.name === name)) continue;
    try {
      await applyLatest(parts, document);
      done.push(name);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
  return done;
}

/** Applies the connection until it has not changed in between: two processes may apply different changes at the same time. */
async function applyLatest(parts: ApplyParts, document: KipuConnectionDocument): Promise<void> {
  const { kipuConnections } = parts.store;
  for (let latest: KipuConnectionDocument | null = document; latest !== null; ) {
    const { _id: name, rev }: KipuConnectionDocument = latest;
    await apply(parts, latest);
    await kipuConnections.markApplied(name, rev);
    const now = await kipuConnections.get(name);
    latest = now?.rev === rev ? null : now;
  }
}

async function apply(
  { store, client, taskQueue, schedule }: ApplyParts,
  { _id: name, state, timeZone, locationTimeZones }: KipuConnectionDocument,
): Promise<void> {
  if (state === 'retired') {
    await withDeadline(client, () => removeSchedule(client, name, taskQueue));
    await store.notices.endAll(name, new Date());
    return;
  }
  await withDeadline(client, () => ensureSchedule(client, name, taskQueue, schedule, { paused: state === 'paused' }));
  await store.records.rezone(name, { timeZone: timeZone ?? undefined, locationTimeZones });
}
