import type { Collection, Filter } from 'mongodb';
import type { VisibleInstances } from '../domain/role.ts';
import { HOUR_MS } from '../domain/time.ts';
import type { AuditCheckDocument, AuditDocument, ShownKind } from './accessDocuments.ts';
import { SCHEMA_VERSION } from './documents.ts';

/** What a person searches in the audit. */
export interface AuditSearch {
  /** The instances that the person may see; events of no instance are found too. */
  sees: VisibleInstances;
  instance?: string;
  who?: string;
  what?: AuditDocument['what'];
  kind?: ShownKind;
  /** Also found where it is one of several records that were shown. */
  record?: string;
  from?: Date;
  /** Exclusive. */
  until?: Date;
}

/** Where a page of events ended. */
export interface AuditPosition {
  at: Date;
  seq: number;
}

const SLICE = 1_000;
/** The first page rarely reaches further back. */
const RECENT_MS = HOUR_MS;
const LAST = 'last';

/** Operations that read the audit page by page, newest first, and the result of its last check. */
export function auditPages(events: Collection<AuditDocument>, checks: Collection<AuditCheckDocument>) {
  return {
    /** Returns one page of events, and whether there are more. */
    async page(
      search: AuditSearch,
      after: AuditPosition | null,
      limit: number,
    ): Promise<{ found: AuditDocument[]; more: boolean }> {
      const found = await read(search, after, limit + 1);
      return { found: found.slice(0, limit), more: found.length > limit };
    },

    /** Yields all events of a search. */
    async *all(search: AuditSearch): AsyncGenerator<AuditDocument> {
      for (let after: AuditPosition | null = null; ; ) {
        const slice: AuditDocument[] = await read(search, after, SLICE);
        yield* slice;
        const last = slice.at(-1);
        if (last === undefined || slice.length < SLICE) return;
        after = { at: last.at, seq: last.seq };
      }
    },

    /** Returns the names of all who are in the audit, sorted. */
    people: async (): Promise<string[]> => (await events.distinct('who')).sort(),

    /** Returns the result of the last check; null if there was none. */
    lastCheck: (): Promise<AuditCheckDocument | null> => checks.findOne({ _id: LAST }),

    /** Stores the result of a check. */
    async noteCheck(check: Omit<AuditCheckDocument, '_id' | 'schemaVersion'>): Promise<void> {
      await checks.replaceOne({ _id: LAST }, { schemaVersion: SCHEMA_VERSION, ...check }, { upsert: true });
    },
  };

  async function read(search: AuditSearch, after: AuditPosition | null, limit: number): Promise<AuditDocument[]> {
    const isNewest = after === null && search.from === undefined && search.until === undefined;
    if (isNewest) {
      // A server that sorts all that it finds, sorts little then.
      const recent = await sorted({ ...search, from: new Date(Date.now() - RECENT_MS) }, null, limit);
      if (recent.length === limit) return recent;
    }
    return sorted(search, after, limit);
  }

  function sorted(search: AuditSearch, after: AuditPosition | null, limit: number): Promise<AuditDocument[]> {
    return events.find(filterOf(search, after)).sort({ at: -1, seq: -1 }).limit(limit).toArray();
  }
}

function filterOf(search: AuditSearch, after: AuditPosition | null): Filter<AuditDocument> {
  const { sees, instance, who, what, kind, record, from, until } = search;
  const latest = after === null ? {} : { $lte: after.at };
  const at = {
    ...(from === undefined ? {} : { $gte: from }),
    ...(until === undefined ? {} : { $lt: until }),
    ...latest,
  };
  const alternatives: Filter<AuditDocument>[] = [
    ...(instance === undefined ? [] : [{ $or: [{ instance }, { instances: instance }] }]),
    ...(record === undefined ? [] : [{ $or: [{ record }, { records: record }] }]),
    ...(sees === '*' ? [] : [visible(sees)]),
    ...(after === null ? [] : [{ $or: [{ at: { $lt: after.at } }, { at: after.at, seq: { $lt: after.seq } }] }]),
  ];
  return {
    ...(who === undefined ? {} : { who }),
    ...(what === undefined ? {} : { what }),
    ...(kind === undefined ? {} : { kind }),
    ...(Object.keys(at).length === 0 ? {} : { at }),
    ...(alternatives.length === 0 ? {} : { $and: alternatives }),
  };
}

/** Returns the filter of events that concern one of these instances, or none. */
function visible(sees: readonly string[]): Filter<AuditDocument> {
  const ours = [...sees];
  const general = { instance: null, instances: { $exists: false } };
  return { $or: [{ instance: { $in: ours } }, { instances: { $in: ours } }, general] };
}
