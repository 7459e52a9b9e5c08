import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
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
export type AuditEvent = Omit<AuditDocument, 'schemaVersion' | 'seq' | 'previous' | 'hash' | 'mac'>;

interface AuditFilter {
  instance?: string;
  record?: string;
  who?: string;
  what?: AuditDocument['what'];
  since?: Date;
}

/** The result of checking the whole chain. */
export interface AuditReport extends ChainReport {
  /** The stored head; null if there is none. */
  head: AuditHead | null;
  /** False where this process has no key: the codes of entries were not checked. */
  authenticated: boolean;
}

interface AuditHead {
  seq: number;
  hash: string;
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
function auditMac(text: string, key: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

/**
 * Operations on the audit. Events are only added, each linked by its hash to the one before. The first key authenticates
 * new entries; each key is accepted in a check.
 */
export function auditEvents(
  collection: Collection<AuditDocument>,
  heads: Collection<AuditHeadDocument>,
  keys: readonly string[],
) {
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

    /** Returns the latest views of a record's page, newest first. */
    viewsOf(record: string, limit: number): Promise<AuditDocument[]> {
      return collection.find({ records: record, kind: 'record-viewed' }).sort({ at: -1 }).limit(limit).toArray();
    },

    /** Returns events, newest first. An instance or a record is also found where it is one of several that were shown. */
    list({ instance, record, since, ...exact }: AuditFilter, limit: number): Promise<AuditDocument[]> {
      const alternatives = [
        ...(instance === undefined ? [] : [{ $or: [{ instance }, { instances: instance }] }]),
        ...(record === undefined ? [] : [{ $or: [{ record }, { records: record }] }]),
      ];
      return collection
        .find({
          ...exact,
          ...(since === undefined ? {} : { at: { $gte: since } }),
          ...(alternatives.length === 0 ? {} : { $and: alternatives }),
        })
        .sort({ at: -1, seq: -1 })
        .limit(limit)
        .toArray();
    },

    /** Returns the last entry, to be stored outside of the database; null for an empty audit. */
    async last(): Promise<AuditHead | null> {
      const tail = await lastEntry();
      return tail === null ? null : { seq: tail.seq, hash: tail.hash };
    },

    /**
     * Checks the whole chain against entries that are known from elsewhere. Entries from `authenticatedFrom` on must have
     * been written with a key.
     */
    async verify(known: readonly Anchor[] = [], authenticatedFrom = 1): Promise<AuditReport> {
      // The head is read first: entries that are added in between can only be newer.
      const kept = await heads.findOne({ _id: HEAD });
      const anchors = [...known];
      if (kept !== null) anchors.push({ seq: kept.seq, hash: kept.hash, from: 'the head in the database' });
      const authentication = keys.length === 0 ? null : { from: authenticatedFrom, isAuthentic };
      const report = await checkChain(everything(), anchors, auditHash, authentication);
      if (kept === null && (report.last?.seq ?? 0) > 1) {
        report.broken += 1;
        report.breaks.push({
          kind: 'cut',
          seq: null,
          text: 'the head in the database is missing, and the end may be too',
        });
      }
      const head = kept === null ? null : { seq: kept.seq, hash: kept.hash };
      return { ...report, head, authenticated: authentication !== null };
    },
  };

  async function append(event: AuditEvent): Promise<void> {
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      const tail = await lastEntry();
      const [key] = keys;
      if (key === undefined && tail?.mac !== undefined) throw new AuditKeyMissingError();
      const [seq, previous] = [(tail?.seq ?? 0) + 1, tail?.hash ?? ''];
      const entry = { ...event, schemaVersion: SCHEMA_VERSION, seq, previous };
      const text = canonicalText(entry);
      const hash = auditHash(text);
      const mac = key === undefined ? {} : { mac: auditMac(text, key) };
      try {
        await collection.insertOne({ ...entry, hash, ...mac });
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

  /** Returns the last entry, even if the majority does not have it yet: the next one is replicated after it anyway. */
  function lastEntry(): Promise<Pick<AuditDocument, 'seq' | 'hash' | 'mac'> | null> {
    return collection.findOne(
      { seq: { $exists: true } },
      { sort: { seq: -1 }, projection: { seq: 1, hash: 1, mac: 1 }, readConcern: { level: 'local' } },
    );
  }

  function isAuthentic(text: string, mac: unknown): boolean {
    if (typeof mac !== 'string') return false;
    const found = Buffer.from(mac);
    return keys.some((key) => {
      const wanted = Buffer.from(auditMac(text, key));
      return wanted.length === found.length && timingSafeEqual(wanted, found);
    });
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
