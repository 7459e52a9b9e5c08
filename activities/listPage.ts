import type { ListedPage } from '../workflows/messages.ts';
import { type ActivityContext, attemptNumber, cancellationSignal, requireInstance } from './context.ts';
import { type PageOfRun, takeUpPage } from './takeUpPage.ts';

/** Reads one page of a list, takes its rows up in the store, and returns the ids of the records that are due. */
export function listPage(context: ActivityContext) {
  return async (input: PageOfRun & { since: string | null }): Promise<ListedPage> => {
    const { since, ...at } = input;
    const { instance, source, window, page } = at;
    const { kipu } = requireInstance(context, instance);
    const call = { signal: cancellationSignal() };
    const query = { ...window, page, per: context.runs.pageSize };
    const answer = source === 'latest' ? await kipu.latestPage(query, call) : await kipu.censusPage(query, call);
    const now = context.now();
    const { taken, listed, said } = await takeUpPage(context, at, answer, now);
    // Before a first run is through, nobody can tell when a chart changed. The census may write versions in another form.
    if (since !== null && source === 'latest')
      await context.store.detectedChanges.add(instance, taken.changes, new Date(since), now);
    return {
      listed,
      refused: answer.refused,
      due: taken.due,
      calls: attemptNumber(),
      more: answer.next !== null,
      said,
      pulled: null,
    };
  };
}
