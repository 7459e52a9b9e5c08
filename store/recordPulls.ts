import type { Collection } from 'mongodb';
import { retryAfterFailure } from '../domain/due.ts';
import { dischargedAt } from '../domain/lock.ts';
import { searchKeys } from '../domain/search.ts';
import { StoreConflictError } from './conflict.ts';
import type { RecordDocument } from './documents.ts';

/**
 * What a pull leaves on its record. `timeZone` is that of the chart's location, `lookAgainAt` when the chart is pulled again
 * though it does not change.
 */
export type Pulled = Pick<RecordDocument, 'status' | 'chart'> &
  Partial<Pick<RecordDocument, 'hold' | 'missing'>> & {
    outcome: NonNullable<RecordDocument['lastPull']>['outcome'];
    timeZone: string;
    lookAgainAt?: Date | null;
  };

/** How pulls end on the record. */
export function pulls(collection: Collection<RecordDocument>) {
  return {
    /**
     * Stores what a pull found, on the record as it was read before the pull.
     * @throws StoreConflictError when the record was written meanwhile: an unlock, or a change just listed.
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
     * Stores why a pull failed; the record is tried again later, or as soon as its chart changes. The same key again
     * (a repeated step) counts once.
     */
    async fail(recordId: string, failure: { code: string; text: string }, key: string, now: Date): Promise<void> {
      const record = await collection.findOne({ _id: recordId });
      if (record === null || record.failure?.key === key) return;
      const times = (record.failure?.times ?? 0) + 1;
      const written = await collection.updateOne(
        { _id: recordId, rev: record.rev },
        {
          $set: {
            // A referral or a hold that stands is not undone by a pull that failed.
            ...(record.hold === null
              ? {
                  status: 'failed' as const,
                  // Answered, if badly: until KIPU lists another version, `retryAt` says when it is tried again.
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

    /** Marks the record of a chart that was deleted in KIPU; its hold, if any, is over. */
    async void(recordId: string, now: Date): Promise<void> {
      await collection.updateOne(
        { _id: recordId, status: { $ne: 'void' } },
        { $set: { status: 'void', hold: null, pending: false, retryAt: null, updatedAt: now }, $inc: { rev: 1 } },
      );
    },
  };
}

/** True when the chart is at another location than it was when it was read before. */
function hasMoved(before: RecordDocument['chart'], now: RecordDocument['chart']): boolean {
  return before !== null && now !== null && before.locationId !== now.locationId;
}
