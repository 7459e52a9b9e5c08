import type { SearchAttributePair } from '@temporalio/common';
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { ListRef, Lists, PageNumbers, RowsTrust } from '../domain/listing.ts';
import type { HoldReason } from '../domain/lock.ts';
import type { PullOutcome } from '../domain/pull.ts';
import type { DayWindow, RunCounts, RunMode, RunStatus, RunWarning } from '../domain/run.ts';
import { RECORD_DETAILS, recordSummary } from '../domain/temporalPage.ts';
import type { UnlockAttempt, UnlockSignal } from '../domain/unlock.ts';
import type { patientWorkflow } from './patient.ts';
import { holdAttributes, instanceAttribute } from './searchAttributes.ts';

/*
 * Everything that passes through Temporal: names, ids, inputs, signals. It consists of opaque ids, instance names and numbers.
 * It never includes anything about a patient, nor anything that a person typed on our page or command line. The name in a
 * signal that a person typed on Temporal's own page is the one exception.
 */

/** The task queue of workflows and of the activities that touch only MongoDB. */
export const TASK_QUEUE = 'kipu-referrals';

/** Returns the task queue of the activities that call KIPU: their rate is limited separately. */
export function kipuTaskQueue(taskQueue: string): string {
  return `${taskQueue}-kipu`;
}

/** Returns the workflow id of a record: it makes sure that only one workflow works on it. */
export function patientWorkflowId(recordId: string): string {
  return `patient/${recordId}`;
}

/** Returns the id of an instance's schedule, also the prefix of the workflow ids of its runs. */
export function syncScheduleId(instance: string): string {
  return `sync/${instance}`;
}

/** The type of failures that concern the instance, not a record. */
export const INSTANCE_FAULT = 'InstanceFault';

/** Returns the options that start a record's workflow: everybody who may start one starts it in the same way. */
export function patientStart(
  record: { _id: string; instance: string },
  taskQueue: string,
  held?: HoldState,
): {
  workflowId: string;
  taskQueue: string;
  args: Parameters<typeof patientWorkflow>;
  typedSearchAttributes: SearchAttributePair[];
  staticSummary: string;
  staticDetails: string;
} {
  const { _id: recordId, instance } = record;
  return {
    workflowId: patientWorkflowId(recordId),
    taskQueue,
    args: [{ recordId, instance, ...(held === undefined ? {} : { held }) }],
    typedSearchAttributes: [
      { key: instanceAttribute, value: instance },
      ...(held === undefined ? [] : holdAttributes(held)),
    ],
    staticSummary: recordSummary(instance, held),
    staticDetails: RECORD_DETAILS,
  };
}

/** A run as `openRun` opened it. */
export interface OpenRun {
  runId: string;
  instance: string;
  mode: RunMode;
  window: DayWindow;
  /** When the run started, an ISO time. */
  startedAt: string;
  /** When the charts were last listed, an ISO time; null in the first run. */
  since: string | null;
  /** Concurrent pulls. */
  maxInFlight: number;
  /** A page with at least so many due charts is pulled in batches. */
  bulkFrom: number;
  /** Whether rows of the census may be read as charts, and how many pages the census last had. */
  rows: RowsTrust;
  censusPages: number | null;
  /** Charts that a full run usually lists; null before the first. */
  usualListed: number | null;
}

export interface SyncInput {
  instance: string;
  /** Set by the run itself when it continues in a new history. */
  resume?: {
    run: OpenRun;
    next: PageRef;
    lists: Lists;
    /** Due records of one page that are pulled once it is known whether the census carries their charts. */
    waiting: string[];
    counts: RunCounts;
    warnings: RunWarning[];
    givenUp: boolean;
  };
  /** Pages per history, for tests; Temporal's suggestion decides by default. */
  pagesPerHistory?: number;
  /** Started records after which a history ends, for tests. */
  childrenPerHistory?: number;
}

/** One page of what a run reads: KIPU's lists first, then what earlier runs still owe, then the deleted charts. */
export type PageRef = ListRef | { source: 'owed'; after: string | null } | VaultRef;

/** One page of the deleted charts: all pages are read before the first is voided. `found` counts records to void so far. */
export type VaultRef =
  | { source: 'vault'; page: number; found: number; afterEmpty: boolean }
  | { source: 'void'; page: number; pages: number };

/** The result of listing one page. `due` are ids of records that need their own pull, `calls` counts requests to KIPU. */
export interface ListedPage {
  /** Charts that no earlier page of this run listed, and refused rows. */
  listed: number;
  refused: number;
  due: string[];
  calls: number;
  more: boolean;
  /** The page in numbers; null for a page of owed records. */
  said: PageNumbers | null;
  /** What was pulled from the page's rows; null where rows were not read as charts. */
  pulled: PulledFromRows | null;
  /** Ids among `due` whose workflow ran when the page was listed; absent for none. */
  running?: string[];
}

interface PulledFromRows {
  outcomes: Partial<Record<PullOutcome, number>>;
  /** The records that are now held. */
  held: HeldRecord[];
  /** True when a row was compared with its chart and differs from it. */
  rowsDiffer: boolean;
}

/** The outcomes of a batch of pulls, and the records that are now held. */
export interface ClosedBatch {
  outcomes: Partial<Record<PullOutcome, number>>;
  held: HeldRecord[];
}

/** The result of pulling a batch of records in one activity. */
export interface PulledBatch extends ClosedBatch {
  /** Ids of the records that need a workflow of their own, because their pull failed for a moment. */
  left: string[];
  /** Requests to KIPU, failed ones and those of earlier attempts included. */
  calls: number;
  /** Set when KIPU refused so many charts in a row that it refuses the instance. The records behind were not pulled. */
  refusal: { code: string; text: string } | null;
}

/** The result of reading one page of the deleted charts. */
export interface VaultPage {
  calls: number;
  /** Records that are not void yet and that no earlier page listed. */
  found: number;
  /** Records of the instance that are not void. */
  open: number;
  more: boolean;
  empty: boolean;
  /** True when KIPU does not let us read the list. */
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
  /** The hold of a record that was held before its workflow began: it waits for staff at once. */
  held?: HoldState;
  /** Set by the workflow itself when it continues in a new history. */
  progress?: PatientProgress;
  /** Events per history, for tests; Temporal's suggestion decides by default. */
  eventsPerHistory?: number;
}

/** What a patient workflow knows at the start of a new history. */
export interface PatientProgress {
  hold: HoldState | null;
  /** When the next reminder is due, in milliseconds since 1970; 0 where that is not decided yet. */
  remindAt: number;
  /** A change of the chart was announced and is neither pulled nor counted yet. */
  changed: boolean;
  /** Unlocks that are not applied yet. */
  unlocks: UnlockAttempt[];
  unlocksApplied: number;
  /** The result of the last pull; null where one is due. */
  pulled: PatientResult | null;
}

/** A record that a batch or a page of rows holds. */
export interface HeldRecord {
  recordId: string;
  hold: HoldState;
}

export interface HoldState {
  reason: HoldReason;
  reminders: number;
  /** An ISO time; absent in histories of earlier versions. */
  since?: string;
}

export interface PatientResult {
  outcome: PullOutcome;
  /** Requests that went to KIPU, failed attempts included. */
  calls: number;
  /** True when the pull was given up after a transient fault: the run is incomplete. */
  givenUp?: boolean;
  /** Set when KIPU refused this chart. Several in a row mean that it refuses the instance. */
  refusal?: { code: string; text: string };
}

/** What a patient workflow does at the moment, for Temporal's page and the CLI. */
export interface PatientState {
  doing: 'pulling' | 'held' | 'unlocking' | 'done';
  hold: HoldState | null;
  unlocksApplied: number;
}

/** From staff to a patient workflow: the ticket of a request in MongoDB, or typed by hand. */
export const unlockSignal = defineSignal<[UnlockSignal]>('unlock');

/** From the webhook receiver to a patient workflow: KIPU says that the chart changed. */
export const chartChangedSignal = defineSignal('chartChanged');

/** From a patient workflow to its run: the first pull of the record is done, and the run does not wait for what follows. */
export const pulledSignal = defineSignal<[{ recordId: string; outcome: PullOutcome; calls: number }]>('pulled');

/** Returns what a patient workflow does at the moment. */
export const stateQuery = defineQuery<PatientState>('state');

/** Returns the counts of a run so far. */
export const progressQuery = defineQuery<RunCounts>('progress');
