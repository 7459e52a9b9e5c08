import {
  ApplicationFailure,
  CancellationScope,
  continueAsNew,
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { type RunStatus, zeroCounts } from '../domain/run.ts';
import { kipuActivities, storeActivities } from './activities.ts';
import { type Fault, faultOf } from './failure.ts';
import { fanOut } from './fanOut.ts';
import { type ListedPage, type PageRef, progressQuery, type RunResult, type SyncInput } from './messages.ts';
import { firstPage, pageAfter } from './pages.ts';

/**
 * One run of one instance: lists what changed, page by page, gives each due record its own workflow, and closes the
 * run with counts that add up. What it found is what KIPU's webhooks are measured by. A full run also walks the census, voids the referrals of charts deleted in KIPU, and
 * starts again the holds whose workflow is gone. The cursor moves only when every page was handled.
 */
export async function syncWorkflow(input: SyncInput): Promise<RunResult> {
  const { instance, resume } = input;
  const kipu = kipuActivities(instance);
  const run = resume?.run ?? (await storeActivities.openRun({ instance, runId: workflowInfo().runId }));
  const counts = resume?.counts ?? zeroCounts();
  const patients = fanOut(run, counts, resume?.givenUp ?? false);
  setHandler(progressQuery, () => counts);

  let rest: PageRef | null = null;
  try {
    const fault = await work();
    if (rest === null || fault !== null) return await close(fault);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    patients.leave();
    await store({ status: 'incomplete', fault: { code: 'cancelled', text: 'The run was cancelled.' } });
    throw error;
  }
  const next = { run, next: rest, counts, givenUp: patients.givenUp() };
  return continueAsNew<typeof syncWorkflow>({ ...input, resume: next });

  /** Does what there is room for in this history; gives what stopped it, if anything did. */
  async function work(): Promise<Fault | null> {
    try {
      if (resume === undefined) counts.kipuCalls += (await kipu.readLocations({ instance })).calls;
      rest = await handlePages(resume?.next ?? firstPage);
      await patients.settled();
      if (rest === null && patients.fault() === null && run.mode === 'full') await tidyUp();
      return patients.fault();
    } catch (error) {
      if (isCancellation(error)) throw error;
      const fault = faultOf(error);
      counts.kipuCalls += fault.calls;
      await patients.settled();
      return fault;
    }
  }

  /** Handles pages while this history has room; gives the first page that is left over, or null. */
  async function handlePages(first: PageRef): Promise<PageRef | null> {
    let listing = list(first);
    for (let at = first, handled = 1; ; handled += 1) {
      const page = await listing;
      counts.listed += page.listed;
      counts.refused += page.refused;
      const next = pageAfter(at, page, run.mode);
      const room = handled < (input.pagesPerHistory ?? Infinity) && !workflowInfo().continueAsNewSuggested;
      if (next !== null && room) listing = list(next);
      for (const recordId of page.due) await patients.start(recordId);
      if (next === null || !room || patients.fault() !== null) return next;
      at = next;
    }
  }

  /** Starts to list a page. It may fail while the one before is still in hand: whoever awaits it hears of that. */
  function list(at: PageRef): Promise<ListedPage> {
    const listing =
      at.source === 'owed'
        ? storeActivities.listOwed({ instance, after: at.after })
        : kipu.listPage({ instance, source: at.source, page: at.page, window: run.window, since: run.since });
    listing.then(
      (page) => {
        counts.kipuCalls += page.calls;
      },
      () => undefined,
    );
    return listing;
  }

  async function tidyUp(): Promise<void> {
    counts.kipuCalls += (await kipu.voidDeleted({ instance })).calls;
    await storeActivities.restoreHolds({ instance });
  }

  /** Closes the run; one that is not complete fails, so that Temporal's page shows it red and says why. */
  async function close(fault: Fault | null): Promise<RunResult> {
    if (fault === null && !patients.givenUp()) return store({ status: 'completed', fault: null });
    const status = fault?.instance ? 'failed' : 'incomplete';
    const { code, text } = fault ?? {
      code: 'given-up',
      text: 'Some charts could not be pulled in time; the next run tries them again.',
    };
    await store({ status, fault: { code, text } });
    throw ApplicationFailure.nonRetryable(`Run ${status}: ${text}`, `run-${status}`);
  }

  /** Stores how the run ended, and measures the webhooks by what it found; also while it is cancelled. */
  async function store(ended: { status: RunStatus; fault: Pick<Fault, 'code' | 'text'> | null }): Promise<RunResult> {
    const result = { runId: run.runId, instance, mode: run.mode, status: ended.status, counts };
    await CancellationScope.nonCancellable(async () => {
      await storeActivities.closeRun({ ...result, fault: ended.fault });
      await storeActivities.measureWebhooks({ instance, runId: run.runId });
    });
    return result;
  }
}
