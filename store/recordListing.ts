import { type AnyBulkWriteOperation, type Collection, MongoBulkWriteError } from 'mongodb';
import type { Place } from '../domain/detectedChange.ts';
import { type DueReason, dueReason, isChanged } from '../domain/due.ts';
import type { Webhook } from '../domain/webhookHealth.ts';
import { DUPLICATE_KEY, isDuplicateKey } from './conflict.ts';
import { type RecordDocument, SCHEMA_VERSION } from './documents.ts';
import { newRecordId } from './ids.ts';

/** The fields of a list row that records need. */
export interface ListedRow {
  casefileId: string;
  masterId: string;
  lastUpdatedAt: string | null;
  locationId?: string | null;
  locationName?: string | null;
}

/** A version that was not listed before, and the webhook that should have announced it. The location is the row's. */
export interface DetectedChange extends Place {
  record: string;
  casefileId: string;
  version: string;
  webhook: Webhook;
}

/** The result of upserting a page of rows. */
export interface UpsertedPage {
  /** Ids of the records that are due, in the rows' order. */
  due: string[];
  /** Those of them that were marked as owed just now, which is one write of the record. */
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

/** Finds the charts that were purged. */
export interface PurgedCharts {
  amongst(instance: string, casefileIds: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Operations on records by what KIPU lists, and by what its webhooks name. */
export function listing(collection: Collection<RecordDocument>, purged: PurgedCharts) {
  return {
    /**
     * Upserts one page of rows: creates records of new charts, marks changed ones as owed, counts changes of held ones. Rows
     * that did not change cost one read and no write; those of purged charts are left out. `repeated` are charts
     * that an earlier page of the same run listed.
     */
    async upsertListed(
      instance: string,
      rows: readonly ListedRow[],
      now: Date,
      repeated: ReadonlySet<string> = new Set(),
    ): Promise<UpsertedPage> {
      const all = [...new Map(rows.map((row) => [row.casefileId, row])).values()];
      const known = await byCasefile(instance, all);
      // Read after the records: a purge stores this first and then removes the record.
      const strange = all.filter(({ casefileId }) => !known.has(casefileId)).map(({ casefileId }) => casefileId);
      const gone = await purged.amongst(instance, strange);
      const unique = all.filter(({ casefileId }) => !gone.has(casefileId));
      const due = unique.map((row) => {
        const record = known.get(row.casefileId) ?? null;
        const fresh = record && { ...record, held: record.hold !== null };
        const reason = dueReason(fresh, row.lastUpdatedAt, now, repeated.has(row.casefileId));
        return { row, record, reason, writes: record === null ? [] : updatesOf(record, row, reason, now) };
      });

      const updates = due.flatMap(({ writes }) => writes);
      if (updates.length > 0) await collection.bulkWrite(updates, { ordered: false });
      const created = await create(
        instance,
        due.flatMap(({ record, row }) => (record === null ? [newRecord(instance, row, now)] : [])),
      );
      const withIds = due.flatMap((one) => {
        const id = one.record?._id ?? created.get(one.row.casefileId)?._id;
        return id === undefined ? [] : [{ ...one, id }];
      });
      return {
        due: withIds.filter(({ reason }) => reason !== null).map(({ id }) => id),
        marked: new Set(
          withIds.flatMap(({ id, record, writes: own }) => (record !== null && own.length > 0 ? [id] : [])),
        ),
        changes: withIds.flatMap(changeOf),
      };
    },

    /**
     * Returns the record of a chart that a webhook named. Creates it, with a pull owed, for a chart that was never listed. Returns
     * null for one that was purged.
     */
    async ensureRecord(
      instance: string,
      casefileId: string,
      masterId: string,
      now: Date,
    ): Promise<(Pick<RecordDocument, '_id' | 'instance'> & { held: boolean }) | null> {
      const fresh = newRecord(instance, { casefileId, masterId, lastUpdatedAt: null }, now);
      for (;;) {
        const known = await collection.findOne({ instance, casefileId }, { projection: { hold: 1 } });
        if (known !== null) return { _id: known._id, instance, held: known.hold !== null };
        if ((await purged.amongst(instance, [casefileId])).size > 0) return null;
        try {
          await collection.insertOne(fresh);
          return { _id: fresh._id, instance, held: false };
        } catch (error) {
          // A run or another delivery just created it.
          if (!isDuplicateKey(error)) throw error;
        }
      }
    },
  };

  /** Inserts records of one instance, and returns those that exist now: where a webhook was faster, the one it created. */
  async function create(
    instance: string,
    fresh: readonly RecordDocument[],
  ): Promise<ReadonlyMap<string, Pick<RecordDocument, '_id'>>> {
    if (fresh.length === 0) return new Map();
    const isEvery = await collection.insertMany([...fresh], { ordered: false }).then(() => true, onlyDuplicates);
    return isEvery ? new Map(fresh.map((record) => [record.casefileId, record])) : byCasefile(instance, fresh);
  }

  async function byCasefile(
    instance: string,
    rows: readonly Pick<ListedRow, 'casefileId'>[],
  ): Promise<Map<string, Known>> {
    const casefileIds = rows.map((row) => row.casefileId);
    const found = await collection
      .find<Known>({ instance, casefileId: { $in: casefileIds } }, { projection: KNOWN })
      .toArray();
    return new Map(found.map((record) => [record.casefileId, record]));
  }
}

function changeOf({ row, record, id }: { row: ListedRow; record: Known | null; id: string }): DetectedChange[] {
  const version = row.lastUpdatedAt;
  // Without a version it is unknown whether the chart changed.
  if (version === null || record?.listedVersion === version) return [];
  // A record that a webhook created was not listed before: its chart is new too.
  const webhook = (record?.listedVersion ?? null) === null ? 'patient-creation' : 'chart-update';
  const { casefileId, locationId = null, locationName = null } = row;
  return [{ record: id, casefileId, version, webhook, locationId, locationName }];
}

/** Returns the write of a listed record, if any. */
function updatesOf(
  record: Known,
  row: ListedRow,
  reason: DueReason | null,
  now: Date,
): AnyBulkWriteOperation<RecordDocument>[] {
  // A row without a version keeps the last listed one; otherwise the next row would look like a change.
  const listed = row.lastUpdatedAt ?? record.listedVersion;
  const version = { listedVersion: listed, updatedAt: now };
  if (record.hold !== null && record.listedVersion !== listed && isChanged(record, row.lastUpdatedAt)) {
    // A change that a webhook announced was counted before.
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
  if (reason === null && record.listedVersion !== listed) {
    // A webhook was faster: this version was pulled before it was listed.
    const update = { $set: { ...version, pulledVersion: row.lastUpdatedAt }, $inc: { rev: 1 } };
    return [{ updateOne: { filter: { _id: record._id, chartVersion: row.lastUpdatedAt }, update } }];
  }
  return [];
}

/** Returns false if all that was refused exists already. @throws the error otherwise. */
function onlyDuplicates(error: unknown): false {
  const refused = error instanceof MongoBulkWriteError ? [error.writeErrors].flat() : [];
  if (refused.length > 0 && refused.every(({ code }) => code === DUPLICATE_KEY)) return false;
  throw error;
}

/** Returns a new record, with a pull owed at once. */
function newRecord(instance: string, row: ListedRow, now: Date): RecordDocument {
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
