import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Collection } from 'mongodb';
import { type Anchor, type ChainReport, canonicalText, checkChain } from '../domain/audit.ts';
import type { AuditDocument, AuditHeadDocument } from './accessDocuments.ts';
import { isDuplicateKey, StoreConflictError } from './conflict.ts';
import { SCHEMA_VERSION } from './documents.ts';

/** Only other processes compete for the next place: a few lost races are normal, this many are not. */
const TRIES = 40;
const HEAD = 'head';

/** An event before it has its place in the chain. */
export type AuditEvent = Omit<AuditDocument, 'schemaVersion' | 'seq' | 'previous' | 'hash'>;

/** The result of checking the whole chain. */
export interface AuditReport extends ChainReport {
  /** The stored head; null if there is none. */
  head: { seq: number; hash: string } | null;
}

/** Returns the hash of an entry's canonical text: SHA-256, hexadecimal. */
export function auditHash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Operations on the audit. Events are only added, each linked by its hash to the one before. */
export function auditEvents(collection: Collection<AuditDocument>, heads: Collection<AuditHeadDocument>) {
  let turn: Promise<unknown> = Promise.resolve();

  return {
    /**
     * Adds an event. The same `_id` again (a repeated activity) adds nothing: the first one stays.
     * @throws StoreConflictError if other processes took the next place again and again.
     */
    add(event: AuditEvent): Promise<void> {
      // Events of this process are added one after the other, so that they do not compete with each other.
      const mine = turn.then(() => append(event));
      turn = mine.catch(() => undefined);
      return mine;
    },

    /** Returns the event of that id, or null. */
    get: (id: string): Promise<AuditDocument | null> => collection.findOne({ _id: id }),

    /** Returns the events of a record, oldest first. */
    ofRecord: (record: string): Promise<AuditDocument[]> =>
      collection.find({ record }).sort({ at: 1, seq: 1 }).toArray(),

    /** Returns the latest events of a record, newest first. */
    latestOf(record: string, limit: number): Promise<AuditDocument[]> {
      return collection.find({ record }).sort({ at: -1 }).limit(limit).toArray();
    },

    /** Returns events, newest first. */
    list(filter: { instance?: string; record?: string }, limit: number): Promise<AuditDocument[]> {
      return collection.find(filter).sort({ at: -1, seq: -1 }).limit(limit).toArray();
    },

    /** Checks the whole chain. `known` is a head that was stored elsewhere. */
    async verify(known: { seq: number; hash: string } | null): Promise<AuditReport> {
      // The head is read first: entries that are added in between can only be newer.
      const kept = await heads.findOne({ _id: HEAD });
      const anchors: Anchor[] = [];
      if (kept !== null) anchors.push({ seq: kept.seq, hash: kept.hash, from: 'the head in the database' });
      if (known !== null) anchors.push({ ...known, from: 'the given head' });
      const report = await checkChain(everything(), anchors, auditHash);
      if (kept === null && (report.last?.seq ?? 0) > 1) {
        report.broken += 1;
        report.breaks.push({
          kind: 'cut',
          seq: null,
          text: 'the head in the database is missing, and the end may be too',
        });
      }
      return { ...report, head: kept === null ? null : { seq: kept.seq, hash: kept.hash } };
    },
  };

  async function append(event: AuditEvent): Promise<void> {
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      // The last entry, even if the majority does not have it yet: the new entry is replicated after it anyway.
      const tail = await collection.findOne(
        { seq: { $exists: true } },
        { sort: { seq: -1 }, projection: { seq: 1, hash: 1 }, readConcern: { level: 'local' } },
      );
      const [seq, previous] = [(tail?.seq ?? 0) + 1, tail?.hash ?? ''];
      const entry = { ...event, schemaVersion: SCHEMA_VERSION, seq, previous };
      const hash = auditHash(canonicalText(entry));
      try {
        await collection.insertOne({ ...entry, hash });
        return await moveHead(seq, hash);
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
      const before = await collection.findOne({ _id: event._id });
      // Its writer may have crashed before it moved the head.
      if (before !== null) return moveHead(before.seq, before.hash);
      await sleep(Math.random() * Math.min(attempt * 5, 100));
    }
    throw new StoreConflictError('auditEvents');
  }

  /** Stores the entry as the head, unless the head is a later one. */
  async function moveHead(seq: number | undefined, hash: string): Promise<void> {
    if (seq === undefined) return;
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

  /** Yields entries in the order of the chain, then those that have no place in it. */
  async function* everything(): AsyncGenerator<Record<string, unknown>> {
    const entries: Collection = collection as never; // As stored: they may have any shape.
    yield* entries.find({ seq: { $exists: true } }).sort({ seq: 1 });
    yield* entries.find({ seq: { $exists: false } }).sort({ at: 1 });
  }
}
