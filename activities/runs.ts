import { Context } from '@temporalio/activity';
import { rowsTrust } from '../domain/rowCharts.ts';
import { countsAddUp, listingWindow, runMode, usualListed } from '../domain/run.ts';
import { notifyOfRuns } from '../notices/runConditions.ts';
import { notify } from '../notices/send.ts';
import type { OpenRun, RunResult } from '../workflows/messages.ts';
import { type ActivityContext, requireInstance } from './context.ts';
import { notifierOf } from './notify.ts';

/** Full runs that determine how many charts an instance usually lists: those of one week. */
const FULL_RUNS = 7;

/** Opens a run: decides its mode and its window, and stores it. */
export function openRun(context: ActivityContext) {
  const { runs, instances } = context.store;
  return async ({ instance, runId }: { instance: string; runId: string }): Promise<OpenRun> => {
    await requireInstance(context, instance);
    const now = context.now();
    for (const abandoned of await runs.abandoned(instance, runId)) {
      const text = `${instance}: a run ended without a result: it was terminated, or it took too long. This run covers it.`;
      await notify(notifierOf(context), { _id: `run/${abandoned}/terminated`, instance, text });
    }
    await runs.closeAbandoned(instance, runId, now);
    const { cursor, lastFullAt } = await runs.lastCompleted(instance, now);
    const fullRequestedAt = await instances.fullRequestedAt(instance);
    const known = await instances.rowsCarryChart(instance);
    const { lookBackDays, fullRunHour, maxInFlight, bulkFrom } = context.runs;
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
      startedAt: opened.startedAt.toISOString(),
      since: cursor?.toISOString() ?? null,
      maxInFlight,
      bulkFrom,
      rows: rowsTrust(known, { mode: opened.mode, fullRequestedAt, now }),
      censusPages: known?.pages ?? null,
      usualListed: usualListed(await runs.fullRuns(instance, FULL_RUNS)),
    };
  };
}

/** Stores how a run ended, and sends notices of its warnings and of what began or is over. A completed run moves the cursor. */
export function closeRun(context: ActivityContext) {
  const { runs, runPages, auditEvents } = context.store;
  return async (result: RunResult & { fault: { code: string; text: string } | null }): Promise<void> => {
    const { runId, instance, mode, status, counts, warnings, fault } = result;
    const { log } = Context.current();
    if (!countsAddUp(counts)) log.error('the counts of a run do not add up', { instance, ...counts });
    const owed = await context.store.records.countOwed(instance);
    await runs.close(runId, { status, counts, fault, warnings, owed, at: context.now() });
    await runPages.forget(runId);
    const last = await auditEvents.last();
    const codes = warnings.map(({ code }) => code);
    log[status === 'completed' ? 'info' : 'error']('a run ended', {
      instance,
      mode,
      status,
      ...fault,
      ...counts,
      owed,
      ...(codes.length === 0 ? {} : { warnings: codes }),
      // The log leaves the database, so that an audit that was rewritten later is detected.
      ...(last === null ? {} : { auditSeq: last.seq, auditHash: last.hash }),
    });
    await notifyOfWarnings(context, result);
    await notifyOfRuns(notifierOf(context), instance);
  };
}

/** Sends notices of the warnings that the last run of this mode did not have, so that each condition is reported once. */
async function notifyOfWarnings(context: ActivityContext, { runId, instance, warnings }: RunResult): Promise<void> {
  const run = warnings.length === 0 ? null : await context.store.runs.get(runId);
  if (run === null) return;
  const before = await context.store.runs.warningsBefore(run);
  const known = new Set(before.map(({ code }) => code));
  for (const { code, text } of warnings.filter((one) => !known.has(one.code))) {
    await notify(notifierOf(context), { _id: `run/${runId}/${code}`, instance, text: `${instance}: ${text}` });
  }
}
