import { type DayWindow, isListedByWindow, type ListSource } from '../domain/run.ts';
import type { ListedPage } from '../workflows/messages.ts';
import { type ActivityContext, attemptNumber, cancellationSignal, requireInstance } from './context.ts';

/** Reads one page of a list, takes its rows up in the store, and gives the ids of the records that are due. */
export function listPage(context: ActivityContext) {
  return async (input: {
    instance: string;
    source: ListSource;
    page: number;
    window: DayWindow;
    since: string | null;
  }): Promise<ListedPage> => {
    const { instance, source, page, window, since } = input;
    const { kipu } = requireInstance(context, instance);
    const call = { signal: cancellationSignal() };
    const at = { page, per: context.runs.pageSize };
    const listed =
      source === 'latest' ? await kipu.latestPage({ ...window, ...at }, call) : await kipu.censusPage(at, call);
    const now = context.now();
    const { due, changes } = await context.store.records.upsertListed(instance, listed.rows, now);
    // Before a first run is through, nobody can tell when a chart changed. The census may write versions in another form.
    if (since !== null && source === 'latest')
      await context.store.detectedChanges.add(instance, changes, new Date(since), now);
    const counted =
      source === 'latest' ? listed.rows : listed.rows.filter((row) => !isListedByWindow(row.lastUpdatedAt, window));
    return {
      listed: counted.length + listed.refused,
      refused: listed.refused,
      due,
      calls: attemptNumber(),
      more: listed.next !== null,
      empty: listed.rows.length + listed.refused === 0,
    };
  };
}
