import {
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  setHandler,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { reminderDelayMs } from '../domain/hold.ts';
import { kipuActivities, storeActivities } from './activities.ts';
import { faultOf } from './failure.ts';
import {
  chartChangedSignal,
  type HoldState,
  heldSignal,
  holdAttribute,
  type PatientInput,
  type PatientResult,
  type PatientState,
  stateQuery,
  type UnlockRequest,
  unlockSignal,
} from './messages.ts';

const BURST = '1 second';
const UNLOCK_AGAIN = '1 minute';

/**
 * One record, from a due or changed chart to its referral. While the record is held it waits, for as long as it takes, for staff
 * to unlock it; then it pulls at once. Fails only when the instance itself refuses us: the record stays owed to the
 * next run.
 */
export async function patientWorkflow(input: PatientInput): Promise<PatientResult> {
  const { recordId, instance } = input;
  const { pullChart } = kipuActivities(instance);
  const unlocks: UnlockRequest[] = [];
  let hold: HoldState | null = input.hold ?? null;
  let pulled: PatientResult | null = null;
  let calls = 0;
  let unlocksApplied = 0;
  let remindersHere = 0;
  let remindAt = 0;
  let changed = false;

  setHandler(unlockSignal, (request) => void unlocks.push(request));
  setHandler(chartChangedSignal, () => {
    changed = true;
  });
  setHandler(stateQuery, (): PatientState => ({ doing: doing(), hold, unlocksApplied }));

  while (pulled === null || hold !== null || changed || unlocks.length > 0) {
    if (unlocks.length > 0) await applyUnlock();
    else if (hold !== null) await waitForStaff(hold);
    else await pull();
  }
  return pulled;

  async function pull(): Promise<void> {
    if (changed) await settleDown();
    try {
      const result = await pullChart({ recordId });
      calls += result.calls;
      pulled = { outcome: result.outcome, calls };
      if (result.hold !== null) await beginHold(result.hold);
    } catch (error) {
      const fault = faultOf(error);
      if (isCancellation(error) || fault.instance) throw error;
      await storeActivities.recordFailedPull({ recordId, code: fault.code, text: fault.text });
      calls += fault.calls;
      pulled = { outcome: 'failed', calls, givenUp: true };
    }
  }

  /** KIPU announces one edit several times: waits a moment, so that a burst makes one pull. */
  async function settleDown(): Promise<void> {
    await sleep(BURST);
    changed = false;
  }

  async function beginHold(begun: HoldState): Promise<void> {
    hold = begun;
    remindAt = 0;
    upsertSearchAttributes([{ key: holdAttribute, value: true }]);
    const run = workflowInfo().parent;
    if (run === undefined) return;
    // A run that is over by now has no use for the word.
    await getExternalWorkflowHandle(run.workflowId)
      .signal(heldSignal, { recordId, calls })
      .catch(() => undefined);
  }

  async function applyUnlock(): Promise<void> {
    const [request] = unlocks;
    if (request === undefined) return;
    const opened = await written(request);
    if (opened === null) return;
    unlocks.shift();
    unlocksApplied += 1;
    if (opened) {
      endHold();
      pulled = null;
    }
  }

  /** Staff's word is kept until it can be written down, whatever ails the database: null for not yet. */
  async function written(request: UnlockRequest): Promise<boolean | null> {
    try {
      return (await storeActivities.applyUnlock({ recordId, request })).opened;
    } catch (error) {
      if (isCancellation(error)) throw error;
      faultOf(error);
      await sleep(UNLOCK_AGAIN);
      return null;
    }
  }

  async function waitForStaff(waiting: HoldState): Promise<void> {
    if (remindAt === 0) remindAt = Date.now() + reminderDelayMs(waiting.reminders);
    const called = () => unlocks.length > 0 || changed;
    if (await condition(called, Math.max(remindAt - Date.now(), 1))) {
      if (unlocks.length === 0) await countWaitingChange();
      return;
    }
    remindAt = 0;
    const { held, reminders } = await storeActivities.remindHold({ recordId, reminders: waiting.reminders });
    if (!held) return endHold();
    hold = { ...waiting, reminders };
    remindersHere += 1;
    const full = remindersHere >= (input.remindersPerHistory ?? Infinity) || workflowInfo().continueAsNewSuggested;
    if (full && unlocks.length === 0 && !changed) await continueAsNew<typeof patientWorkflow>({ ...input, hold });
  }

  /** Nothing is pulled while the record is held; that something waits is worth knowing. */
  async function countWaitingChange(): Promise<void> {
    await settleDown();
    await storeActivities.countWaitingChange({ recordId });
  }

  function endHold(): void {
    hold = null;
    upsertSearchAttributes([{ key: holdAttribute, value: false }]);
  }

  function doing(): PatientState['doing'] {
    if (unlocks.length > 0) return 'unlocking';
    if (hold !== null) return 'held';
    return pulled === null ? 'pulling' : 'done';
  }
}
