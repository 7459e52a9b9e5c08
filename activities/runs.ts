import { Context } from '@temporalio/activity';
import { rowsTrust } from '../domain/rowCharts.ts';
import { addsUp, listingWindow, runMode } from '../domain/run.ts';
import { usualListed } from '../domain/runWarnings.ts';
import type { OpenRun, RunResult } from '../workflows/messages.ts';
import { instanceOf, type StepContext } from './context.ts';
import { tell } from './notify.ts';

/** Full runs that say how many charts an instance usually lists: a week of nights. */
const FULL_RUNS = 7;

/** Opens a run: decides how it lists, from where, and stores it. */
export function openRun(context: StepContext) {
  const { runs, instances } = context.store;
  return async ({ instance, runId }: { instance: string; runId: string }): Promise<OpenRun> => {
    instanceOf(context, instance);
    const now = context.now();
    await runs.closeAbandoned(instance, runId, now);
    const { cursor, lastFullAt } = await runs.standing(instance, now);
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
export function closeRun(context: StepContext) {
  const { runs, runPages } = context.store;
  return async (result: RunResult & { fault: { code: string; text: string } | null }): Promise<void> => {
    const { runId, instance, mode, status, counts, warnings, fault } = result;
    const { log } = Context.current();
    if (!addsUp(counts)) log.error('the counts of a run do not add up', { instance, ...counts });
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
async function tellWarnings(context: StepContext, { runId, instance, warnings }: RunResult): Promise<void> {
  const run = warnings.length === 0 ? null : await context.store.runs.get(runId);
  if (run === null) return;
  const before = await context.store.runs.warningsBefore(run);
  for (const { code, text } of warnings.filter((one) => before.every(({ code: told }) => told !== one.code))) {
    await tell(context, { _id: `run/${runId}/${code}`, instance, text: `${instance}: ${text}` });
  }
}
