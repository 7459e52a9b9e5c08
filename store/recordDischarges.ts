import type { Collection, Document, Filter } from 'mongodb';
import { type DischargeFacts, dischargedStatuses } from '../domain/day.ts';
import type { RecordDocument } from './documents.ts';

/** A discharge as the record has it. The zone is null in records from before zones were stored. */
export type StoredDischarge = Omit<DischargeFacts, 'zone' | 'referredAt'> & { zone: string | null };

/** The most discharges of one status that are read. Beyond that the newest are left out. */
const MOST = 20_000;

/** Returns the filter of an instance's discharges within that time whose records have that status. It has an index. */
export function dischargeFilter(
  instance: string,
  status: StoredDischarge['status'],
  { from, before }: { from: Date; before: Date },
) {
  return { status, instance, dischargedAt: { $gte: from, $lt: before } } satisfies Filter<RecordDocument>;
}

const projection: Document = {
  ...{ instance: 1, status: 1, dischargedAt: 1, timeZone: 1, lastHold: 1 },
  ...{ 'chart.locationName': 1, 'chart.destination': 1, 'chart.dischargeDate': 1 },
};

interface Row extends Pick<RecordDocument, '_id' | 'instance' | 'dischargedAt' | 'timeZone' | 'lastHold'> {
  status: StoredDischarge['status'];
  chart: { locationName?: string | null; destination?: string | null; dischargeDate?: string | null } | null;
}

/** Queries of discharges. */
export function dischargeLists(collection: Collection<RecordDocument>) {
  return {
    /** Returns the instance's discharges within that time. */
    async discharges(instance: string, within: { from: Date; before: Date }): Promise<StoredDischarge[]> {
      const lists = await Promise.all(
        dischargedStatuses.map((status) =>
          collection
            .find<Row>(dischargeFilter(instance, status, within), { projection })
            .sort({ dischargedAt: 1, _id: 1 })
            .limit(MOST)
            // In one answer instead of one for each hundred.
            .batchSize(MOST)
            .toArray(),
        ),
      );
      return lists.flat().flatMap((row) => (row.dischargedAt == null ? [] : [storedDischarge(row, row.dischargedAt)]));
    },
  };
}

function storedDischarge({ _id, instance, status, timeZone, lastHold, chart }: Row, at: Date): StoredDischarge {
  return {
    ...{ record: _id, instance, status, at, zone: timeZone ?? null, wasLocked: lastHold !== undefined },
    ...{ location: chart?.locationName ?? null, destination: chart?.destination ?? null },
    dischargeDate: chart?.dischargeDate ?? null,
  };
}
