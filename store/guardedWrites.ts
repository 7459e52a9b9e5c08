import {
  type AnyBulkWriteOperation,
  type Collection,
  type Document,
  MongoBulkWriteError,
  MongoServerError,
} from 'mongodb';
import { notice } from '../domain/disclosure.ts';
import type { ReferralRevision } from '../domain/referral.ts';
import { coalesce } from './coalesce.ts';
import { isConnectionFault, isDuplicateKey } from './conflict.ts';
import { unknownConsent } from './disclosureDocuments.ts';
import { type RecordDocument, type ReferralDocument, SCHEMA_VERSION } from './documents.ts';

/** How many revisions a referral keeps, the newest ones: they are in one document, which MongoDB limits to 16 MB. */
export const KEPT_REVISIONS = 500;

/** The fields of a record that every write sets, and by which a write is recognized afterwards. */
export interface RecordUpdate {
  $set: Partial<RecordDocument> & { updatedAt: Date };
  $unset?: { plannedRevision: '' };
  $inc: { rev: 1 };
}

/** Writes a record as long as it still has the revision that was read. Returns false where another writer was faster. */
export type WriteRecord = (read: Pick<RecordDocument, '_id' | 'rev'>, update: RecordUpdate) => Promise<boolean>;

/** Adds a revision to a record's referral, whose number must be the next one. Returns false where another writer was faster. */
export type AddRevision = (record: ReferralOwner, next: ReferralRevision) => Promise<boolean>;

type ReferralOwner = Pick<RecordDocument, '_id' | 'instance' | 'casefileId'>;

/** Returns the function that writes one record at a time. */
export function writeRecord(collection: Collection<RecordDocument>): WriteRecord {
  return async ({ _id, rev }, update) => (await collection.updateOne({ _id, rev }, update)).matchedCount === 1;
}

/** Returns the function that writes what comes together as one bulk write. */
export function writeRecordsTogether(collection: Collection<RecordDocument>): WriteRecord {
  const writeOne = writeRecord(collection);
  const write = coalesce<{ read: Pick<RecordDocument, '_id' | 'rev'>; update: RecordUpdate }, boolean>(
    async (writes) => {
      const [only, ...others] = writes;
      if (only !== undefined && others.length === 0) return [await writeOne(only.read, only.update)];
      const { errors, written } = await bulkWrite(
        collection,
        writes.map(({ read: { _id, rev }, update }) => ({ updateOne: { filter: { _id, rev }, update } })),
        async (place) => {
          const alone = writes[place];
          return alone !== undefined && (await writeOne(alone.read, alone.update));
        },
      );
      if (errors.size === 0 && written === writes.length) return writes.map(() => true);
      const ids = writes.map(({ read }) => read._id);
      const found = await collection.find({ _id: { $in: ids } }, { projection: WRITTEN }).toArray();
      const now = new Map(found.map((record) => [record._id, record]));
      return writes.map((one, place) => errors.get(place) ?? isRecordWritten(now.get(one.read._id), one));
    },
  );
  return (read, update) => write({ read, update });
}

const WRITTEN = { rev: 1, updatedAt: 1, lastPull: 1, plannedRevision: 1 } as const;

/** A bulk write says only how many of its writes matched. Which ones did is seen by what they set. */
function isRecordWritten(
  now: RecordDocument | undefined,
  { read, update: { $set } }: { read: Pick<RecordDocument, 'rev'>; update: RecordUpdate },
): boolean {
  if (now === undefined || now.rev !== read.rev + 1 || now.updatedAt.getTime() !== $set.updatedAt.getTime())
    return false;
  if ($set.plannedRevision !== undefined)
    return now.plannedRevision !== undefined && isSameRevision(now.plannedRevision, $set.plannedRevision);
  return now.lastPull?.key === $set.lastPull?.key && now.lastPull?.outcome === $set.lastPull?.outcome;
}

/** Returns the function that adds one revision at a time. */
export function addRevision(collection: Collection<ReferralDocument>): AddRevision {
  return async (record, next) => {
    if (next.revision > 1) {
      const { filter, update } = appended(record, next);
      return (await collection.updateOne(filter, update)).matchedCount === 1;
    }
    try {
      await collection.insertOne(firstOf(record, next));
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  };
}

/** Returns the function that adds what comes together as one bulk write. */
export function addRevisionsTogether(collection: Collection<ReferralDocument>): AddRevision {
  const addOne = addRevision(collection);
  const add = coalesce<{ record: ReferralOwner; next: ReferralRevision }, boolean>(async (added) => {
    const [only, ...others] = added;
    if (only !== undefined && others.length === 0) return [await addOne(only.record, only.next)];
    const { errors, written } = await bulkWrite(
      collection,
      added.map(
        ({ record, next }): AnyBulkWriteOperation<ReferralDocument> =>
          next.revision === 1
            ? { insertOne: { document: firstOf(record, next) } }
            : { updateOne: appended(record, next) },
      ),
      async (place) => {
        const alone = added[place];
        return alone !== undefined && (await addOne(alone.record, alone.next));
      },
    );
    if (errors.size === 0 && written === added.length) return added.map(() => true);
    const ids = added.map(({ record }) => record._id);
    const found = await collection.find({ _id: { $in: ids } }, { projection: { revisions: { $slice: -1 } } }).toArray();
    const latest = new Map(found.map(({ _id, revisions }) => [_id, revisions[0]]));
    return added.map(({ record, next }, place) => {
      const error = errors.get(place);
      if (error !== undefined) return isDuplicateKey(error) ? false : error;
      const now = latest.get(record._id);
      return now !== undefined && isSameRevision(now, next);
    });
  });
  return (record, next) => add({ record, next });
}

function appended({ _id }: ReferralOwner, next: ReferralRevision) {
  return {
    filter: { _id, revision: next.revision - 1 },
    update: {
      $set: { ...next, notice, updatedAt: next.at, ...droppedAt(next.revision) },
      $push: { revisions: { $each: [next], $slice: -KEPT_REVISIONS } },
    },
  };
}

/** Returns how many revisions are no longer kept at this one: revisions are counted from 1, without gaps. */
function droppedAt(revision: number): { revisionsDropped?: number } {
  return revision > KEPT_REVISIONS ? { revisionsDropped: revision - KEPT_REVISIONS } : {};
}

function firstOf({ _id, instance, casefileId }: ReferralOwner, next: ReferralRevision): ReferralDocument {
  return {
    _id,
    schemaVersion: SCHEMA_VERSION,
    instance,
    casefileId,
    ...next,
    notice,
    consent: unknownConsent,
    revisions: [next],
    createdAt: next.at,
    updatedAt: next.at,
  };
}

function isSameRevision(a: ReferralRevision, b: ReferralRevision): boolean {
  return a.revision === b.revision && a.change === b.change && a.at.getTime() === b.at.getTime();
}

/**
 * Sends the writes in any order. Returns how many were written, and the errors of single ones by their place. One that is too
 * large makes the driver or the server refuse all that came with it: each is then written alone, as it is without company.
 */
async function bulkWrite<Schema extends Document>(
  collection: Collection<Schema>,
  writes: AnyBulkWriteOperation<Schema>[],
  writeAlone: (place: number) => Promise<boolean>,
): Promise<{ written: number; errors: Map<number, Error> }> {
  try {
    const { matchedCount, insertedCount } = await collection.bulkWrite(writes, { ordered: false });
    return { written: matchedCount + insertedCount, errors: new Map() };
  } catch (error) {
    const failed = error instanceof MongoBulkWriteError ? [error.writeErrors].flat() : [];
    if (failed.length === 0) {
      if (isConnectionFault(error)) throw error;
      return writeEach(writes.length, writeAlone);
    }
    return {
      written: 0,
      errors: new Map(failed.map(({ index, code, errmsg = '' }) => [index, new MongoServerError({ code, errmsg })])),
    };
  }
}

async function writeEach(
  count: number,
  writeAlone: (place: number) => Promise<boolean>,
): Promise<{ written: number; errors: Map<number, Error> }> {
  const errors = new Map<number, Error>();
  let written = 0;
  for (let place = 0; place < count; place += 1) {
    try {
      if (await writeAlone(place)) written += 1;
    } catch (error) {
      if (isConnectionFault(error) || !(error instanceof Error)) throw error;
      errors.set(place, error);
    }
  }
  return { written, errors };
}
