import {
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  setCurrentDetails,
  setHandler,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { reminderDelayMs } from '../domain/lock.ts';
import type { PullOutcome } from '../domain/pull.ts';
import { pullSummary, recordDetails, reminderSummary } from '../domain/temporalPage.ts';
import { addUnlock, readUnlock, withoutFirst } from '../domain/unlock.ts';
import { faultOf, kipuActivities, storeActivities, unlessRefused } from './activities.ts';
import {
  chartChangedSignal,
  type HoldState,
  type PatientInput,
  type PatientProgress,
  type PatientResult,
  type PatientState,
  pulledSignal,
  stateQuery,
  unlockSignal,
} from './messages.ts';
import {
  heldSinceAttribute,
  holdAttribute,
  holdAttributes,
  holdReasonAttribute,
  outcomeAttribute,
} from './searchAttributes.ts';

/** How long a change waits that comes soon after another: a burst of webhooks, which KIPU may send for one edit, is pulled once more. */
const BURST_MS = 1_000;
/** Delays before what MongoDB refused is tried again: unlocks, and everything else. */
const UNLOCK_RETRY_MS = 60_000;
const STORE_RETRY_MS = 10 * 60_000;

/**
 * Works on one record, from a due or changed chart to its referral. While the record is held it waits, without a time limit,
 * for staff to unlock it, and then pulls at once. Fails only when the instance itself refuses us: the next run tries again.
 *
 * Anybody may send signals, with any input and in any number. Handlers only store what arrived, in a bounded form; every turn
 * of the loop awaits an activity or a timer; and a long history continues in a new one with everything that is still waiting.
 */
export async function patientWorkflow(input: PatientInput): Promise<PatientResult> {
  const { recordId, instance } = input;
  let { hold, remindAt, changed, unlocks, unlocksApplied, pulled } = input.progress ?? fresh(input.held);
  let calls = 0;
  let failure: unknown = null;

  const addRequest = (request: unknown) => {
    unlocks = addUnlock(unlocks, readUnlock(request));
  };
  setHandler(unlockSignal, addRequest, {
    description: 'Unlocks the record. Input: {"by":"<your name>"}. Type no reason: it would stay in Temporal.',
  });
  const noteChange = () => {
    changed = true;
  };
  setHandler(chartChangedSignal, noteChange, {
    description: 'Says that the chart changed in KIPU: it is pulled, or counted while the record is held. No input.',
  });
  setHandler(stateQuery, (): PatientState => ({ doing: doing(), hold, unlocksApplied }), {
    description: 'Returns what the workflow does, the hold, and how many unlocks were applied.',
  });

  while (pulled === null || hold !== null || changed || unlocks.length > 0) {
    showDetails();
    if (isHistoryLong()) {
      const progress = { hold, remindAt, changed, unlocks, unlocksApplied, pulled };
      await continueAsNew<typeof patientWorkflow>({ ...input, progress });
    } else if (unlocks.length > 0) await applyUnlock();
    else if (failure !== null) throw failure;
    else if (hold !== null) await waitForStaff(hold);
    else await pull();
  }
  showDetails();
  return pulled;

  function isHistoryLong(): boolean {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    return continueAsNewSuggested || historyLength >= (input.eventsPerHistory ?? Infinity);
  }

  async function pull(): Promise<void> {
    // A lone change is pulled at once.
    const cause = { unlocked: pulled === null && unlocksApplied > 0, changed, listed: isChild() };
    const run = countedBy();
    if (changed && pulled !== null) await waitForBurst();
    changed = false;
    try {
      const result = await kipuActivities(instance, pullSummary(cause)).pullChart({ recordId, ...run });
      calls += result.calls;
      const { outcome, refusal } = result;
      pulled = { outcome, calls, ...(refusal === undefined ? {} : { refusal }) };
      if (result.hold !== null) beginHold(result.hold);
      // The run does not wait for staff, nor for changes that were made after it listed the chart.
      if (result.hold !== null || changed) await tellRun(result.outcome);
    } catch (error) {
      const fault = faultOf(error);
      if (isCancellation(error)) throw error;
      calls += fault.calls;
      if (fault.instance) {
        // Unlocks that are waiting are applied first.
        failure = error;
        return;
      }
      await storeActivities('stores a pull that was given up').recordFailedPull({ recordId, text: fault.text, ...run });
      pulled = { outcome: 'failed', calls, givenUp: true };
    }
  }

  async function waitForBurst(): Promise<void> {
    await sleep(BURST_MS, { summary: 'waits one second for more changes' });
    changed = false;
  }

  function beginHold(begun: HoldState): void {
    hold = begun;
    remindAt = 0;
    upsertSearchAttributes(holdAttributes(begun));
  }

  /** `outcome` is null where the hold was ended by something else, as by the unlock of an earlier workflow. */
  function endHold(outcome: 'unlocked' | null): void {
    hold = null;
    upsertSearchAttributes([
      { key: holdAttribute, value: false },
      { key: holdReasonAttribute, value: null },
      { key: heldSinceAttribute, value: null },
      { key: outcomeAttribute, value: outcome },
    ]);
  }

  async function tellRun(outcome: PullOutcome): Promise<void> {
    const run = workflowInfo().parent;
    if (run === undefined) return;
    // The run may have ended by now.
    await getExternalWorkflowHandle(run.workflowId)
      .signal(pulledSignal, { recordId, outcome, calls })
      .catch(() => undefined);
  }

  /** Applies and audits the first unlock. It stays first until MongoDB has stored it. */
  async function applyUnlock(): Promise<void> {
    const [request] = unlocks;
    if (request === undefined) return;
    const applied = await unlessRefused(storeActivities('applies an unlock').applyUnlock({ recordId, request }));
    if (applied === null) return sleep(UNLOCK_RETRY_MS, { summary: 'waits to apply the unlock again' });
    // Requests that were counted on it while it was applied are counted on the next one.
    unlocks = withoutFirst(unlocks, request.times);
    unlocksApplied += 1;
    if (applied.opened) {
      endHold('unlocked');
      pulled = null;
    } else if (hold !== null && applied.held === false) endHold(null);
  }

  async function waitForStaff(waiting: HoldState): Promise<void> {
    if (remindAt === 0) remindAt = Date.now() + reminderDelayMs(waiting.reminders);
    showDetails();
    const isSignaled = () => unlocks.length > 0 || changed;
    const summary = reminderSummary(waiting.since, remindAt);
    if (await condition(isSignaled, Math.max(remindAt - Date.now(), 1), { summary })) {
      if (unlocks.length === 0) await countWaitingChange();
      return;
    }
    const reminded = await unlessRefused(
      storeActivities(`reminder ${waiting.reminders + 1}`).remindHold({ recordId, reminders: waiting.reminders }),
    );
    remindAt = reminded === null ? Date.now() + STORE_RETRY_MS : 0;
    if (reminded === null) return;
    if (reminded.held) hold = { ...waiting, reminders: reminded.reminders };
    else endHold(null);
  }

  /** Counts a change that is not pulled because the record is held. Pulls it where the record is not held any longer. */
  async function countWaitingChange(): Promise<void> {
    await waitForBurst();
    const counted = await unlessRefused(storeActivities('counts a change that waits').countWaitingChange({ recordId }));
    if (counted === null) {
      changed = true;
      await condition(() => unlocks.length > 0, STORE_RETRY_MS, { summary: 'waits to count the change again' });
    } else if (!counted.held) {
      endHold(null);
      pulled = null;
    }
  }

  /** Shows on Temporal's page what the workflow does. It costs no event. */
  function showDetails(): void {
    setCurrentDetails(recordDetails({ recordId, doing: doing(), hold, remindAt, outcome: pulled?.outcome ?? null }));
  }

  /** Returns the run that counts the next pull: the one that started this workflow counts its first. */
  function countedBy(): { run?: string } {
    const { parent } = workflowInfo();
    return parent === undefined || pulled !== null || unlocksApplied > 0 ? {} : { run: parent.workflowId };
  }

  function isChild(): boolean {
    return workflowInfo().parent !== undefined;
  }

  function doing(): PatientState['doing'] {
    if (unlocks.length > 0) return 'unlocking';
    if (hold !== null) return 'held';
    return pulled === null ? 'pulling' : 'done';
  }
}

function fresh(held: HoldState | undefined): PatientProgress {
  const pulled: PatientResult | null = held === undefined ? null : { outcome: 'held', calls: 0 };
  return { hold: held ?? null, remindAt: 0, changed: false, unlocks: [], unlocksApplied: 0, pulled };
}
