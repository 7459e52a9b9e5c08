import type { Collection } from 'mongodb';
import type { HoldReason } from '../domain/lock.ts';
import { StoreConflictError } from './conflict.ts';
import type { RecordDocument } from './documents.ts';

/** Which holds: of one instance, for one reason, that began at the latest then. */
export interface HoldFilter {
  instance?: string;
  reason?: HoldReason;
  heldBefore?: Date;
}

export type RecordState = Pick<RecordDocument, '_id' | 'instance' | 'status' | 'missing' | 'failure'>;

/** Holds: reminding, unlocking, and finding them. */
export function holds(collection: Collection<RecordDocument>) {
  return {
    /**
     * Unlocks the record; once unlocked it stays open. Only the first unlock has an effect: whose it was is what
     * `unlocked` says in the record that this gives. Null for an unknown record.
     */
    async unlock(recordId: string, by: NonNullable<RecordDocument['unlocked']>): Promise<RecordDocument | null> {
      const open = { unlocked: by, updatedAt: by.at };
      await collection.updateOne(
        { _id: recordId, unlocked: null, hold: { $ne: null } },
        { $set: { ...open, hold: null, status: 'unlocked', pending: true, retryAt: null }, $inc: { rev: 1 } },
      );
      // Not held yet: whatever the pull that may be under way finds, the record stays open.
      await collection.updateOne({ _id: recordId, unlocked: null, hold: null }, { $set: open, $inc: { rev: 1 } });
      const after = await collection.findOne({ _id: recordId });
      // A pull began a hold just between the two.
      if (after !== null && after.unlocked === null) throw new StoreConflictError('records');
      return after;
    },

    /** Counts the reminder behind `reminders`; gives null when the record is not held any more. */
    async remind(recordId: string, reminders: number, now: Date): Promise<RecordDocument | null> {
      return collection.findOneAndUpdate(
        { _id: recordId, hold: { $ne: null } },
        { $set: { 'hold.reminders': reminders + 1, updatedAt: now } },
        { returnDocument: 'after' },
      );
    },

    /** Counts a change that waits for the unlock; the same key again (a repeated step) counts once. */
    async countWaitingChange(recordId: string, key: string, now: Date): Promise<void> {
      await collection.updateOne(
        { _id: recordId, hold: { $ne: null }, 'hold.lastNoted': { $ne: key } },
        {
          $inc: { 'hold.changesWaiting': 1 },
          $set: { 'hold.lastNoted': key, 'hold.unlisted': true, updatedAt: now },
        },
      );
    },

    /** Ids of the instance's held records. */
    async heldIds(instance: string): Promise<string[]> {
      const found = await collection.find({ instance, status: 'held' }, { projection: { _id: 1 } }).toArray();
      return found.map((record) => record._id);
    },

    /** When the instance's oldest hold began; null when nothing is held. */
    async oldestHold(instance: string): Promise<Date | null> {
      const oldest = await collection.findOne({ instance, status: 'held' }, { sort: { 'hold.since': 1 } });
      return oldest?.hold?.since ?? null;
    },

    /** Held records, the oldest discharge first; those whose chart names none come last. */
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
      // A limit of 0 would mean none.
      if (dated.length >= limit) return dated;
      const undated = await collection
        .find({ ...wanted, dischargedAt: { $not: { $type: 'date' } } })
        .sort({ 'hold.since': 1, _id: 1 })
        .limit(limit - dated.length)
        .toArray();
      return [...dated, ...undated];
    },

    /** How these records stand, as far as an unlock has to know. */
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
