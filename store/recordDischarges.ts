import type { Collection, Document } from 'mongodb';
import { type DischargeFacts, dischargedStatuses } from '../domain/day.ts';
import type { ReferralStatus } from '../domain/referral.ts';
import type { RecordDocument } from './documents.ts';

/** A discharge as it is stored. The zone is null in records from before zones were stored. */
export type StoredDischarge = Omit<DischargeFacts, 'zone'> & { zone: string | null };

/** The most discharges of one status that are read. Beyond that the newest are left out. */
const MOST = 20_000;

/** Returns the aggregation of an instance's discharges within that time whose records have that status. */
export function dischargePipeline(
  instance: string,
  status: (typeof dischargedStatuses)[number],
  { from, before }: { from: Date; before: Date },
): Document[] {
  return [
    { $match: { status, instance, dischargedAt: { $gte: from, $lt: before } } },
    { $sort: { dischargedAt: 1, _id: 1 } },
    { $limit: MOST },
    { $lookup: { from: 'referrals', localField: '_id', foreignField: '_id', as: 'found' } },
    { $unwind: { path: '$found', preserveNullAndEmptyArrays: true } },
    {
      $project: {
        ...{ instance: 1, status: 1, dischargedAt: 1, timeZone: 1, lastHold: 1 },
        ...{ location: '$chart.locationName', destination: '$chart.destination' },
        dischargeDate: '$chart.dischargeDate',
        referral: '$found.status',
        referredAt: '$found.createdAt',
      },
    },
  ];
}

interface Row extends Pick<RecordDocument, '_id' | 'instance' | 'dischargedAt' | 'timeZone' | 'lastHold'> {
  status: StoredDischarge['status'];
  location?: string | null;
  destination?: string | null;
  dischargeDate?: string | null;
  /** Of the referral, if there is one. */
  referral?: ReferralStatus;
  referredAt?: Date;
}

/** Queries of discharges. */
export function dischargeLists(collection: Collection<RecordDocument>) {
  return {
    /** Returns the instance's discharges within that time, with their referrals. */
    async discharges(instance: string, within: { from: Date; before: Date }): Promise<StoredDischarge[]> {
      const lists = await Promise.all(
        dischargedStatuses.map((status) =>
          collection.aggregate<Row>(dischargePipeline(instance, status, within)).toArray(),
        ),
      );
      return lists.flat().flatMap((row) => (row.dischargedAt == null ? [] : [storedDischarge(row, row.dischargedAt)]));
    },
  };
}

function storedDischarge(row: Row, at: Date): StoredDischarge {
  return {
    ...{ record: row._id, instance: row.instance, status: row.status, at, zone: row.timeZone ?? null },
    ...{ location: row.location ?? null, destination: row.destination ?? null },
    dischargeDate: row.dischargeDate ?? null,
    referral: row.referral ?? null,
    referredAt: row.referredAt ?? null,
    wasLocked: row.lastHold !== undefined,
  };
}
