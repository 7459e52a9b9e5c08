import {
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { reminderDelayMs } from '../domain/hold.ts';
import { kipuActivities, storeActivities } from './activities.ts';
import { faultOf } from './failure.ts';
import {
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

/**
 * One record, from a due chart to its referral. While the record is held it waits, for as long as it takes, for staff
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

  setHandler(unlockSignal, (request) => void unlocks.push(request));
  setHandler(stateQuery, (): PatientState => ({ doing: doing(), hold, unlocksApplied }));

  while (pulled === null || hold !== null || unlocks.length > 0) {
    if (unlocks.length > 0) await applyUnlock();
    else if (hold !== null) await waitForStaff(hold);
    else await pull();
  }
  return pulled;

  async function pull(): Promise<void> {
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

  async function beginHold(begun: HoldState): Promise<void> {
    hold = begun;
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
    const { opened } = await storeActivities.recordUnlock({ recordId, request });
    unlocks.shift();
    unlocksApplied += 1;
    if (opened) {
      endHold();
      pulled = null;
    }
  }

  async function waitForStaff(waiting: HoldState): Promise<void> {
    if (await condition(() => unlocks.length > 0, reminderDelayMs(waiting.reminders))) return;
    const { held, reminders } = await storeActivities.remindHold({ recordId, reminders: waiting.reminders });
    if (!held) return endHold();
    hold = { ...waiting, reminders };
    remindersHere += 1;
    const full = remindersHere >= (input.remindersPerHistory ?? Infinity) || workflowInfo().continueAsNewSuggested;
    if (full && unlocks.length === 0) await continueAsNew<typeof patientWorkflow>({ ...input, hold });
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
