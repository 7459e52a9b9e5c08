import type { Collection } from 'mongodb';
import { DAY_MS } from '../domain/time.ts';
import { SCHEMA_VERSION } from './documents.ts';

/** The charts of one page of a run, so that a chart that is listed twice counts once. Deleted when the run is closed. */
export interface RunPageDocument {
  /** `<run>/<list>/<page>`. */
  _id: string;
  schemaVersion: number;
  run: string;
  list: RunList;
  page: number;
  casefileIds: string[];
  expiresAt: Date;
}

/** The lists that a run reads. */
export const runLists = ['latest', 'census', 'vault'] as const;
export type RunList = (typeof runLists)[number];

/** For runs that were terminated and deleted nothing. */
const KEPT_MS = 7 * DAY_MS;

/** Operations on the pages of runs. */
export function runPages(collection: Collection<RunPageDocument>) {
  return {
    /**
     * Stores the charts of a page, and returns those that no other page of these lists had in this run. The same page again (a
     * repeated activity) replaces what was stored.
     */
    async note(
      at: Pick<RunPageDocument, 'run' | 'list' | 'page'>,
      casefileIds: readonly string[],
      otherLists: readonly RunList[],
      now: Date,
    ): Promise<string[]> {
      const { run, list, page } = at;
      const _id = pageId(at);
      const own = [...new Set(casefileIds)];
      const expiresAt = new Date(now.getTime() + KEPT_MS);
      const stored = { schemaVersion: SCHEMA_VERSION, run, list, page, casefileIds: own, expiresAt };
      await collection.replaceOne({ _id }, stored, { upsert: true });
      // The index has each chart of each page, so that a page costs the same however many there are. Nothing else is asked: a server
      // that reads all pages to compare what the index does not have takes longer with each page.
      const pages = await collection
        .find({ run, casefileIds: { $in: own } }, { projection: { list: 1, casefileIds: 1 } })
        .toArray();
      const others = pages.filter((other) => other._id !== _id && otherLists.includes(other.list));
      const before = new Set(others.flatMap((other) => other.casefileIds));
      return own.filter((casefileId) => !before.has(casefileId));
    },

    /** Returns the charts of a page; none if it was not stored. */
    async casefileIds(at: Pick<RunPageDocument, 'run' | 'list' | 'page'>): Promise<string[]> {
      return (await collection.findOne({ _id: pageId(at) }))?.casefileIds ?? [];
    },

    /** Deletes the pages of a run. */
    async forget(run: string): Promise<void> {
      await collection.deleteMany({ run });
    },
  };
}

function pageId({ run, list, page }: Pick<RunPageDocument, 'run' | 'list' | 'page'>): string {
  return `${run}/${list}/${page}`;
}
