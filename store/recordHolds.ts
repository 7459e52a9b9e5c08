import type { Collection } from 'mongodb';
import type { HoldReason } from '../domain/lock.ts';
import { StoreConflictError } from './conflict.ts';
import type { RecordDocument } from './documents.ts';

/** Filters holds by instance, reason and start. */
export interface HoldFilter {
  instance?: string;
  reason?: HoldReason;
  heldBefore?: Date;
}

export type RecordState = Pick<RecordDocument, '_id' | 'instance' | 'status' | 'missing' | 'failure'>;

/** Operations on holds: reminders, unlocking, queries. */
export function holds(collection: Collection<RecordDocument>) {
  return {
    /**
     * Unlocks the record, which is never held again. Only the first unlock has an effect; `unlocked` in the returned record says
     * whose it was. Returns null for an unknown record.
     */
    async unlock(recordId: string, by: NonNullable<RecordDocument['unlocked']>): Promise<RecordDocument | null> {
      const open = { unlocked: by, updatedAt: by.at };
      const ended = await collection.findOneAndUpdate(
        { _id: recordId, unlocked: null, hold: { $ne: null } },
        { $set: { ...open, hold: null, status: 'unlocked', pending: true, retryAt: null }, $inc: { rev: 1 } },
        { returnDocument: 'after' },
      );
      // What was written is returned, because a read just after a failover may return an older document.
      if (ended !== null) return ended;
      // Not held yet: it stays open, whatever a pull in progress finds.
      const ahead = await collection.findOneAndUpdate(
        { _id: recordId, unlocked: null, hold: null },
        { $set: open, $inc: { rev: 1 } },
        { returnDocument: 'after' },
      );
      if (ahead !== null) return ahead;
      const after = await collection.findOne({ _id: recordId });
      // A pull began a hold between the two updates.
      if (after !== null && after.unlocked === null) throw new StoreConflictError('records');
      return after;
    },

    /** Counts one more reminder than `reminders`. Returns null if the record is no longer held. */
    async remind(recordId: string, reminders: number, now: Date): Promise<RecordDocument | null> {
      return collection.findOneAndUpdate(
        { _id: recordId, hold: { $ne: null } },
        { $set: { 'hold.reminders': reminders + 1, updatedAt: now } },
        { returnDocument: 'after' },
      );
    },

    /**
     * Counts a change that waits for the unlock; the same key again (a repeated activity) counts once. Returns whether the
     * record is held.
     */
    async countWaitingChange(recordId: string, key: string, now: Date): Promise<boolean> {
      const counted = await collection.updateOne(
        { _id: recordId, hold: { $ne: null }, 'hold.lastNoted': { $ne: key } },
        {
          $inc: { 'hold.changesWaiting': 1 },
          $set: { 'hold.lastNoted': key, 'hold.unlisted': true, updatedAt: now },
        },
      );
      return (
        counted.matchedCount === 1 || (await collection.countDocuments({ _id: recordId, hold: { $ne: null } })) === 1
      );
    },

    /** Returns the instance's held records after `after`, sorted by id, with their holds alone. */
    heldOf(
      instance: string,
      after: string | null,
      limit: number,
    ): Promise<Pick<RecordDocument, '_id' | 'instance' | 'hold'>[]> {
      return collection
        .find(
          { instance, status: 'held', ...(after === null ? {} : { _id: { $gt: after } }) },
          { projection: { instance: 1, hold: 1 } },
        )
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
    },

    /** Returns the ids of those of these records that are held. */
    async heldAmong(recordIds: readonly string[]): Promise<string[]> {
      const found = await collection
        .find({ _id: { $in: [...recordIds] }, hold: { $ne: null } }, { projection: { _id: 1 } })
        .toArray();
      return found.map(({ _id }) => _id);
    },

    /** Returns when the instance's oldest hold began; null if nothing is held. */
    async oldestHold(instance: string): Promise<Date | null> {
      const oldest = await collection.findOne({ instance, status: 'held' }, { sort: { 'hold.since': 1 } });
      return oldest?.hold?.since ?? null;
    },

    /** Returns held records, oldest discharge first; those without a discharge date come last. */
    async held(filter: HoldFilter, limit: number): Promise<RecordDocument[]> {
      const { instance, reason, heldBefore } = filter;
      const wanted = {
        status: 'held' as const,
        ...(instance === undefined ? {} : { instance }),
        ...(reason === undefined ? {} : { 'hold.reason': reason }),
        ...(heldBefore === undefined ? {} : { 'hold.since': { $lte: heldBefore } }),
      };
      const dated = await collection
        .find({ ...wanted, dischargedAt: { $type: 'date' } })
        .sort({ dischargedAt: 1, _id: 1 })
        .limit(limit)
        .toArray();
      // For MongoDB a limit of 0 means no limit.
      if (dated.length >= limit) return dated;
      const undated = await collection
        .find({ ...wanted, dischargedAt: { $not: { $type: 'date' } } })
        .sort({ 'hold.since': 1, _id: 1 })
        .limit(limit - dated.length)
        .toArray();
      return [...dated, ...undated];
    },

    /** Returns the states of these records that matter for an unlock. */
    states(recordIds: readonly string[]): Promise<RecordState[]> {
      return collection
        .find<RecordState>(
          { _id: { $in: [...recordIds] } },
          { projection: { instance: 1, status: 1, missing: 1, failure: 1 } },
        )
        .toArray();
    },
  };
}
