import { type DayWindow, isListedByWindow, type ListSource } from '../domain/run.ts';
import { MINUTE_MS } from '../domain/time.ts';
import type { KipuPage } from '../kipu/index.ts';
import type { UpsertedPage } from '../store/recordListing.ts';
import type { ListedPage } from '../workflows/messages.ts';
import {
  type ActivityContext,
  attemptNumber,
  cancellationSignal,
  earlierCalls,
  type Progress,
  reportProgress,
  requireInstance,
} from './context.ts';
import { runningAmong } from './runningWorkflows.ts';

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

/**
 * Reads pages of a list, from `page` to `last`, stores their rows, and returns for each the ids of the records that are due. KIPU
 * is asked for all of them at once; they are stored in their order, so that a chart that two of them list counts once. Ends before
 * a page that fails, unless it is the first, and after the last one that the list has: the caller asks for the rest.
 */
export function listPages(context: ActivityContext) {
  return async (input: PageOfRun & { last: number; since: string | null }): Promise<ListedPage[]> => {
    const { since, last, page: first, ...list } = input;
    const { kipu } = await requireInstance(context, list.instance);
    const progress: Progress = { done: 0, calls: earlierCalls() };
    reportProgress(progress);
    const rest = new AbortController();
    const signal = AbortSignal.any([cancellationSignal(), rest.signal]);
    const read = async (page: number): Promise<KipuPage> => {
      progress.calls += 1;
      const query = { ...list.window, page, per: context.runs.pageSize };
      return list.source === 'latest' ? kipu.latestPage(query, { signal }) : kipu.censusPage(query, { signal });
    };
    // A retry asks for one page, so that a KIPU in trouble does not get several requests at each attempt.
    const pages = attemptNumber() === 1 ? last - first + 1 : 1;
    const answers = Array.from({ length: pages }, (_, place) => Promise.allSettled([read(first + place)]));
    const listed: ListedPage[] = [];
    try {
      for (const [place, answering] of answers.entries()) {
        const [answer] = await answering;
        if (answer.status === 'rejected' && place > 0) break;
        if (answer.status === 'rejected') throw answer.reason;
        listed.push(await store({ ...list, page: first + place }, answer.value));
        progress.done += 1;
        if (answer.value.next === null) break;
      }
    } finally {
      rest.abort();
    }
    const [one, ...others] = listed;
    return one === undefined ? [] : [{ ...one, calls: progress.calls }, ...others];

    async function store(at: PageOfRun, answer: KipuPage): Promise<ListedPage> {
      const now = context.now();
      const { upserted, listed: rows, said } = await upsertPage(context, at, answer, now);
      // Before the first completed run, it is unknown when a chart changed. The census may write versions in another form.
      if (since !== null && at.source === 'latest')
        await context.store.detectedChanges.add(at.instance, upserted.changes, new Date(since), now);
      const more = answer.next !== null;
      const { due } = upserted;
      const running = await runningAmong(context, due);
      return { listed: rows, refused: answer.refused, due, calls: 0, more, said, pulled: null, ...running };
    }
  };
}

/** Lists records that earlier runs still owe a pull: failed ones whose time has come, and what a killed run left behind. */
export function listOwed(context: ActivityContext) {
  return async (input: { instance: string; after: string | null; runStart: string }): Promise<ListedPage> => {
    const { instance, after } = input;
    const [now, runStart] = [context.now(), new Date(input.runStart)];
    const due = await context.store.records.owed(instance, { after, runStart, now, limit: OWED_AT_ONCE });
    const running = await runningAmong(context, due);
    const more = due.length === OWED_AT_ONCE;
    return { listed: 0, refused: 0, due, calls: 0, more, said: null, pulled: null, ...running };
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
  const charts = usable.map(({ casefileId }) => casefileId);
  const page = { run: at.runId, list: at.source, page: at.page };
  const fresh = new Set(await runPages.note(page, charts, ['latest', 'census'], now));
  const repeated = new Set(charts.filter((casefileId) => !fresh.has(casefileId)));
  const upserted = await records.upsertListed(at.instance, usable, now, repeated);
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
