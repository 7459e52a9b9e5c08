import { type DayWindow, isListedByWindow, type ListSource } from '../domain/run.ts';
import type { KipuPage } from '../kipu/index.ts';
import type { UpsertedPage } from '../store/recordListing.ts';
import type { ListedPage } from '../workflows/messages.ts';
import type { ActivityContext } from './context.ts';

/** A page of one of the lists, in a run. */
export interface PageOfRun {
  instance: string;
  runId: string;
  source: ListSource;
  page: number;
  window: DayWindow;
}

type Numbers = NonNullable<ListedPage['said']>;

/**
 * Takes the rows of a page up in the store, and puts the page into numbers. From a page whose rows are all empty nothing is
 * taken: an instance that answers so says nothing about its charts.
 */
export async function takeUpPage(
  context: ActivityContext,
  at: PageOfRun,
  listed: KipuPage,
  now: Date,
): Promise<{ taken: UpsertedPage; listed: number; said: Numbers }> {
  const { records, runPages } = context.store;
  const rows = listed.rows.length + listed.refused;
  const blank = rows > 0 && listed.blank === rows;
  const usable = blank ? [] : listed.rows;
  const fresh = new Set(
    await runPages.note(
      { run: at.runId, list: at.source, page: at.page },
      usable.map(({ casefileId }) => casefileId),
      ['latest', 'census'],
      now,
    ),
  );
  const taken = await records.upsertListed(at.instance, usable, now);
  const ofLatest = new Set(
    usable.flatMap(({ casefileId, lastUpdatedAt }) => {
      const certain = at.source === 'latest' || isListedByWindow(lastUpdatedAt, at.window);
      return certain && fresh.has(casefileId) ? [casefileId] : [];
    }),
  );
  const { totalPages, totalRecords } = listed;
  const numbers = { rows, due: taken.due.length, pulled: 0, blank, totalPages, totalRecords };
  return {
    taken,
    listed: fresh.size + (blank ? 0 : listed.refused),
    said: { ...numbers, ofLatest: ofLatest.size, carriesCharts: null },
  };
}
