import type { Collection } from 'mongodb';
import {
  type BehindList,
  behindList,
  isUnknownChart,
  retryAfterFailure,
  retryAfterRefusal,
  retryBehindList,
} from '../domain/due.ts';
import { type FaultCode, isChartRefusal } from '../domain/fault.ts';
import { dischargedAt } from '../domain/lock.ts';
import type { PullOutcome } from '../domain/pull.ts';
import type { ReferralRevision } from '../domain/referral.ts';
import { searchKeys } from '../domain/search.ts';
import { StoreConflictError } from './conflict.ts';
import type { FailureDocument, RecordDocument } from './documents.ts';
import { type RecordUpdate, type WriteRecord, writeRecord } from './guardedWrites.ts';

/**
 * The result of a pull for its record. `timeZone` is that of the chart's location, `lookAgainAt` when the chart is pulled again
 * even if it does not change.
 */
export type Pulled = Pick<RecordDocument, 'status' | 'chart'> &
  Partial<Pick<RecordDocument, 'hold' | 'missing'>> & {
    outcome: PullOutcome;
    /** The workflow of the run that counts it; undefined for none. */
    run?: string | undefined;
    /** The version that the chart itself shows; by default that of `chart`, which is not stored for every outcome. */
    version?: string | null;
    timeZone: string;
    lookAgainAt?: Date | null;
  };

/**
 * What pulls and deletions write on the record. Every write is accepted only on the record as it was read before the chart was
 * requested, so that an attempt that comes late writes nothing: see docs/decisions/0025-late-attempts.md.
 */
export function pulls(collection: Collection<RecordDocument>, writeGuarded: WriteRecord = writeRecord(collection)) {
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
      const { outcome, run, status, chart, timeZone, hold = null, missing = [], lookAgainAt = null } = pulled;
      const { version = chart?.lastUpdatedAt ?? null } = pulled;
      const behind = hold === null ? behindList(record.listedVersion, version, record.behindList ?? null) : null;
      const retryAt = earliest(lookAgainAt, behind && retryBehindList(behind, now));
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
          behindList: behind,
          pulledVersion: record.listedVersion,
          chartVersion: version,
          pulledAt: now,
          pending: retryAt !== null,
          retryAt,
          failure: behind && retryBehindList(behind, now) === null ? behindFailure(behind, key, now) : null,
          lastPull: lastPull(key, outcome, run),
          updatedAt: now,
        },
        $unset: { plannedRevision: '' },
        $inc: { rev: 1 },
      });
    },

    /**
     * Stores why the chart cannot be read. The record is tried again later, or as soon as its chart changes. The same key
     * again (a retried activity) counts once. A record whose chart KIPU does not know is removed.
     * @throws StoreConflictError when the record was written since it was read.
     */
    async fail(
      record: RecordDocument,
      failure: { code: FaultCode; text: string; run?: string | undefined },
      key: string,
      now: Date,
    ): Promise<void> {
      if (record.failure?.key === key) return;
      const times = (record.failure?.times ?? 0) + 1;
      if (failure.code === 'not-found' && isUnknownChart(record, times)) return remove(record);
      const tryAgain = {
        status: 'failed' as const,
        // This version had its pull: until KIPU lists another one, `retryAt` decides when it is tried again.
        pulledVersion: record.listedVersion,
        pulledAt: now,
        pending: true,
        retryAt: isChartRefusal(failure.code) ? retryAfterRefusal(times, now) : retryAfterFailure(times, now),
      };
      await write(record, {
        $set: {
          // A failed pull does not end a hold.
          ...(record.hold === null ? tryAgain : {}),
          failure: {
            ...{ key, code: failure.code, text: failure.text, times },
            ...{ since: failingSince(record.failure, now), at: now },
          },
          lastPull: lastPull(key, 'failed', failure.run),
          updatedAt: now,
        },
        $inc: { rev: 1 },
      });
    },

    /**
     * Stores that a pull was given up, which is not the chart's fault: the next run tries it again, and the failures in a row
     * are not counted on. The same key again (a retried activity) has no effect.
     */
    async giveUp(
      recordId: string,
      { text, run }: { text: string; run?: string | undefined },
      key: string,
      now: Date,
    ): Promise<void> {
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
            since: failingSince(record.failure, now),
            at: now,
          },
          lastPull: lastPull(key, 'failed', run),
          updatedAt: now,
        },
        $inc: { rev: 1 },
      });
    },

    /**
     * Stores that the chart was deleted in KIPU, and ends its hold. The chart is pulled if KIPU lists it again.
     * @throws StoreConflictError when the record was written since it was read.
     */
    async void(record: RecordDocument, now: Date): Promise<void> {
      await write(record, {
        $set: {
          ...{ status: 'void', hold: null, pending: false, retryAt: null, failure: null, updatedAt: now },
          // KIPU lists a restored chart with the same version. Without these, any listed version is due.
          ...{ pulledVersion: null, chartVersion: null },
        },
        $unset: { plannedRevision: '' },
        $inc: { rev: 1 },
      });
    },

    /**
     * Stores that KIPU still answers 404 for a deleted chart that it lists. The record stays void until another version is
     * listed.
     * @throws StoreConflictError when the record was written since it was read.
     */
    async staysVoid(
      record: RecordDocument,
      { key, run }: { key: string; run: string | undefined },
      now: Date,
    ): Promise<void> {
      await write(record, {
        $set: {
          // Only a listed version is settled: a webhook or a signal says nothing about what KIPU lists.
          pulledVersion: record.pending ? record.listedVersion : record.pulledVersion,
          ...{ pending: false, retryAt: null, updatedAt: now },
          lastPull: lastPull(key, 'unchanged', run),
        },
        $inc: { rev: 1 },
      });
    },
  };

  async function remove({ _id, rev }: RecordDocument): Promise<void> {
    const removed = await collection.deleteOne({ _id, rev });
    if (removed.deletedCount === 0) throw new StoreConflictError('records');
  }

  async function write(read: RecordDocument, update: RecordUpdate): Promise<void> {
    if (!(await writeGuarded(read, update))) throw new StoreConflictError('records');
  }
}

function lastPull(key: string, outcome: PullOutcome, run: string | undefined): RecordDocument['lastPull'] {
  return { key, outcome, ...(run === undefined ? {} : { run }) };
}

function earliest(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}

function behindFailure({ times }: BehindList, key: string, at: Date): FailureDocument {
  const code: FaultCode = 'chart-behind-list';
  return {
    key,
    code,
    text: `KIPU lists a newer version of this chart than it returns, in ${times} pulls.`,
    times,
    since: at,
    at,
  };
}

function failingSince(before: FailureDocument | null, now: Date): Date {
  return before?.since ?? before?.at ?? now;
}

/** Returns true if the chart is at another location than when it was read before. */
function hasMoved(before: RecordDocument['chart'], now: RecordDocument['chart']): boolean {
  return before !== null && now !== null && before.locationId !== now.locationId;
}
