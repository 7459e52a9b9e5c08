import type { Collection } from 'mongodb';
import { dischargedAt } from '../domain/lock.ts';
import { addDays, instantOf, type TimeZones, zoneAt } from '../domain/time.ts';
import type { RecordDocument, RecordStatus } from './documents.ts';
import { attentionLists } from './recordAttention.ts';
import { dischargeLists } from './recordDischarges.ts';
import { holds } from './recordHolds.ts';
import { listing, type PurgedCharts } from './recordListing.ts';
import { recordLists } from './recordLists.ts';
import { pulls } from './recordPulls.ts';
import { runRecords } from './runRecords.ts';

/** Operations on records, one per chart. A chart that was purged gets no record again. */
export function records(collection: Collection<RecordDocument>, purged: PurgedCharts) {
  return {
    ...listing(collection, purged),
    ...pulls(collection),
    ...holds(collection),
    ...recordLists(collection),
    ...attentionLists(collection),
    ...dischargeLists(collection),
    ...runRecords(collection),
    ...rezoning(collection),

    get: (recordId: string): Promise<RecordDocument | null> => collection.findOne({ _id: recordId }),

    /** Returns the records of these charts, in any state. */
    ofCharts: (instance: string, casefileIds: string[]): Promise<RecordDocument[]> =>
      collection.find({ instance, casefileId: { $in: casefileIds } }).toArray(),

    /** Returns how many records of the instance are not void; of these charts alone if they are given. */
    open(instance: string, casefileIds?: readonly string[]): Promise<number> {
      const ofCharts = casefileIds === undefined ? {} : { casefileId: { $in: [...casefileIds] } };
      return collection.countDocuments({ instance, status: { $ne: 'void' }, ...ofCharts });
    },

    /** Removes the record as it was read. Returns false when it was written since then. */
    async remove({ _id, rev }: Pick<RecordDocument, '_id' | 'rev'>): Promise<boolean> {
      return (await collection.deleteOne({ _id, rev })).deletedCount === 1;
    },

    /** Returns records that were discharged, or without a discharge last written, before then; held ones are left out. */
    endedBefore(before: Date, instances: readonly string[], limit: number): Promise<RecordDocument[]> {
      const ended = [{ dischargedAt: { $lt: before } }, { dischargedAt: null, updatedAt: { $lt: before } }];
      return collection
        .find({ instance: { $in: [...instances] }, hold: null, $or: ended })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
    },

    /**
     * Returns `rev` of each record whose chart may be in the census from that day on, by casefile id. A row requested afterwards
     * may be written only on that revision.
     */
    async revisions(instance: string, startDay: string): Promise<Map<string, number>> {
      // Days differ by time zone.
      const since = addDays(instantOf(startDay), -2);
      const found = await collection
        .find<Pick<RecordDocument, 'casefileId' | 'rev'>>(
          { instance, status: { $ne: 'void' }, $or: [{ dischargedAt: null }, { dischargedAt: { $gte: since } }] },
          { projection: { _id: 0, casefileId: 1, rev: 1 } },
        )
        .toArray();
      return new Map(found.map(({ casefileId, rev }) => [casefileId, rev]));
    },

    /**
     * Returns the ids of the instance's records with an owed pull, sorted, after `after`. Pulls that failed since `runStart`
     * wait for the next run.
     */
    async owed(
      instance: string,
      { after, runStart, now, limit }: { after: string | null; runStart: Date; now: Date; limit: number },
    ): Promise<string[]> {
      const found = await collection
        .find(
          {
            instance,
            pending: true,
            $or: [{ retryAt: null }, { retryAt: { $lte: now } }],
            $nor: [{ 'failure.at': { $gte: runStart } }],
            ...(after === null ? {} : { _id: { $gt: after } }),
          },
          { projection: { _id: 1 } },
        )
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
      return found.map((record) => record._id);
    },

    /** How many of the instance's records are owed a pull, also those whose time has not come. A planned discharge is not. */
    countOwed: (instance: string): Promise<number> =>
      collection.countDocuments({ instance, pending: true, $or: [{ retryAt: null }, { status: 'failed' }] }),

    /** Returns records, latest change first. */
    list(filter: { instance?: string; status?: RecordStatus }, limit: number): Promise<RecordDocument[]> {
      return collection.find(filter).sort({ updatedAt: -1, _id: 1 }).limit(limit).toArray();
    },

    /** Returns how many records of the instance are in each status. */
    async tally(instance: string): Promise<Partial<Record<RecordStatus, number>>> {
      const groups = await collection
        .aggregate<{ _id: RecordStatus; n: number }>([
          { $match: { instance } },
          { $group: { _id: '$status', n: { $sum: 1 } } },
        ])
        .toArray();
      return Object.fromEntries(groups.map(({ _id, n }) => [_id, n]));
    },
  };
}

const AT_ONCE = 500;

/** Operations on records after time zones changed in the settings. */
function rezoning(collection: Collection<RecordDocument>) {
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
