import type { AnyBulkWriteOperation, Collection } from 'mongodb';
import type { Place } from '../domain/detectedChange.ts';
import { type DueReason, dueReason, isChanged } from '../domain/due.ts';
import { addDays, instantOf } from '../domain/time.ts';
import type { Webhook } from '../domain/webhookHealth.ts';
import { type RecordDocument, SCHEMA_VERSION } from './documents.ts';
import { newRecordId } from './ids.ts';

/** A row of KIPU's list, as far as a record needs it. */
export interface ListedRow {
  casefileId: string;
  masterId: string;
  lastUpdatedAt: string | null;
  locationId?: string | null;
  locationName?: string | null;
}

/** A version that the list had not shown before, and the webhook that should have announced it. The location is the row's. */
export interface DetectedChange extends Place {
  record: string;
  casefileId: string;
  version: string;
  webhook: Webhook;
}

/** What taking up a page of rows gave. */
export interface UpsertedPage {
  /** Ids of the records that are due, in the rows' order. */
  due: string[];
  /** Those of them that were marked as owed only now, which counts as one write of the record. */
  marked: ReadonlySet<string>;
  changes: DetectedChange[];
}

const KNOWN = {
  casefileId: 1,
  listedVersion: 1,
  pulledVersion: 1,
  chartVersion: 1,
  pulledAt: 1,
  pending: 1,
  retryAt: 1,
  hold: 1,
} as const;

type Known = Pick<RecordDocument, '_id' | keyof typeof KNOWN>;

/** How listed rows meet the records. */
export function listing(collection: Collection<RecordDocument>) {
  return {
    /**
     * Takes up one page of rows: makes the records of charts never seen, marks changed ones as owed, notes changes of
     * held ones. Rows that did not change cost one read and no write.
     */
    async upsertListed(instance: string, rows: readonly ListedRow[], now: Date): Promise<UpsertedPage> {
      const unique = [...new Map(rows.map((row) => [row.casefileId, row])).values()];
      const known = await byCasefile(instance, unique);
      const due = unique.map((row) => {
        const record = known.get(row.casefileId) ?? null;
        const fresh = record && { ...record, held: record.hold !== null };
        const reason = dueReason(fresh, row.lastUpdatedAt, now);
        return { row, record, reason, writes: writeOf(instance, { row, record, reason }, now) };
      });

      const writes = due.flatMap((one) => one.writes);
      if (writes.length > 0) await collection.bulkWrite(writes, { ordered: false });

      const fresh = due.filter((one) => one.reason === 'new').map((one) => one.row);
      const made = fresh.length > 0 ? await byCasefile(instance, fresh) : known;
      const named = due.flatMap((one) => {
        const id = one.record?._id ?? made.get(one.row.casefileId)?._id;
        return id === undefined ? [] : [{ ...one, id }];
      });
      return {
        due: named.filter(({ reason }) => reason !== null).map(({ id }) => id),
        marked: new Set(
          named.flatMap(({ id, record, writes: own }) => (record !== null && own.length > 0 ? [id] : [])),
        ),
        changes: named.flatMap(changeOf),
      };
    },

    /**
     * The revision of each record whose chart may be in the census from that day on, by casefile id: what a row that is
     * asked for afterwards may be written upon.
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

    /** Ids of the instance's records to which a pull is owed by now, in the order of ids, behind `after`. */
    async owed(instance: string, after: string | null, now: Date, limit: number): Promise<string[]> {
      const found = await collection
        .find(
          {
            instance,
            pending: true,
            $or: [{ retryAt: null }, { retryAt: { $lte: now } }],
            ...(after === null ? {} : { _id: { $gt: after } }),
          },
          { projection: { _id: 1 } },
        )
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
      return found.map((record) => record._id);
    },
  };

  async function byCasefile(instance: string, rows: readonly ListedRow[]): Promise<Map<string, Known>> {
    const casefileIds = rows.map((row) => row.casefileId);
    const found = await collection
      .find<Known>({ instance, casefileId: { $in: casefileIds } }, { projection: KNOWN })
      .toArray();
    return new Map(found.map((record) => [record.casefileId, record]));
  }
}

function changeOf({ row, record, id }: { row: ListedRow; record: Known | null; id: string }): DetectedChange[] {
  const version = row.lastUpdatedAt;
  // Without a version nobody can tell whether the chart changed.
  if (version === null || record?.listedVersion === version) return [];
  // A record that a webhook made is in no list before this one: its chart is new as well.
  const webhook = (record?.listedVersion ?? null) === null ? 'patient-creation' : 'chart-update';
  const { casefileId, locationId = null, locationName = null } = row;
  return [{ record: id, casefileId, version, webhook, locationId, locationName }];
}

function writeOf(
  instance: string,
  { row, record, reason }: { row: ListedRow; record: Known | null; reason: DueReason | null },
  now: Date,
): AnyBulkWriteOperation<RecordDocument>[] {
  if (record === null) {
    const update = { $setOnInsert: newRecord(instance, row, now) };
    return [{ updateOne: { filter: { instance, casefileId: row.casefileId }, update, upsert: true } }];
  }
  // A row without a version must not hide the last one that was listed: the next row would look like a change.
  const listed = row.lastUpdatedAt ?? record.listedVersion;
  const version = { listedVersion: listed, updatedAt: now };
  if (record.hold !== null && record.listedVersion !== listed && isChanged(record, row.lastUpdatedAt)) {
    // What a webhook announced before is counted.
    const update = record.hold.unlisted
      ? { $set: { ...version, 'hold.unlisted': false }, $inc: { rev: 1 } }
      : { $set: version, $inc: { 'hold.changesWaiting': 1, rev: 1 } };
    return [
      { updateOne: { filter: { _id: record._id, hold: { $ne: null }, listedVersion: record.listedVersion }, update } },
    ];
  }
  if (reason === 'changed' && !(record.pending && record.listedVersion === listed)) {
    const update = { $set: { ...version, pending: true, retryAt: null }, $inc: { rev: 1 } };
    return [{ updateOne: { filter: { _id: record._id, hold: null }, update } }];
  }
  if (reason === null && record.hold === null && record.listedVersion !== listed) {
    // A webhook was faster: what the list shows only now was pulled before.
    const update = { $set: { ...version, pulledVersion: row.lastUpdatedAt }, $inc: { rev: 1 } };
    return [{ updateOne: { filter: { _id: record._id, chartVersion: row.lastUpdatedAt }, update } }];
  }
  return [];
}

/** A record as it begins: a pull of its chart is owed at once. */
export function newRecord(instance: string, row: ListedRow, now: Date): RecordDocument {
  return {
    _id: newRecordId(),
    schemaVersion: SCHEMA_VERSION,
    instance,
    casefileId: row.casefileId,
    masterId: row.masterId,
    status: 'new',
    listedVersion: row.lastUpdatedAt,
    pulledVersion: null,
    chartVersion: null,
    pulledAt: null,
    pending: true,
    retryAt: null,
    chart: null,
    search: null,
    missing: [],
    hold: null,
    unlocked: null,
    failure: null,
    lastPull: null,
    rev: 1,
    createdAt: now,
    updatedAt: now,
  };
}
