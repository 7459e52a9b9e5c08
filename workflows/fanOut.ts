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
import { type PullOutcome, pullOutcomes } from '../domain/pull.ts';
import type { RunCounts } from '../domain/run.ts';
import { type Fault, faultOf } from './activities.ts';
import {
  chartChangedSignal,
  type OpenRun,
  type PatientResult,
  patientStart,
  patientWorkflowId,
  pulledSignal,
} from './messages.ts';
import type { patientWorkflow } from './patient.ts';

const START_TRIES = 3;

/** The record workflows of a run. */
export interface FanOut {
  /** Waits for room and starts the record's workflow. Does nothing for a record that this history started before. */
  start(recordId: string): Promise<void>;
  /** Starts the workflow of a record that was held from its row: it is counted already and waits for staff. */
  startHeld(recordId: string): Promise<void>;
  /** Returns how many workflows were started in this history. */
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

/** Starts one child workflow per due record, a bounded number at once, and adds their outcomes to `counts`. */
export function fanOut(run: OpenRun, counts: RunCounts, givenUpBefore: boolean): FanOut {
  const seen = new Set<string>();
  const inFlight = new Set<string>();
  let fault: Fault | null = null;
  let givenUp = givenUpBefore;
  let refusedInRow = 0;

  setHandler(pulledSignal, (message: unknown) => {
    const pulled = readPulled(message);
    if (pulled !== null) settle(pulled.recordId, pulled.outcome, pulled.calls);
  });

  return {
    async start(recordId) {
      if (seen.has(recordId)) return;
      await condition(() => inFlight.size < run.maxInFlight || fault !== null);
      if (fault !== null) return;
      seen.add(recordId);
      inFlight.add(recordId);
      counts.due += 1;
      void pullOne(recordId);
    },
    async startHeld(recordId) {
      if (seen.has(recordId)) return;
      seen.add(recordId);
      try {
        const child = await startPatient(recordId);
        child.result().catch(() => undefined);
      } catch (error) {
        // The record is held all the same. An unlock or the next full run starts its workflow.
        if (isCancellation(error)) throw error;
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) faultOf(error);
      }
    },
    started: () => seen.size,
    settled: () => condition(() => inFlight.size === 0),
    leave() {
      counts.due -= inFlight.size;
      inFlight.clear();
    },
    fault: () => fault,
    givenUp: () => givenUp,
  };

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
   * Starts the record's workflow. Where one runs already it is signaled, because its pull may have read the chart before the
   * change that this run listed; null is returned then. It may end between the two, hence the loop.
   */
  async function startOrSignal(recordId: string): Promise<ChildWorkflowHandle<typeof patientWorkflow> | null> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await startPatient(recordId);
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        const running = getExternalWorkflowHandle(patientWorkflowId(recordId));
        const isSignaled = await running.signal(chartChangedSignal).then(
          () => true,
          () => false,
        );
        if (isSignaled || tries === START_TRIES) return null;
      }
    }
  }

  function startPatient(recordId: string): Promise<ChildWorkflowHandle<typeof patientWorkflow>> {
    return startChild<typeof patientWorkflow>('patientWorkflow', {
      ...patientStart({ _id: recordId, instance: run.instance }, workflowInfo().taskQueue),
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
  }
}

/** Returns the signal's message; null where somebody sent anything else. */
function readPulled(message: unknown): { recordId: string; outcome: PullOutcome; calls: number } | null {
  if (typeof message !== 'object' || message === null) return null;
  const { recordId, outcome, calls } = message as Record<string, unknown>;
  const known = pullOutcomes.find((one) => one === outcome);
  if (typeof recordId !== 'string' || known === undefined || typeof calls !== 'number') return null;
  return { recordId, outcome: known, calls };
}
