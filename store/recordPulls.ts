import type { Collection, UpdateFilter } from 'mongodb';
import { retryAfterFailure } from '../domain/due.ts';
import { dischargedAt } from '../domain/lock.ts';
import type { ReferralRevision } from '../domain/referral.ts';
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

/**
 * What pulls and deletions write on the record. Every write is accepted only on the record as it was read before the chart was
 * requested, so that an attempt that comes late writes nothing: see docs/decisions/0022-late-attempts.md.
 */
export function pulls(collection: Collection<RecordDocument>) {
  return {
    /**
     * Stores which revision of the referral is written next, before it is written. Returns the record as it is then.
     * @throws StoreConflictError when the record was written since it was read.
     */
    async planRevision(record: RecordDocument, next: ReferralRevision, now: Date): Promise<RecordDocument> {
      const planned = { plannedRevision: next, updatedAt: now };
      await write(record, { $set: planned, $inc: { rev: 1 } });
      return { ...record, ...planned, rev: record.rev + 1 };
    },

    /**
     * Stores what a pull found.
     * @throws StoreConflictError when the record was written since it was read: by an unlock, or by a listed change.
     */
    async finish(record: RecordDocument, pulled: Pulled, key: string, now: Date): Promise<void> {
      const { outcome, status, chart, timeZone, hold = null, missing = [], lookAgainAt = null } = pulled;
      await write(record, {
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
        $unset: { plannedRevision: '' },
        $inc: { rev: 1 },
      });
    },

    /**
     * Stores why the chart cannot be read. The record is tried again later, or as soon as its chart changes. The same key
     * again (a retried activity) counts once.
     * @throws StoreConflictError when the record was written since it was read.
     */
    async fail(record: RecordDocument, failure: { code: string; text: string }, key: string, now: Date): Promise<void> {
      if (record.failure?.key === key) return;
      const times = (record.failure?.times ?? 0) + 1;
      const tryAgain = {
        status: 'failed' as const,
        // This version had its pull: until KIPU lists another one, `retryAt` decides when it is tried again.
        pulledVersion: record.listedVersion,
        pulledAt: now,
        pending: true,
        retryAt: retryAfterFailure(times, now),
      };
      await write(record, {
        $set: {
          // A failed pull does not end a hold.
          ...(record.hold === null ? tryAgain : {}),
          failure: { key, code: failure.code, text: failure.text, times, at: now },
          lastPull: { key, outcome: 'failed' as const },
          updatedAt: now,
        },
        $inc: { rev: 1 },
      });
    },

    /**
     * Stores that a pull was given up, which is not the chart's fault: the next run tries it again, and the failures in a row
     * are not counted on. The same key again (a retried activity) has no effect.
     */
    async giveUp(recordId: string, text: string, key: string, now: Date): Promise<void> {
      const record = await collection.findOne({ _id: recordId });
      if (record === null || record.failure?.key === key) return;
      const isOpen = record.hold === null && record.status !== 'void';
      await write(record, {
        $set: {
          ...(isOpen ? { status: 'failed' as const, pending: true, retryAt: null } : {}),
          failure: {
            key,
            code: 'given-up',
            text: `Not read in time. ${text}`,
            times: record.failure?.times ?? 0,
            at: now,
          },
          lastPull: { key, outcome: 'failed' as const },
          updatedAt: now,
        },
        $inc: { rev: 1 },
      });
    },

    /**
     * Stores that the chart was deleted in KIPU. A hold ends.
     * @throws StoreConflictError when the record was written since it was read.
     */
    async void(record: RecordDocument, now: Date): Promise<void> {
      await write(record, {
        $set: { status: 'void', hold: null, pending: false, retryAt: null, updatedAt: now },
        $unset: { plannedRevision: '' },
        $inc: { rev: 1 },
      });
    },
  };

  async function write({ _id, rev }: RecordDocument, update: UpdateFilter<RecordDocument>): Promise<void> {
    const written = await collection.updateOne({ _id, rev }, update);
    if (written.matchedCount === 0) throw new StoreConflictError('records');
  }
}

/** Returns true if the chart is at another location than when it was read before. */
function hasMoved(before: RecordDocument['chart'], now: RecordDocument['chart']): boolean {
  return before !== null && now !== null && before.locationId !== now.locationId;
}
