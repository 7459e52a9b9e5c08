import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { HoldReason } from '../domain/lock.ts';
import type { PullOutcome } from '../domain/pull.ts';
import type { DayWindow, ListSource, RunCounts, RunMode, RunStatus } from '../domain/run.ts';
import type { patientWorkflow } from './patient.ts';

/*
 * Everything that passes through Temporal: names, ids, inputs, signals. All of it is opaque ids, instance names,
 * numbers, and what a member of staff said when unlocking. Nothing of it is about a patient.
 */

/** Where workflows and the activities that only touch MongoDB run. */
export const TASK_QUEUE = 'kipu-referrals';

/** Where the activities that call KIPU run, so that their rate can be limited on its own. */
export function kipuTaskQueue(taskQueue: string): string {
  return `${taskQueue}-kipu`;
}

/** The one workflow that works on a record; its id makes it the only one. */
export function patientWorkflowId(recordId: string): string {
  return `patient/${recordId}`;
}

/** The instance's schedule, and the workflow ids of its runs (Temporal appends the time). */
export function syncScheduleId(instance: string): string {
  return `sync/${instance}`;
}

/** The type of failures that are the instance's fault, not a record's. */
export const INSTANCE_FAULT = 'InstanceFault';

/** Search attributes for Temporal's own page: which instance, and whether the workflow waits for an unlock. */
export const instanceAttribute = defineSearchAttributeKey('Instance', 'KEYWORD');
export const holdAttribute = defineSearchAttributeKey('Hold', 'BOOL');

/** Returns the options that start a record's workflow: everybody who may start one starts it in the same way. */
export function patientStart(
  record: { _id: string; instance: string },
  taskQueue: string,
): {
  workflowId: string;
  taskQueue: string;
  args: Parameters<typeof patientWorkflow>;
  typedSearchAttributes: SearchAttributePair[];
} {
  const { _id: recordId, instance } = record;
  return {
    workflowId: patientWorkflowId(recordId),
    taskQueue,
    args: [{ recordId, instance }],
    typedSearchAttributes: [{ key: instanceAttribute, value: instance }],
  };
}

/** A run as it was opened. */
export interface OpenRun {
  runId: string;
  instance: string;
  mode: RunMode;
  window: DayWindow;
  /** When the charts were listed before, an ISO time; null in a first run. */
  since: string | null;
  /** Pulls at once. */
  maxInFlight: number;
}

export interface SyncInput {
  instance: string;
  /** Set by the run itself when it goes on in a fresh history. */
  resume?: { run: OpenRun; next: PageRef; counts: RunCounts; givenUp: boolean };
  /** Pages per history, for tests; Temporal's own suggestion decides otherwise. */
  pagesPerHistory?: number;
}

/** One page of what a run walks: KIPU's lists first, then what earlier runs still owe. */
export type PageRef =
  | {
      source: ListSource;
      page: number;
      /** The page before had no rows, though KIPU names more. */
      afterEmpty?: boolean;
    }
  | { source: 'owed'; after: string | null };

/** What listing one page gave. `due` are record ids, `calls` requests that went to KIPU. */
export interface ListedPage {
  listed: number;
  refused: number;
  due: string[];
  calls: number;
  more: boolean;
  /** KIPU gave no rows, whatever it says is still to come. */
  empty?: boolean;
}

/** How a run ended. */
export interface RunResult {
  runId: string;
  instance: string;
  mode: RunMode;
  status: RunStatus;
  counts: RunCounts;
}

export interface PatientInput {
  recordId: string;
  instance: string;
  /** Set by the workflow itself when a long hold goes on in a fresh history. */
  hold?: HoldState;
  /** Reminders per history, for tests; Temporal's own suggestion decides otherwise. */
  remindersPerHistory?: number;
}

export interface HoldState {
  reason: HoldReason;
  reminders: number;
}

export interface PatientResult {
  outcome: PullOutcome;
  /** Requests that went to KIPU, failed attempts included. */
  calls: number;
  /** The pull failed in a way that may pass: the run is incomplete. */
  givenUp?: boolean;
}

/** What a patient workflow is doing, for Temporal's page and the CLI. */
export interface PatientState {
  doing: 'pulling' | 'held' | 'unlocking' | 'done';
  hold: HoldState | null;
  unlocksApplied: number;
}

/** Staff's word to go on with a held record. `why` is kept in the audit; it must not name the patient. */
export interface UnlockRequest {
  by: string;
  why?: string;
}

/** Staff → patient workflow. */
export const unlockSignal = defineSignal<[UnlockRequest]>('unlock');

/** Webhook receiver → patient workflow: KIPU says that the chart changed. */
export const chartChangedSignal = defineSignal('chartChanged');

/** Patient workflow → its run: this record waits for people, don't wait for it. */
export const heldSignal = defineSignal<[{ recordId: string; calls: number }]>('held');

/** What a patient workflow is doing. */
export const stateQuery = defineQuery<PatientState>('state');

/** How far a run is. */
export const progressQuery = defineQuery<RunCounts>('progress');
