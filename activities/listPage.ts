import { type DayWindow, isListedByWindow, type ListSource } from '../domain/run.ts';
import type { ListedPage } from '../workflows/messages.ts';
import { attempt, cancellation, instanceOf, type StepContext } from './context.ts';

/** Reads one page of a list, takes its rows up in the store, and gives the ids of the records that are due. */
export function listPage(context: StepContext) {
  return async (input: {
    instance: string;
    source: ListSource;
    page: number;
    window: DayWindow;
    since: string | null;
  }): Promise<ListedPage> => {
    const { instance, source, page, window, since } = input;
    const { kipu } = instanceOf(context, instance);
    const call = { signal: cancellation() };
    const at = { page, per: context.runs.pageSize };
    const listed =
      source === 'latest' ? await kipu.latestPage({ ...window, ...at }, call) : await kipu.censusPage(at, call);
    const now = context.now();
    const { due, changes } = await context.store.records.takeUp(instance, listed.rows, now);
    // Before a first run is through, nobody can tell when a chart changed. The census may write versions in another form.
    if (since !== null && source === 'latest')
      await context.store.sightings.note(instance, changes, new Date(since), now);
    const counted =
      source === 'latest' ? listed.rows : listed.rows.filter((row) => !isListedByWindow(row.lastUpdatedAt, window));
    return {
      listed: counted.length + listed.refused,
      refused: listed.refused,
      due,
      calls: attempt(),
      more: listed.next !== null,
      empty: listed.rows.length + listed.refused === 0,
    };
  };
}
