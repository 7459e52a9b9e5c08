import { createHash, createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Collection, type Filter, MongoBulkWriteError } from 'mongodb';
import { canonicalText } from '../domain/audit.ts';
import type { AuditDocument, AuditHeadDocument } from './accessDocuments.ts';
import { coalesce } from './coalesce.ts';
import { isConnectionFault, isDuplicateKey, StoreConflictError } from './conflict.ts';
import { SCHEMA_VERSION } from './documents.ts';

/** Only other processes compete for the next place: a few lost races are normal, this many in a row are not. */
const TRIES = 40;
/** The id of the document that names the last entry. */
export const HEAD = 'head';

/** An event before it has its place in the chain. */
export type AuditEvent = Omit<AuditDocument, 'schemaVersion' | 'seq' | 'previous' | 'hash' | 'mac'>;

/** The place of an entry in the chain. */
export interface AuditHead {
  seq: number;
  hash: string;
}

/** An event that is not added yet, with its place among those that came together. */
interface Waiting {
  event: AuditEvent;
  place: number;
}

/** Thrown where the audit is written with a key, and this process has none: its entry would look forged. */
export class AuditKeyMissingError extends Error {
  override readonly name = 'AuditKeyMissingError';

  constructor() {
    super('The entries of the audit are authenticated, and this process has no key: set AUDIT_KEY or AUDIT_KEY_FILE.');
  }
}

/** Returns the hash of an entry's canonical text: SHA-256, hexadecimal. */
export function auditHash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Returns the code of an entry's canonical text: HMAC-SHA-256, hexadecimal. */
export function auditMac(text: string, key: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

/**
 * Returns the function that adds one event to the end of the chain. Events that come while others are being added are added
 * together afterwards, in their order: the end is read, the entries are inserted, and the head is moved once for all of them.
 */
export function appendEvents(
  collection: Collection<AuditDocument>,
  heads: Collection<AuditHeadDocument>,
  key: string | undefined,
): (event: AuditEvent) => Promise<void> {
  return coalesce<AuditEvent, void>(appendAll);

  /** Returns for each event undefined once it is durable, or its error. Throws where the head could not be moved. */
  async function appendAll(events: readonly AuditEvent[]): Promise<(undefined | Error)[]> {
    const results: (undefined | Error)[] = events.map(() => undefined);
    let waiting: readonly Waiting[] = events.map((event, place) => ({ event, place }));
    let last: AuditHead | null = null;
    try {
      for (let lost = 0; waiting.length > 0; ) {
        const inserted = await insertAtEnd(waiting);
        // After a fault, what is in the chain is seen there: also an entry that was added before, whose writer may have crashed
        // before it moved the head.
        const there = inserted.fault === null ? inserted.added : await entriesOf(waiting);
        last = later(last, [...there.values()]);
        const missing = waiting.filter(({ event }) => !there.has(event._id));
        lost = missing.length < waiting.length ? 0 : lost + 1;
        waiting = missing;
        if (inserted.fault === null) continue;
        const { place, error } = inserted.fault;
        if (isDuplicateKey(error)) {
          // Its place went to another process.
          if (lost === TRIES) throw new StoreConflictError('auditEvents');
          if (lost > 0) await sleep(Math.random() * Math.min(lost * 5, 100));
        } else if (waiting.some((one) => one.place === place)) {
          results[place] = error;
          waiting = waiting.filter((one) => one.place !== place);
        }
      }
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      for (const { place } of waiting) results[place] = error;
    }
    if (last !== null) await moveHead(last);
    return results;
  }

  /**
   * Inserts entries after the last one, in their order, up to the first that fails: an entry never stands before its predecessor.
   * Returns the inserted ones, or which one failed and why. A duplicate key says that it is in the chain already, or that
   * another process took its place.
   */
  async function insertAtEnd(
    waiting: readonly Waiting[],
  ): Promise<{ fault: null; added: Map<string, AuditHead> } | { fault: { place: number; error: Error } }> {
    const tail = await lastFromHead(collection, heads);
    if (key === undefined && tail?.mac !== undefined) throw new AuditKeyMissingError();
    try {
      const entries = linked(waiting, tail);
      await collection.insertMany(entries, { ordered: true });
      return { fault: null, added: new Map(entries.map((entry) => [entry._id, entry])) };
    } catch (error) {
      if (isConnectionFault(error) || !(error instanceof Error)) throw error;
      if (error instanceof MongoBulkWriteError) {
        const [failed] = [error.writeErrors].flat();
        const place = waiting[failed?.index ?? -1]?.place;
        // Without a failed one, or beside it, the write concern failed: what was written may not be durable.
        if (place === undefined || error.result.getWriteConcernError() !== undefined) throw error;
        return { fault: { place, error } };
      }
      // The driver refuses all of them where one is too large, and does not say which.
      const [first, ...others] = waiting;
      if (first === undefined || others.length > 0) return insertAtEnd(waiting.slice(0, 1));
      return { fault: { place: first.place, error } };
    }
  }

  function linked(waiting: readonly Waiting[], tail: AuditHead | null): AuditDocument[] {
    let { seq, hash } = tail ?? { seq: 0, hash: '' };
    return waiting.map(({ event }) => {
      seq += 1;
      const entry = { ...event, schemaVersion: SCHEMA_VERSION, seq, previous: hash };
      const text = canonicalText(entry);
      hash = auditHash(text);
      return { ...entry, hash, ...(key === undefined ? {} : { mac: auditMac(text, key) }) };
    });
  }

  /** Returns those of the events that are in the chain already, by their ids. */
  async function entriesOf(waiting: readonly Waiting[]): Promise<Map<string, AuditHead>> {
    const found = await collection
      .find({ _id: { $in: waiting.map(({ event }) => event._id) } }, { projection: { seq: 1, hash: 1 } })
      .toArray();
    // Events from before the chain have no place.
    return new Map(found.map(({ _id, seq = 0, hash }) => [_id, { seq, hash }]));
  }

  /** Stores the entry as the head, unless the head is a later one. */
  async function moveHead({ seq, hash }: AuditHead): Promise<void> {
    for (;;) {
      try {
        const update = { $set: { seq, hash, schemaVersion: SCHEMA_VERSION } };
        await heads.updateOne({ _id: HEAD, seq: { $lt: seq } }, update, { upsert: true });
        return;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        // Another writer just created the head, or moved it further.
        const head = await heads.findOne({ _id: HEAD }, { readConcern: { level: 'local' } });
        if (head !== null && head.seq >= seq) return;
      }
    }
  }
}

/** Returns the last entry, even if the majority does not have it yet: the next one is replicated after it anyway. */
function lastEntry(
  collection: Collection<AuditDocument>,
  among: Filter<AuditDocument> = { seq: { $exists: true } },
): Promise<Pick<AuditDocument, 'seq' | 'hash' | 'mac'> | null> {
  return collection.findOne(among, {
    ...{ sort: { seq: -1 }, projection: { seq: 1, hash: 1, mac: 1 } },
    readConcern: { level: 'local' },
  });
}

/**
 * Returns the same, found from the head: it is the last entry or, after a crash, one shortly before it. So the cost does not grow
 * with the audit, also where the server reads all that a filter matches before it sorts.
 */
export async function lastFromHead(
  collection: Collection<AuditDocument>,
  heads: Collection<AuditHeadDocument>,
): Promise<Pick<AuditDocument, 'seq' | 'hash' | 'mac'> | null> {
  const head = await heads.findOne({ _id: HEAD }, { readConcern: { level: 'local' } });
  const near = head === null ? null : await lastEntry(collection, { seq: { $gte: head.seq } });
  // Without a head, or with one whose entry is gone, which `audit verify` reports.
  return near ?? lastEntry(collection);
}

function later(last: AuditHead | null, others: readonly AuditHead[]): AuditHead | null {
  // Events from before the chain cannot be its end.
  const placed = others.filter(({ seq }) => seq > 0);
  return placed.reduce<AuditHead | null>(
    (latest, one) => (latest !== null && latest.seq >= one.seq ? latest : one),
    last,
  );
}
