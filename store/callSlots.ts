import type { Collection } from 'mongodb';
import { MINUTE_MS } from '../domain/time.ts';
import { SCHEMA_VERSION } from './documents.ts';

/** When the next request to an instance's KIPU may be sent, by the database's clock. */
export interface CallSlotDocument {
  _id: string;
  schemaVersion: number;
  next: Date;
  /** When the last request was planned. */
  plannedAt: Date;
}

/** No request waits longer: activities end before. A plan that is further ahead was made before the clock went back. */
const MOST_AHEAD_MS = 15 * MINUTE_MS;

/** Plans the requests to each KIPU instance, for all workers together: the database's clock decides. */
export function callSlots(collection: Collection<CallSlotDocument>) {
  return {
    /**
     * Reserves the next stretch of time for requests to an instance. Returns how long to wait until it begins, in milliseconds.
     */
    async reserve(instance: string, lengthMs: number): Promise<number> {
      const planned = await collection.findOneAndUpdate(
        { _id: instance },
        [
          {
            $set: {
              schemaVersion: SCHEMA_VERSION,
              plannedAt: '$$NOW',
              next: { $add: [{ $max: ['$next', '$$NOW'] }, lengthMs] },
            },
          },
        ],
        // A plan that a failover loses makes a second too fast, which is not worth a wait for the majority.
        { upsert: true, returnDocument: 'after', writeConcern: { w: 1 } },
      );
      if (planned === null) return 0;
      const now = planned.plannedAt.getTime();
      const waitMs = planned.next.getTime() - lengthMs - now;
      if (waitMs <= MOST_AHEAD_MS) return waitMs;
      const stale = { _id: instance, next: { $gt: new Date(now + MOST_AHEAD_MS) } };
      await collection.updateOne(stale, { $set: { next: new Date(now + lengthMs) } });
      return 0;
    },
  };
}
