import { Context } from '@temporalio/activity';
import { countsAddUp, listingWindow, runMode } from '../domain/run.ts';
import type { OpenRun, RunResult } from '../workflows/messages.ts';
import { type ActivityContext, requireInstance } from './context.ts';

/** Opens a run: decides how it lists, from where, and stores it. */
export function openRun(context: ActivityContext) {
  const { runs, instances } = context.store;
  return async ({ instance, runId }: { instance: string; runId: string }): Promise<OpenRun> => {
    requireInstance(context, instance);
    const now = context.now();
    await runs.closeAbandoned(instance, runId, now);
    const { cursor, lastFullAt } = await runs.lastCompleted(instance, now);
    const fullRequestedAt = await instances.fullRequestedAt(instance);
    const { lookBackDays, fullRunHour, maxInFlight } = context.runs;
    const mode = runMode({ cursor, lastFullAt, fullRequestedAt, now, fullRunHour });
    const opened = await runs.open({
      _id: runId,
      instance,
      workflowId: Context.current().info.workflowExecution?.workflowId ?? runId,
      mode,
      window: listingWindow(mode, cursor, now, lookBackDays),
      startedAt: now,
    });
    const since = cursor?.toISOString() ?? null;
    return { runId, instance, mode: opened.mode, window: opened.window, since, maxInFlight };
  };
}

/** Stores how a run ended. A completed one moves the cursor. */
export function closeRun(context: ActivityContext) {
  return async (result: RunResult & { fault: { code: string; text: string } | null }): Promise<void> => {
    const { runId, instance, mode, status, counts, fault } = result;
    const { log } = Context.current();
    if (!countsAddUp(counts)) log.error('the counts of a run do not add up', { instance, ...counts });
    await context.store.runs.close(runId, { status, counts, fault, at: context.now() });
    log[status === 'completed' ? 'info' : 'error']('a run ended', { instance, mode, status, ...fault, ...counts });
  };
}
