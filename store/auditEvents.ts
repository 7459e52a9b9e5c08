import { timingSafeEqual } from 'node:crypto';
import type { Collection } from 'mongodb';
import { type Anchor, type ChainReport, checkChain } from '../domain/audit.ts';
import type { AuditDocument, AuditHeadDocument } from './accessDocuments.ts';
import { type AuditHead, appendEvents, auditHash, auditMac, HEAD, lastFromHead } from './auditAppend.ts';

export type { AuditEvent } from './auditAppend.ts';

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

/**
 * Operations on the audit. Events are only added, each linked by its hash to the one before. The first key authenticates
 * new entries; each key is accepted in a check.
 */
export function auditEvents(
  collection: Collection<AuditDocument>,
  heads: Collection<AuditHeadDocument>,
  keys: readonly string[],
) {
  return {
    /**
     * Adds an event. The same `_id` again (a repeated activity) adds nothing: the first one stays. Those that come at the same
     * time are added together.
     * @throws StoreConflictError if other processes took the next place again and again.
     */
    add: appendEvents(collection, heads, keys[0]),

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
      const tail = await lastFromHead(collection, heads);
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

  function isAuthentic(text: string, mac: unknown): boolean {
    if (typeof mac !== 'string') return false;
    const found = Buffer.from(mac);
    return keys.some((key) => {
      const wanted = Buffer.from(auditMac(text, key));
      return wanted.length === found.length && timingSafeEqual(wanted, found);
    });
  }

  /** Yields entries in the order of the chain, then those that have no place in it. */
  async function* everything(): AsyncGenerator<Record<string, unknown>> {
    const entries: Collection = collection as never; // As stored: they may have any shape.
    yield* entries.find({ seq: { $exists: true } }).sort({ seq: 1 });
    yield* entries.find({ seq: { $exists: false } }).sort({ at: 1 });
  }
}
