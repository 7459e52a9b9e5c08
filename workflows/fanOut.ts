import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ChildWorkflowCancellationType,
  type ChildWorkflowHandle,
  condition,
  isCancellation,
  ParentClosePolicy,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { PullOutcome } from '../domain/pull.ts';
import type { RunCounts } from '../domain/run.ts';
import { type Fault, faultOf } from './failure.ts';
import { heldSignal, type OpenRun, patientStart } from './messages.ts';
import type { patientWorkflow } from './patient.ts';

/** The patients that a run has in hand. */
export interface FanOut {
  /** Starts the record's workflow when there is room; does nothing for a record that this history saw before. */
  start(recordId: string): Promise<void>;
  /** Starts the workflow of a record that was held from its row: it is counted already, and waits for staff. */
  startHeld(recordId: string): Promise<void>;
  /** How many workflows were started in this history. */
  started(): number;
  /** Resolves when every started record has an outcome. A held one has: the run never waits for people. */
  settled(): Promise<void>;
  /** Counts those still in hand no more: the run was cancelled and won't hear what becomes of them. They go on. */
  leave(): void;
  /** What stops the run: the instance refuses us. */
  fault(): Fault | null;
  /** True when a pull was given up that may succeed later. */
  givenUp(): boolean;
}

/** Starts one child workflow for each due record, a bounded number at once, and counts their outcomes into `counts`. */
export function fanOut(run: OpenRun, counts: RunCounts, givenUpBefore: boolean): FanOut {
  const seen = new Set<string>();
  const inFlight = new Set<string>();
  let fault: Fault | null = null;
  let givenUp = givenUpBefore;

  setHandler(heldSignal, ({ recordId, calls }) => settle(recordId, 'held', calls));

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
        const child = await begin(recordId);
        child.result().catch(() => undefined);
      } catch (error) {
        // The record is held all the same: an unlock, or the next full run, starts its workflow.
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
      const child = await begin(recordId);
      const { outcome, calls, givenUp = false } = await child.result();
      settle(recordId, outcome, calls, givenUp);
    } catch (error) {
      // Its workflow runs already: the record is in hand, and this run changes nothing about it.
      if (error instanceof WorkflowExecutionAlreadyStartedError) return settle(recordId, 'unchanged', 0);
      const failed = faultOf(error);
      if (failed.instance) fault ??= failed;
      settle(recordId, 'failed', failed.calls, !failed.instance);
    }
  }

  function begin(recordId: string): Promise<ChildWorkflowHandle<typeof patientWorkflow>> {
    return startChild<typeof patientWorkflow>('patientWorkflow', {
      ...patientStart({ _id: recordId, instance: run.instance }, workflowInfo().taskQueue),
      // A held record outlives its run, and goes on when its run is cancelled. (The defaults would end it.)
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
    });
  }

  /** The first word counts: a held record that is unlocked while the run goes on was held when the run met it. */
  function settle(recordId: string, outcome: PullOutcome, calls: number, gaveUp = false): void {
    if (!inFlight.delete(recordId)) return;
    counts[outcome] += 1;
    counts.kipuCalls += calls;
    givenUp ||= gaveUp;
  }
}
