import type { Collection } from 'mongodb';
import { type ReceiverUptimeDocument, SCHEMA_VERSION } from './documents.ts';

/** When a receiver of webhooks listened and could store what came. */
export function receiverUptime(collection: Collection<ReceiverUptimeDocument>) {
  const since = (from: Date): Promise<{ from: Date; to: Date }[]> =>
    collection
      .find({ to: { $gte: from } })
      .sort({ from: 1 })
      .toArray();

  return {
    /** The times from then on in which some receiver is known to have been up, in the order of their beginnings. */
    since,

    /** Opens an interval, or prolongs it: the receiver was up from `from` to `to`. */
    async beat(id: string, from: Date, to: Date): Promise<void> {
      await collection.updateOne(
        { _id: id },
        { $max: { to }, $setOnInsert: { from, schemaVersion: SCHEMA_VERSION } },
        { upsert: true },
      );
    },

    /** Takes back what an interval claims after that moment; of one that began later nothing is left. */
    async cut(id: string, to: Date): Promise<void> {
      await collection.updateOne({ _id: id }, { $min: { to } });
    },

    /** The last moment at which a receiver is known to have been up; null while none ever was. */
    async lastKnown(): Promise<Date | null> {
      return (await collection.findOne({}, { sort: { to: -1 } }))?.to ?? null;
    },

    /** True when at every moment from `from` to `to` some receiver is known to have been up. */
    covered: async (from: Date, to: Date): Promise<boolean> => covers(await since(from), from, to),
  };
}

/** True when at every moment from `from` to `to` some receiver was up; intervals come in the order of their beginnings. */
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
