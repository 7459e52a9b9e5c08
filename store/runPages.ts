import type { Collection } from 'mongodb';
import { SCHEMA_VERSION } from './documents.ts';

/** What one page listed in a run, so that a chart that is listed twice counts once. Deleted when the run is closed. */
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

/** The lists that a run walks. */
export const runLists = ['latest', 'census', 'vault'] as const;
export type RunList = (typeof runLists)[number];

/** A run that was terminated deletes nothing. */
const KEPT_MS = 7 * 86_400_000;

/** What the pages of a run listed. */
export function runPages(collection: Collection<RunPageDocument>) {
  return {
    /**
     * Stores the charts of a page, and returns those that no other page of these lists had in this run. The same page again
     * (a repeated step) replaces what was stored.
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
      const others = await collection
        .find({ run, list: { $in: [...otherLists] }, _id: { $ne: _id }, casefileIds: { $in: own } })
        .toArray();
      const before = new Set(others.flatMap((other) => other.casefileIds));
      return own.filter((casefileId) => !before.has(casefileId));
    },

    /** The charts of a page; none where it was not stored. */
    async casefileIds(at: Pick<RunPageDocument, 'run' | 'list' | 'page'>): Promise<string[]> {
      return (await collection.findOne({ _id: pageId(at) }))?.casefileIds ?? [];
    },

    /** Deletes what was stored for a run. */
    async forget(run: string): Promise<void> {
      await collection.deleteMany({ run });
    },
  };
}

function pageId({ run, list, page }: Pick<RunPageDocument, 'run' | 'list' | 'page'>): string {
  return `${run}/${list}/${page}`;
}
