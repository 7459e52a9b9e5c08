import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ChildWorkflowCancellationType,
  type ChildWorkflowHandle,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { REFUSED_IN_A_ROW } from '../domain/fault.ts';
import { type PullOutcome, readPulled } from '../domain/pull.ts';
import type { RunCounts } from '../domain/run.ts';
import { batchActivities, type Fault, faultOf, storeActivities, unlessRefused } from './activities.ts';
import {
  chartChangedSignal,
  type HeldRecord,
  type HoldState,
  type OpenRun,
  type PatientResult,
  type PulledBatch,
  patientStart,
  patientWorkflowId,
  pulledSignal,
} from './messages.ts';
import type { patientWorkflow } from './patient.ts';

const START_TRIES = 3;

/** Records per batch, and batches at once: while one waits for the database, the others wait for KIPU. */
const BATCH = 50;
const BATCHES_AT_ONCE = 4;

/** The record workflows of a run. */
export interface FanOut {
  /**
   * Pulls the records in batches, without workflows of their own. Waits for room. Records that remain, because their pull failed
   * for a moment or because they wait for staff, then get their workflow.
   */
  startBatches(recordIds: readonly string[]): Promise<void>;
  /** Waits for room and starts the record's workflow. Does nothing for a record that this history started before. */
  start(recordId: string): Promise<void>;
  /** Notes records whose workflow ran when they were listed: it is signaled, because a start would fail. */
  noteRunning(recordIds: readonly string[]): void;
  /** Starts the workflows of records that were held from their rows: they are counted already and wait for staff. */
  startHeld(held: readonly HeldRecord[]): Promise<void>;
  /** Returns how many workflows this history started. */
  started(): number;
  /** Resolves when every started record has an outcome. `held` is one: the run never waits for people. */
  settled(): Promise<void>;
  /** Removes unfinished records from the counts, because the run was cancelled. Their workflows continue. */
  leave(): void;
  /** Returns the fault that stops the run: the instance refuses us. */
  fault(): Fault | null;
  /** Returns true when a pull was given up that may succeed later. */
  givenUp(): boolean;
}

/** Starts one child workflow per due record, a bounded number at once, and adds their outcomes to `counts`; then calls `onCount`. */
export function fanOut(run: OpenRun, counts: RunCounts, givenUpBefore: boolean, onCount: () => void): FanOut {
  const seen = new Set<string>();
  const inFlight = new Set<string>();
  const running = new Set<string>();
  let fault: Fault | null = null;
  let givenUp = givenUpBefore;
  let refusedInRow = 0;
  let children = 0;
  let batches = 0;
  let batchesBefore = 0;

  setHandler(pulledSignal, (message: unknown) => {
    const pulled = readPulled(message);
    if (pulled !== null) settle(pulled.recordId, pulled.outcome, pulled.calls);
  });

  return {
    async startBatches(recordIds) {
      const fresh = recordIds.filter((recordId) => !seen.has(recordId));
      for (let first = 0; first < fresh.length; first += BATCH) {
        const ofBatch = fresh.slice(first, first + BATCH);
        await condition(() => batches < BATCHES_AT_ONCE || fault !== null);
        if (fault !== null) return;
        for (const recordId of ofBatch) seen.add(recordId);
        batches += 1;
        void pullMany(ofBatch)
          .catch((error: unknown) => {
            // What a cancelled batch stored is found by the next run. Anything else is a bug, which stops the workflow.
            if (!isCancellation(error)) throw error;
          })
          .finally(() => (batches -= 1));
      }
    },
    async start(recordId) {
      if (seen.has(recordId)) return;
      seen.add(recordId);
      await startPull(recordId);
    },
    noteRunning(recordIds) {
      for (const recordId of recordIds) running.add(recordId);
    },
    async startHeld(held) {
      const fresh = held.filter(({ recordId }) => !seen.has(recordId));
      for (const { recordId } of fresh) seen.add(recordId);
      await startHolds(fresh);
    },
    started: () => children,
    settled: () => condition(() => inFlight.size === 0 && batches === 0),
    leave() {
      counts.due -= inFlight.size;
      inFlight.clear();
    },
    fault: () => fault,
    givenUp: () => givenUp,
  };

  async function startPull(recordId: string): Promise<void> {
    await condition(() => inFlight.size < run.maxInFlight || fault !== null);
    if (fault !== null) return;
    inFlight.add(recordId);
    counts.due += 1;
    void pullOne(recordId);
  }

  /** Starts the workflows of held records. Those that were unlocked before their workflow started are pulled, and do not wait. */
  async function startHolds(held: readonly HeldRecord[]): Promise<void> {
    if (held.length === 0) return;
    for (const one of held) await startHold(one);
    const recordIds = held.map(({ recordId }) => recordId);
    // Where MongoDB refuses for good, the reminder ends the wait.
    await unlessRefused(storeActivities('ends waits that are over').endWaits({ recordIds }));
  }

  async function startHold({ recordId, hold }: HeldRecord): Promise<void> {
    try {
      const child = await startPatient(recordId, hold);
      child.result().catch(() => undefined);
    } catch (error) {
      // The record is held all the same. An unlock or the next full run starts its workflow.
      if (isCancellation(error)) throw error;
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) faultOf(error);
    }
  }

  /** Pulls a batch and starts the workflows of the records that remain. Fails only when the run is cancelled. */
  async function pullMany(recordIds: string[]): Promise<void> {
    batchesBefore += 1;
    const key = `${workflowInfo().runId}/batch-${batchesBefore}`;
    const atOnce = Math.max(1, Math.floor(run.maxInFlight / BATCHES_AT_ONCE));
    const pulled = await batchActivities(run.instance, `batch ${batchesBefore}: ${recordIds.length} records`)
      .pullBatch({ recordIds, key, atOnce })
      .catch((error: unknown) => closeFailed(error, { recordIds, key }));
    counts.kipuCalls += pulled.calls;
    for (const [outcome, times = 0] of Object.entries(pulled.outcomes)) {
      counts[outcome as PullOutcome] += times;
      counts.due += times;
    }
    onCount();
    if (pulled.refusal !== null) fault ??= { ...pulled.refusal, instance: true, calls: 0 };
    await startHolds(pulled.held);
    for (const recordId of pulled.left) await startPull(recordId);
  }

  /** Returns what a failed batch got done. The rest of a batch that was given up is counted and stored as failed. */
  async function closeFailed(error: unknown, batch: { recordIds: string[]; key: string }): Promise<PulledBatch> {
    if (isCancellation(error)) throw error;
    const { calls, ...failed } = faultOf(error);
    if (failed.instance) fault ??= { ...failed, calls: 0 };
    else givenUp = true;
    const reason = failed.instance ? null : failed.text;
    const closing = storeActivities('stores what a failed batch did').closeBatch({
      instance: run.instance,
      ...batch,
      givenUp: reason,
    });
    // What MongoDB refuses for good stays due, and the next run finds it.
    const closed = (await unlessRefused(closing)) ?? { outcomes: {}, held: [] };
    return { ...closed, calls, left: [], refusal: null };
  }

  async function pullOne(recordId: string): Promise<void> {
    try {
      const child = await startOrSignal(recordId);
      if (child === null) return settle(recordId, 'unchanged', 0);
      const { outcome, calls, givenUp = false, refusal } = await child.result();
      countRefusal(outcome, refusal);
      settle(recordId, outcome, calls, givenUp);
    } catch (error) {
      const failed = faultOf(error);
      if (failed.instance) fault ??= failed;
      settle(recordId, 'failed', failed.calls, !failed.instance);
    }
  }

  /** One refused chart may be restricted. Several in a row, and none that was read in between, are a refusal of the instance. */
  function countRefusal(outcome: PullOutcome, refusal: PatientResult['refusal']): void {
    if (refusal === undefined) {
      if (outcome !== 'failed') refusedInRow = 0;
      return;
    }
    refusedInRow += 1;
    if (refusedInRow >= REFUSED_IN_A_ROW) fault ??= { ...refusal, instance: true, calls: 0 };
  }

  /**
   * Starts the record's workflow. Where one runs it is signaled, because its pull may have read the chart before the
   * change that this run listed; null is returned then. It may end between the two, hence the loop.
   */
  async function startOrSignal(recordId: string): Promise<ChildWorkflowHandle<typeof patientWorkflow> | null> {
    if (running.delete(recordId) && (await signal(recordId))) return null;
    for (let tries = 1; ; tries += 1) {
      try {
        return await startPatient(recordId);
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        if ((await signal(recordId)) || tries === START_TRIES) return null;
      }
    }
  }

  /** Signals the record's workflow that the chart changed. Returns false where none runs. */
  function signal(recordId: string): Promise<boolean> {
    const workflow = getExternalWorkflowHandle(patientWorkflowId(recordId));
    return workflow.signal(chartChangedSignal).then(
      () => true,
      () => false,
    );
  }

  function startPatient(recordId: string, hold?: HoldState): Promise<ChildWorkflowHandle<typeof patientWorkflow>> {
    children += 1;
    return startChild<typeof patientWorkflow>('patientWorkflow', {
      ...patientStart({ _id: recordId, instance: run.instance }, workflowInfo().taskQueue, hold),
      // A held record outlives its run, also when the run is cancelled. The defaults would end it.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
    });
  }

  /** Counts the record's first outcome: one that was held and is unlocked during the run counts as held. */
  function settle(recordId: string, outcome: PullOutcome, calls: number, gaveUp = false): void {
    if (!inFlight.delete(recordId)) return;
    counts[outcome] += 1;
    counts.kipuCalls += calls;
    givenUp ||= gaveUp;
    onCount();
  }
}
