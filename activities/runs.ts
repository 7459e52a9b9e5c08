import { Context } from '@temporalio/activity';
import { rowsTrust } from '../domain/rowCharts.ts';
import { countsAddUp, listingWindow, runMode } from '../domain/run.ts';
import { usualListed } from '../domain/runWarnings.ts';
import type { OpenRun, RunResult } from '../workflows/messages.ts';
import { type ActivityContext, requireInstance } from './context.ts';
import { notify } from './notify.ts';

/** Full runs that say how many charts an instance usually lists: a week of nights. */
const FULL_RUNS = 7;

/** Opens a run: decides how it lists, from where, and stores it. */
export function openRun(context: ActivityContext) {
  const { runs, instances } = context.store;
  return async ({ instance, runId }: { instance: string; runId: string }): Promise<OpenRun> => {
    requireInstance(context, instance);
    const now = context.now();
    await runs.closeAbandoned(instance, runId, now);
    const { cursor, lastFullAt } = await runs.lastCompleted(instance, now);
    const fullRequestedAt = await instances.fullRequestedAt(instance);
    const known = await instances.rowsCarryChart(instance);
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
    return {
      runId,
      instance,
      mode: opened.mode,
      window: opened.window,
      since: cursor?.toISOString() ?? null,
      maxInFlight,
      rows: rowsTrust(known, { mode: opened.mode, fullRequestedAt, now }),
      censusPages: known?.pages ?? null,
      usualListed: usualListed(await runs.fullRuns(instance, FULL_RUNS)),
    };
  };
}

/** Stores how a run ended, and tells people of its warnings. A completed one moves the cursor. */
export function closeRun(context: ActivityContext) {
  const { runs, runPages } = context.store;
  return async (result: RunResult & { fault: { code: string; text: string } | null }): Promise<void> => {
    const { runId, instance, mode, status, counts, warnings, fault } = result;
    const { log } = Context.current();
    if (!countsAddUp(counts)) log.error('the counts of a run do not add up', { instance, ...counts });
    await runs.close(runId, { status, counts, fault, warnings, at: context.now() });
    await runPages.forget(runId);
    const codes = warnings.map(({ code }) => code);
    log[status === 'completed' ? 'info' : 'error']('a run ended', {
      instance,
      mode,
      status,
      ...fault,
      ...counts,
      ...(codes.length === 0 ? {} : { warnings: codes }),
    });
    await tellWarnings(context, result);
  };
}

/** Tells people of warnings that the run of this mode before did not have: a condition is told once, however long it lasts. */
async function tellWarnings(context: ActivityContext, { runId, instance, warnings }: RunResult): Promise<void> {
  const run = warnings.length === 0 ? null : await context.store.runs.get(runId);
  if (run === null) return;
  const before = await context.store.runs.warningsBefore(run);
  for (const { code, text } of warnings.filter((one) => before.every(({ code: told }) => told !== one.code))) {
    await notify(context, { _id: `run/${runId}/${code}`, instance, text: `${instance}: ${text}` });
  }
}
