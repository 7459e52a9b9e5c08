import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { ListRef, Lists, PageNumbers, RowsTrust } from '../domain/listing.ts';
import type { HoldReason } from '../domain/lock.ts';
import type { PullOutcome } from '../domain/pull.ts';
import type { DayWindow, RunCounts, RunMode, RunStatus } from '../domain/run.ts';
import type { RunWarning } from '../domain/runWarnings.ts';
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
  /** Whether rows of the census may be read as charts, and how many pages the census had last. */
  rows: RowsTrust;
  censusPages: number | null;
  /** Charts that a full run lists as a rule; null while there was none. */
  usualListed: number | null;
}

export interface SyncInput {
  instance: string;
  /** Set by the run itself when it goes on in a fresh history. */
  resume?: {
    run: OpenRun;
    next: PageRef;
    lists: Lists;
    /** Due records of one page that wait until it is known whether the census carries their charts. */
    waiting: string[];
    counts: RunCounts;
    warnings: RunWarning[];
    givenUp: boolean;
  };
  /** Pages per history, for tests; Temporal's own suggestion decides otherwise. */
  pagesPerHistory?: number;
}

/** One page of what a run walks: KIPU's lists first, then what earlier runs still owe, then the deleted charts. */
export type PageRef = ListRef | { source: 'owed'; after: string | null } | VaultRef;

/** One page of the deleted charts: first all are read, then all are voided. `found` are records to void so far. */
export type VaultRef =
  | { source: 'vault'; page: number; found: number; afterEmpty: boolean }
  | { source: 'void'; page: number; pages: number };

/** What listing one page returned. `due` are ids of records that need a pull of their own, `calls` requests to KIPU. */
export interface ListedPage {
  /** Charts that no page of this run listed before, and refused rows. */
  listed: number;
  refused: number;
  due: string[];
  calls: number;
  more: boolean;
  /** What the page said, in numbers; null for a page of what earlier runs owe. */
  said: PageNumbers | null;
  /** What was pulled from the page's rows; null where they were not read as charts. */
  pulled: PulledFromRows | null;
}

interface PulledFromRows {
  outcomes: Partial<Record<PullOutcome, number>>;
  /** Ids of those that are held now. */
  held: string[];
  /** A row was compared with its chart, and they differ. */
  rowsDiffer: boolean;
}

/** What reading one page of the deleted charts returned. */
export interface VaultPage {
  calls: number;
  /** Records that are not void yet and that no page before this one listed. */
  found: number;
  /** Records of the instance that are not void. */
  open: number;
  more: boolean;
  empty: boolean;
  /** KIPU does not let us read the list. */
  refused: boolean;
}

/** How a run ended. */
export interface RunResult {
  runId: string;
  instance: string;
  mode: RunMode;
  status: RunStatus;
  counts: RunCounts;
  warnings: RunWarning[];
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
