import {
  ApplicationFailure,
  CancellationScope,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { afterList, beginLists, lastAtOnce } from '../domain/listing.ts';
import type { PullOutcome } from '../domain/pull.ts';
import { hasVanished, type RunStatus, type RunWarningCode, runWarning, zeroCounts } from '../domain/run.ts';
import { pagesSummary, runDetails } from '../domain/temporalPage.ts';
import { batchActivities, type Fault, faultOf, kipuActivities, storeActivities } from './activities.ts';
import { fanOut } from './fanOut.ts';
import { type ListedPage, type PageRef, progressQuery, type RunResult, type SyncInput } from './messages.ts';
import { isListPage, isNextPage, owedAfter, pageOfLists } from './pages.ts';
import { outcomeAttribute, runModeAttribute } from './searchAttributes.ts';
import { firstOfVault, isVaultPage, walkVault } from './vault.ts';

/** Held children stay pending in the history that started them, and a server allows 2,000 of them. */
const CHILDREN_PER_HISTORY = 1_000;
/** Histories stay short enough to be read and replayed quickly. A server suggests a new one much later. */
const EVENTS_PER_HISTORY = 1_500;

const GIVEN_UP = {
  code: 'given-up',
  text: 'Some charts could not be pulled in time; the next sync tries them again.',
};
const BLANK = runWarning('blank-lists');

/**
 * One run of one instance. Lists what changed, page by page, pulls due records from rows that carry their charts, starts a
 * workflow for each of the others, and closes the run with counts that add up. A full run also reads the census, voids the
 * referrals of charts deleted in KIPU, and restarts the workflows of held records that have none. The cursor moves only when
 * every page was handled and none was blank.
 */
export async function syncWorkflow(input: SyncInput): Promise<RunResult> {
  const { instance, resume } = input;
  const opening = () => storeActivities('opens the run').openRun({ instance, runId: workflowInfo().runId });
  const run = resume?.run ?? (await opening());
  const { runId, mode, window, since } = run;
  const counts = resume?.counts ?? zeroCounts();
  const warnings = resume?.warnings ?? [];
  const patients = fanOut(run, counts, resume?.givenUp ?? false, () => show());
  let lists = resume?.lists ?? beginLists(mode, run.rows, run.censusPages);
  let waiting = resume?.waiting ?? [];
  let phase = 'begins';
  setHandler(progressQuery, () => counts, { description: 'Returns the counts so far.' });

  let rest: PageRef | null = null;
  try {
    const fault = await work();
    if (rest === null || fault !== null) return await close(fault);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    patients.leave();
    await store({ status: 'incomplete', fault: { code: 'cancelled', text: 'The sync was canceled.' } });
    throw error;
  }
  const next = { run, next: rest, lists, waiting, counts, warnings, givenUp: patients.givenUp() };
  return continueAsNew<typeof syncWorkflow>({ ...input, resume: next });

  /** Does as much as this history has room for. Returns the fault that stopped it, or null. */
  async function work(): Promise<Fault | null> {
    try {
      if (resume === undefined) await readLocations();
      const first = resume?.next ?? pageOfLists(lists);
      rest = isVaultPage(first) ? first : await handlePages(first);
      show('waits for the pulls');
      await patients.settled();
      if (patients.fault() === null && rest === null) rest = await afterLists();
      if (isVaultPage(rest)) {
        show('reads the deleted charts');
        rest = await walkVault(rest, { run, addCalls, warn, hasRoom });
      }
      return patients.fault();
    } catch (error) {
      if (isCancellation(error)) throw error;
      const fault = faultOf(error);
      addCalls(fault.calls);
      await patients.settled();
      return fault;
    }
  }

  /** Handles pages while this history has room. Returns the first page that is left, or null. */
  async function handlePages(first: PageRef): Promise<PageRef | null> {
    let at: PageRef | null = first;
    let handled = 0;
    for (let listing = list(first); ; ) {
      const pages = await listing;
      for (const [place, page] of pages.entries()) {
        const here: PageRef = at;
        at = count(here, page);
        // A page can end its list although KIPU stated more pages.
        const isLast = place === pages.length - 1 || !isNextPage(here, at);
        handled += 1;
        const room = isLast ? hasRoom(handled) : hasRoomForChildren();
        // The next pages are listed while the charts of this one are pulled.
        if (isLast && at !== null && room) listing = list(at);
        await startPatients(here, page);
        if (at === null || !room || patients.fault() !== null) return at;
        if (isLast) break;
      }
    }
  }

  /** Starts to list pages. It may fail while the pages before are handled: the caller sees that when it awaits them. */
  function list(at: PageRef): Promise<ListedPage[]> {
    const listing = listingOf(at);
    listing.then(
      (pages) => addCalls(pages.reduce((sum, { calls }) => sum + calls, 0)),
      () => undefined,
    );
    return listing;
  }

  async function listingOf(at: PageRef): Promise<ListedPage[]> {
    if (!isListPage(at)) {
      const after = at.source === 'owed' ? at.after : null;
      show('lists what earlier runs owe');
      return [await storeActivities('owed pulls').listOwed({ instance, after, runStart: run.startedAt })];
    }
    const query = { instance, runId, page: at.page, window };
    const list = at.source === 'latest' ? 'changed charts' : 'the census';
    show(`lists ${list}`);
    const rows = () => kipuActivities(instance, `rows of ${pagesSummary(list, at.page, at.page)}`).pullRows(query);
    if (at.asCharts) return [await rows()];
    const last = lastAtOnce(lists, at);
    const { listPages } = batchActivities(instance, pagesSummary(list, at.page, last));
    return listPages({ ...query, source: at.source, last, since });
  }

  /** Counts a page and returns the page to read after it. */
  function count(at: PageRef, { said, ...page }: ListedPage): PageRef | null {
    patients.noteRunning(page.running ?? []);
    if (!isListPage(at) || said === null) return owedAfter(page);
    lists = afterList(lists, at, { ...said, more: page.more });
    counts.listed += page.listed;
    counts.refused += page.refused;
    for (const [outcome, times = 0] of Object.entries(page.pulled?.outcomes ?? {})) {
      counts[outcome as PullOutcome] += times;
      counts.due += times;
    }
    if (said.blank) warn('blank-lists');
    if (page.pulled?.rowsDiffer) warn('rows-differ');
    show();
    return pageOfLists(lists);
  }

  /**
   * Starts the workflows of a page's records. Where the census is read next for their charts, those of the first page of
   * changed charts wait; records whose charts its rows do not carry are owed, and pulled with the other owed ones.
   */
  async function startPatients(at: PageRef, page: ListedPage): Promise<void> {
    await patients.startHeld(page.pulled?.held ?? []);
    if (at.source === 'latest' && lists.censusFirst) {
      waiting = page.due;
      return;
    }
    const due = lists.rows === 'no' ? [...new Set([...waiting, ...page.due])] : page.due;
    if (lists.rows !== 'try') waiting = [];
    // A backlog is pulled in batches. In an ordinary hour each chart has a workflow, which is seen and retried alone.
    if (due.length >= run.bulkFrom) await patients.startBatches(due);
    else for (const recordId of due) await patients.start(recordId);
  }

  /** Does what only a full run does, after KIPU's lists and all pulls. Nothing is voided after implausible lists. */
  async function afterLists(): Promise<PageRef | null> {
    if (mode !== 'full') return null;
    const vanished = !lists.blank && hasVanished(counts.listed, run.usualListed);
    if (vanished) warn('roster-vanished');
    await restoreHolds();
    return vanished || lists.blank ? null : firstOfVault;
  }

  /** Closes the run. One that is not complete fails, so that Temporal's page shows it as failed and says why. */
  async function close(fault: Fault | null): Promise<RunResult> {
    const stopped = fault ?? (lists.blank ? BLANK : patients.givenUp() ? GIVEN_UP : null);
    if (stopped === null) return store({ status: 'completed', fault: null });
    const status = fault?.instance ? 'failed' : 'incomplete';
    const { code, text } = stopped;
    await store({ status, fault: { code, text } });
    throw ApplicationFailure.nonRetryable(`Run ${status}: ${text}`, `run-${status}`);
  }

  /** Stores how the run ended, and measures the webhooks by what it found, also when it is cancelled. */
  async function store(ended: { status: RunStatus; fault: Pick<Fault, 'code' | 'text'> | null }): Promise<RunResult> {
    const result = { runId, instance, mode, status: ended.status, counts, warnings };
    show(ended.status);
    await CancellationScope.nonCancellable(async () => {
      // Once and at the end, with both: each time costs an event.
      upsertSearchAttributes([
        { key: runModeAttribute, value: mode },
        { key: outcomeAttribute, value: ended.status },
      ]);
      await storeActivities('stores how the run ended').closeRun({ ...result, fault: ended.fault });
      await storeActivities('measures the webhooks by the run').measureWebhooks({ instance, runId });
    });
    return result;
  }

  /** Restarts the workflows of held records that have none, a page per activity, so that a retry repeats one page only. */
  async function restoreHolds(): Promise<void> {
    let after: string | null = null;
    do {
      const page: { last: string | null } = await storeActivities('workflows of held records').restoreHolds({
        instance,
        after,
      });
      // Histories of earlier versions have no `last`.
      after = page.last ?? null;
    } while (after !== null);
  }

  async function readLocations(): Promise<void> {
    const { calls, listed } = await kipuActivities(instance, 'own locations').readLocations({ instance });
    addCalls(calls);
    if (listed === 0) warn('no-locations');
  }

  function addCalls(times: number): void {
    counts.kipuCalls += times;
    show();
  }

  /** Shows on Temporal's page what the run does. It costs no event. */
  function show(doing = phase): void {
    phase = doing;
    setCurrentDetails(runDetails({ phase, mode, counts, warnings }));
  }

  function warn(code: RunWarningCode): void {
    if (warnings.every((warning) => warning.code !== code)) warnings.push(runWarning(code));
  }

  /** Returns whether this history has room for another page after `handled` pages. */
  function hasRoom(handled: number): boolean {
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    if (handled >= (input.pagesPerHistory ?? Infinity) || continueAsNewSuggested) return false;
    return historyLength < EVENTS_PER_HISTORY && hasRoomForChildren();
  }

  function hasRoomForChildren(): boolean {
    return patients.started() < (input.childrenPerHistory ?? CHILDREN_PER_HISTORY);
  }
}
