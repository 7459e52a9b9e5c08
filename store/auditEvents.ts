import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Collection, MongoServerError } from 'mongodb';
import { type Anchor, type ChainReport, canonicalText, checkChain } from '../domain/audit.ts';
import type { AuditDocument, AuditHeadDocument } from './accessDocuments.ts';
import { StoreConflictError } from './conflict.ts';
import { SCHEMA_VERSION } from './documents.ts';

const DUPLICATE_KEY = 11000;
/** Only other processes contend for the next place: a few lost races are normal, this many are not. */
const TRIES = 40;
const HEAD = 'head';

/** An event before it has its place in the chain. */
export type AuditEvent = Omit<AuditDocument, 'schemaVersion' | 'seq' | 'previous' | 'hash'>;

/** What a walk over the whole chain found. */
export interface AuditReport extends ChainReport {
  /** The head as it is kept; null where there is none. */
  head: { seq: number; hash: string } | null;
}

/** The hash of an entry's canonical text: SHA-256, hexadecimal. */
export function auditHash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Who did what. Events are only ever added, each linked by its hash to the one before. */
export function auditEvents(collection: Collection<AuditDocument>, heads: Collection<AuditHeadDocument>) {
  let turn: Promise<unknown> = Promise.resolve();

  return {
    /**
     * Adds an event. The same `_id` again (a repeated step) adds nothing: what was first written stays.
     * @throws StoreConflictError when other processes took the next place again and again.
     */
    add(event: AuditEvent): Promise<void> {
      // One after the other within this process: each would else lose against all the others.
      const mine = turn.then(() => append(event));
      turn = mine.catch(() => undefined);
      return mine;
    },

    /** The event of that id, or null. */
    get: (id: string): Promise<AuditDocument | null> => collection.findOne({ _id: id }),

    /** What was done to a record, oldest first. */
    ofRecord: (record: string): Promise<AuditDocument[]> =>
      collection.find({ record }).sort({ at: 1, seq: 1 }).toArray(),

    /** The latest things done to a record, the newest first. */
    latestOf(record: string, limit: number): Promise<AuditDocument[]> {
      return collection.find({ record }).sort({ at: -1 }).limit(limit).toArray();
    },

    /** Events, the newest first. */
    list(filter: { instance?: string; record?: string }, limit: number): Promise<AuditDocument[]> {
      return collection.find(filter).sort({ at: -1, seq: -1 }).limit(limit).toArray();
    },

    /** Walks the whole chain. `given` is a head that somebody kept elsewhere. */
    async verify(given: { seq: number; hash: string } | null): Promise<AuditReport> {
      // The head first: entries that come meanwhile can only be newer.
      const kept = await heads.findOne({ _id: HEAD });
      const anchors: Anchor[] = [];
      if (kept !== null) anchors.push({ seq: kept.seq, hash: kept.hash, from: 'the head in the database' });
      if (given !== null) anchors.push({ ...given, from: 'the head that was given' });
      const report = await checkChain(everything(), anchors, auditHash);
      if (kept === null && (report.last?.seq ?? 0) > 1) {
        report.broken += 1;
        report.breaks.push({ kind: 'cut', seq: null, text: 'the head in the database is gone: the end may be too' });
      }
      return { ...report, head: kept === null ? null : { seq: kept.seq, hash: kept.hash } };
    },
  };

  async function append(event: AuditEvent): Promise<void> {
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      // The very last entry, also one that the majority does not have yet: what is written behind it comes after it anyway.
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
        if (!isDuplicate(error)) throw error;
      }
      const before = await collection.findOne({ _id: event._id });
      // Whoever wrote it may have died before it moved the head.
      if (before !== null) return moveHead(before.seq, before.hash);
      await sleep(Math.random() * Math.min(attempt * 5, 100));
    }
    throw new StoreConflictError('auditEvents');
  }

  /** Notes the entry as the last one, unless a later one is noted. */
  async function moveHead(seq: number | undefined, hash: string): Promise<void> {
    if (seq === undefined) return;
    for (;;) {
      try {
        const update = { $set: { seq, hash, schemaVersion: SCHEMA_VERSION } };
        await heads.updateOne({ _id: HEAD, seq: { $lt: seq } }, update, { upsert: true });
        return;
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        // It is further already; if not, another writer made it just now.
        const head = await heads.findOne({ _id: HEAD }, { readConcern: { level: 'local' } });
        if (head !== null && head.seq >= seq) return;
      }
    }
  }

  /** Entries in the chain's order, then those that have no place in it. */
  async function* everything(): AsyncGenerator<Record<string, unknown>> {
    const entries: Collection = collection as never; // As found: nobody vouches for their shape.
    yield* entries.find({ seq: { $exists: true } }).sort({ seq: 1 });
    yield* entries.find({ seq: { $exists: false } }).sort({ at: 1 });
  }
}

function isDuplicate(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === DUPLICATE_KEY;
}
