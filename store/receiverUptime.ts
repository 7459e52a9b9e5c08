import type { Collection } from 'mongodb';
import { type ReceiverUptimeDocument, SCHEMA_VERSION } from './documents.ts';

/** Time intervals in which a receiver of webhooks listened and could store deliveries. */
export function receiverUptime(collection: Collection<ReceiverUptimeDocument>) {
  const since = (from: Date): Promise<{ from: Date; to: Date }[]> =>
    collection
      .find({ to: { $gte: from } })
      .sort({ from: 1 })
      .toArray();

  return {
    /** Returns the intervals from then on in which some receiver was up, sorted by their beginning. */
    since,

    /** Starts or extends an interval: the receiver was up from `from` to `to`. */
    async beat(id: string, from: Date, to: Date): Promise<void> {
      await collection.updateOne(
        { _id: id },
        { $max: { to }, $setOnInsert: { from, schemaVersion: SCHEMA_VERSION } },
        { upsert: true },
      );
    },

    /** Ends an interval at `to`, or makes it empty if it began later. */
    async cut(id: string, to: Date): Promise<void> {
      await collection.updateOne({ _id: id }, { $min: { to } });
    },

    /** Returns the last time at which a receiver was up; null if none ever was. */
    async lastKnown(): Promise<Date | null> {
      return (await collection.findOne({}, { sort: { to: -1 } }))?.to ?? null;
    },

    /** Returns true if some receiver was up all the time from `from` to `to`. */
    covered: async (from: Date, to: Date): Promise<boolean> => covers(await since(from), from, to),
  };
}

/** Returns true if the intervals, sorted by their beginning, cover the time from `from` to `to`. */
export function covers(intervals: readonly { from: Date; to: Date }[], from: Date, to: Date): boolean {
  let reached: Date | null = null;
  for (const one of intervals) {
    if (one.to < from) continue;
    if (one.from > (reached ?? from)) return false;
    if (reached === null || one.to > reached) reached = one.to;
    if (reached >= to) return true;
  }
  return false;
}
