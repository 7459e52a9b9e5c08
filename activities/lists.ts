import { type DayWindow, isListedByWindow, type ListSource } from '../domain/run.ts';
import { MINUTE_MS } from '../domain/time.ts';
import type { KipuPage } from '../kipu/index.ts';
import type { UpsertedPage } from '../store/recordListing.ts';
import type { ListedPage } from '../workflows/messages.ts';
import { type ActivityContext, attemptNumber, cancellationSignal, requireInstance } from './context.ts';

const OWED_AT_ONCE = 200;
/** How long the answer that an instance has no locations is trusted. */
const NONE_FOR_MS = 15 * MINUTE_MS;

/** A page of one of the lists, in a run. */
export interface PageOfRun {
  instance: string;
  runId: string;
  source: ListSource;
  page: number;
  window: DayWindow;
}

/** Reads one page of a list, stores its rows, and returns the ids of the records that are due. */
export function listPage(context: ActivityContext) {
  return async (input: PageOfRun & { since: string | null }): Promise<ListedPage> => {
    const { since, ...at } = input;
    const { instance, source, window, page } = at;
    const { kipu } = await requireInstance(context, instance);
    const call = { signal: cancellationSignal() };
    const query = { ...window, page, per: context.runs.pageSize };
    const answer = source === 'latest' ? await kipu.latestPage(query, call) : await kipu.censusPage(query, call);
    const now = context.now();
    const { upserted, listed, said } = await upsertPage(context, at, answer, now);
    // Before the first completed run, it is unknown when a chart changed. The census may write versions in another form.
    if (since !== null && source === 'latest')
      await context.store.detectedChanges.add(instance, upserted.changes, new Date(since), now);
    return {
      listed,
      refused: answer.refused,
      due: upserted.due,
      calls: attemptNumber(),
      more: answer.next !== null,
      said,
      pulled: null,
    };
  };
}

/** Lists records that earlier runs still owe a pull: failed ones whose time has come, and what a killed run left behind. */
export function listOwed(context: ActivityContext) {
  return async (input: { instance: string; after: string | null; runStart: string }): Promise<ListedPage> => {
    const { instance, after } = input;
    const [now, runStart] = [context.now(), new Date(input.runStart)];
    const due = await context.store.records.owed(instance, { after, runStart, now, limit: OWED_AT_ONCE });
    return { listed: 0, refused: 0, due, calls: 0, more: due.length === OWED_AT_ONCE, said: null, pulled: null };
  };
}

type Numbers = NonNullable<ListedPage['said']>;

/**
 * Stores the rows of a page and summarizes the page in numbers. A page whose rows are all empty is not stored: an instance
 * that answers so says nothing about its charts.
 */
export async function upsertPage(
  context: ActivityContext,
  at: PageOfRun,
  listed: KipuPage,
  now: Date,
): Promise<{ upserted: UpsertedPage; listed: number; said: Numbers }> {
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
  const upserted = await records.upsertListed(at.instance, usable, now);
  const ofLatest = new Set(
    usable.flatMap(({ casefileId, lastUpdatedAt }) => {
      const certain = at.source === 'latest' || isListedByWindow(lastUpdatedAt, at.window);
      return certain && fresh.has(casefileId) ? [casefileId] : [];
    }),
  );
  const { totalPages, totalRecords } = listed;
  const numbers = { rows, due: upserted.due.length, pulled: 0, blank, totalPages, totalRecords };
  return {
    upserted,
    listed: fresh.size + (blank ? 0 : listed.refused),
    said: { ...numbers, ofLatest: ofLatest.size, carriesCharts: null },
  };
}

/** Reads the instance's own locations, so that a move between them does not become a referral. Returns how many KIPU lists. */
export function readLocations(context: ActivityContext) {
  return async ({ instance }: { instance: string }): Promise<{ calls: number; listed: number }> => {
    const names = await readNames(context, instance);
    return { calls: attemptNumber(), listed: names.length };
  };
}

/**
 * Returns the names of the instance's own locations. Reads them from KIPU where a webhook came before the first run, but not
 * again for a while where KIPU lists none: a run would ask for them with each chart that it saves.
 */
export async function ownLocations(
  context: ActivityContext,
  instance: string,
): Promise<{ names: string[]; calls: number }> {
  const { names, at } = await context.store.instances.locationsRead(instance);
  const isRecent = at !== null && context.now().getTime() - at.getTime() < NONE_FOR_MS;
  return names.length > 0 || isRecent ? { names, calls: 0 } : { names: await readNames(context, instance), calls: 1 };
}

/** Reads the names of the instance's locations from KIPU and stores them. One call. */
async function readNames(context: ActivityContext, instance: string): Promise<string[]> {
  const { kipu } = await requireInstance(context, instance);
  const locations = await kipu.locations({ signal: cancellationSignal() });
  const names = locations.map(({ name }) => name).filter((name) => name !== '');
  await context.store.instances.keepLocations(instance, names, context.now());
  return names;
}
