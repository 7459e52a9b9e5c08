import type { Collection } from 'mongodb';
import { retryAfterFailure } from '../domain/due.ts';
import { dischargedAt } from '../domain/lock.ts';
import { searchKeys } from '../domain/search.ts';
import { StoreConflictError } from './conflict.ts';
import type { RecordDocument } from './documents.ts';

/**
 * The result of a pull for its record. `timeZone` is that of the chart's location, `lookAgainAt` when the chart is pulled again
 * even if it does not change.
 */
export type Pulled = Pick<RecordDocument, 'status' | 'chart'> &
  Partial<Pick<RecordDocument, 'hold' | 'missing'>> & {
    outcome: NonNullable<RecordDocument['lastPull']>['outcome'];
    timeZone: string;
    lookAgainAt?: Date | null;
  };

/** Operations that store the results of pulls. */
export function pulls(collection: Collection<RecordDocument>) {
  return {
    /**
     * Stores the result of a pull, on top of the record as it was read before the pull.
     * @throws StoreConflictError if the record was written in between, for example by an unlock or a newly listed change.
     */
    async finish(record: RecordDocument, pulled: Pulled, key: string, now: Date): Promise<void> {
      const { outcome, status, chart, timeZone, hold = null, missing = [], lookAgainAt = null } = pulled;
      const written = await collection.updateOne(
        { _id: record._id, rev: record.rev },
        {
          $set: {
            status,
            chart,
            ...(hasMoved(record.chart, chart) ? { movedAt: now } : {}),
            timeZone,
            dischargedAt: dischargedAt(chart?.dischargeDate ?? null, timeZone),
            search: searchKeys(chart),
            hold,
            ...(hold === null ? {} : { lastHold: { reason: hold.reason, since: hold.since } }),
            missing,
            pulledVersion: record.listedVersion,
            chartVersion: chart?.lastUpdatedAt ?? null,
            pulledAt: now,
            pending: lookAgainAt !== null,
            retryAt: lookAgainAt,
            failure: null,
            lastPull: { key, outcome },
            updatedAt: now,
          },
          $inc: { rev: 1 },
        },
      );
      if (written.matchedCount === 0) throw new StoreConflictError('records');
    },

    /**
     * Stores why a pull failed. The pull is tried again later, or as soon as the chart changes. The same key again (a repeated
     * activity) counts once.
     */
    async fail(recordId: string, failure: { code: string; text: string }, key: string, now: Date): Promise<void> {
      const record = await collection.findOne({ _id: recordId });
      if (record === null || record.failure?.key === key) return;
      const times = (record.failure?.times ?? 0) + 1;
      const written = await collection.updateOne(
        { _id: recordId, rev: record.rev },
        {
          $set: {
            // A failed pull does not end a hold.
            ...(record.hold === null
              ? {
                  status: 'failed' as const,
                  // This version had its pull: until KIPU lists another one, `retryAt` decides when it is tried again.
                  pulledVersion: record.listedVersion,
                  pulledAt: now,
                  pending: true,
                  retryAt: retryAfterFailure(times, now),
                }
              : {}),
            failure: { key, code: failure.code, text: failure.text, times, at: now },
            lastPull: { key, outcome: 'failed' as const },
            updatedAt: now,
          },
          $inc: { rev: 1 },
        },
      );
      if (written.matchedCount === 0) throw new StoreConflictError('records');
    },

    /** Marks the record of a chart that was deleted in KIPU, and ends its hold. */
    async void(recordId: string, now: Date): Promise<void> {
      await collection.updateOne(
        { _id: recordId, status: { $ne: 'void' } },
        { $set: { status: 'void', hold: null, pending: false, retryAt: null, updatedAt: now }, $inc: { rev: 1 } },
      );
    },
  };
}

/** Returns true if the chart is at another location than when it was read before. */
function hasMoved(before: RecordDocument['chart'], now: RecordDocument['chart']): boolean {
  return before !== null && now !== null && before.locationId !== now.locationId;
}
