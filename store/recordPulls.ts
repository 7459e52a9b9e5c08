import type { Collection } from 'mongodb';
import { type BehindList, behindList, retryAfterFailure, retryBehindList } from '../domain/due.ts';
import type { FaultCode } from '../domain/fault.ts';
import { dischargedAt } from '../domain/lock.ts';
import type { PullOutcome } from '../domain/pull.ts';
import { searchKeys } from '../domain/search.ts';
import { StoreConflictError } from './conflict.ts';
import type { FailureDocument, RecordDocument } from './documents.ts';

/**
 * The result of a pull for its record. `timeZone` is that of the chart's location, `lookAgainAt` when the chart is pulled again
 * even if it does not change.
 */
export type Pulled = Pick<RecordDocument, 'status' | 'chart'> &
  Partial<Pick<RecordDocument, 'hold' | 'missing'>> & {
    outcome: PullOutcome;
    /** The version that the chart itself shows; by default that of `chart`, which is not stored for every outcome. */
    version?: string | null;
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
      const { version = chart?.lastUpdatedAt ?? null } = pulled;
      const behind = hold === null ? behindList(record.listedVersion, version, record.behindList ?? null) : null;
      const retryAt = earliest(lookAgainAt, behind && retryBehindList(behind, now));
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
            behindList: behind,
            pulledVersion: record.listedVersion,
            chartVersion: version,
            pulledAt: now,
            pending: retryAt !== null,
            retryAt,
            failure: behind && retryBehindList(behind, now) === null ? behindFailure(behind, key, now) : null,
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
      if (record.status === 'void' && failure.code === NOT_FOUND) return staysVoid(record, key, now);
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

    /** Marks the record of a chart that was deleted in KIPU, and ends its hold. The chart is pulled if KIPU lists it again. */
    async void(recordId: string, now: Date): Promise<void> {
      await collection.updateOne(
        { _id: recordId, status: { $ne: 'void' } },
        {
          $set: {
            ...{ status: 'void', hold: null, pending: false, retryAt: null, failure: null, updatedAt: now },
            // KIPU lists a restored chart with the same version. Without these, any listed version is due.
            ...{ pulledVersion: null, chartVersion: null },
          },
          $inc: { rev: 1 },
        },
      );
    },
  };

  /** KIPU can list a deleted chart for a while. Its record stays void until another version is listed. */
  async function staysVoid(record: RecordDocument, key: string, now: Date): Promise<void> {
    const written = await collection.updateOne(
      { _id: record._id, rev: record.rev },
      {
        $set: {
          ...{ pulledVersion: record.listedVersion, pending: false, retryAt: null, updatedAt: now },
          lastPull: { key, outcome: 'failed' as const },
        },
        $inc: { rev: 1 },
      },
    );
    if (written.matchedCount === 0) throw new StoreConflictError('records');
  }
}

const NOT_FOUND: FaultCode = 'not-found';

function earliest(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}

function behindFailure({ times }: BehindList, key: string, at: Date): FailureDocument {
  const code: FaultCode = 'chart-behind-list';
  return { key, code, text: `KIPU lists a newer version of this chart than it returns, in ${times} pulls.`, times, at };
}

/** Returns true if the chart is at another location than when it was read before. */
function hasMoved(before: RecordDocument['chart'], now: RecordDocument['chart']): boolean {
  return before !== null && now !== null && before.locationId !== now.locationId;
}
