import type { Collection } from 'mongodb';
import { dischargedAt } from '../domain/lock.ts';
import { type TimeZones, zoneAt } from '../domain/time.ts';
import type { RecordDocument } from './documents.ts';

const AT_ONCE = 500;

/** Operations on records after time zones changed in the settings. */
export function rezoning(collection: Collection<RecordDocument>) {
  return {
    /**
     * Recalculates the discharges of the instance's stored charts that were read in other zones than the settings name now.
     * Records that are not held become owed, so that the next run decides on lock and referral again.
     */
    async rezone(instance: string, zones: TimeZones): Promise<void> {
      const groups = await collection
        .aggregate<{ _id: { location?: string | null; zone?: string | null } }>([
          { $match: { instance, chart: { $ne: null } } },
          { $group: { _id: { location: '$chart.locationId', zone: '$timeZone' } } },
        ])
        .toArray();
      for (const { location = null, zone = null } of groups.map(({ _id }) => _id)) {
        const wanted = zoneAt(zones, location);
        if (wanted !== zone) await rezoneAll(instance, location, zone, wanted);
      }
    },
  };

  async function rezoneAll(instance: string, location: string | null, from: string | null, to: string): Promise<void> {
    for (let after = ''; ; ) {
      const found = await collection
        .find({
          ...{ instance, chart: { $ne: null }, 'chart.locationId': location, _id: { $gt: after } },
          timeZone: from === null ? { $exists: false } : from,
        })
        .project<Pick<RecordDocument, '_id' | 'chart' | 'status' | 'rev'>>({ chart: 1, status: 1, rev: 1 })
        .sort({ _id: 1 })
        .limit(AT_ONCE)
        .toArray();
      if (found.length === 0) return;
      await collection.bulkWrite(
        found.map((record) => ({ updateOne: rezoned(record, to) })),
        { ordered: false },
      );
      after = found.at(-1)?._id ?? after;
    }
  }
}

function rezoned({ _id, chart, status, rev }: Pick<RecordDocument, '_id' | 'chart' | 'status' | 'rev'>, zone: string) {
  const owed = status === 'synced' || status === 'notReady' ? { pending: true, retryAt: null } : {};
  const discharge = dischargedAt(chart?.dischargeDate ?? null, zone);
  return {
    // A pull in between uses the new zone itself.
    filter: { _id, rev },
    update: { $set: { timeZone: zone, dischargedAt: discharge, ...owed }, $inc: { rev: 1 } },
  };
}
