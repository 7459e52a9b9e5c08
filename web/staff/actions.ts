import type { Client } from '@temporalio/client';
import { requestUnlock } from '../../client/requestUnlock.ts';
import { describeSchedule, type ScheduleStatus, triggerRun } from '../../client/schedules.ts';
import type { RunCounts } from '../../domain/run.ts';
import { progressQuery, type UnlockRequest } from '../../workflows/messages.ts';
import { withTimeout } from '../http/timeouts.ts';

const ASK_MS = 2_000;
const TELL_MS = 8_000;

/** What the pages ask of Temporal, and tell it. */
export interface StaffActions {
  /** Rejects where Temporal does not take it. */
  unlock(record: { _id: string; instance: string }, request: UnlockRequest): Promise<void>;
  /** Rejects where Temporal does not take it, or the instance has no schedule. */
  sync(instance: string): Promise<void>;
  /** Null where Temporal does not answer soon, or has no schedule of the instance. */
  schedule(instance: string): Promise<ScheduleStatus | null>;
  /** What a run that goes on has counted so far; null where nobody answers soon. */
  progress(workflowId: string): Promise<RunCounts | null>;
}

export function createActions(client: () => Client, taskQueue: string): StaffActions {
  return {
    unlock: (record, request) => withTimeout(TELL_MS, requestUnlock(client(), record, taskQueue, request)),
    sync: (instance) => withTimeout(TELL_MS, triggerRun(client(), instance)),
    schedule: (instance) => withTimeout(ASK_MS, describeSchedule(client(), instance)).catch(() => null),
    progress: (workflowId) =>
      withTimeout(ASK_MS, client().workflow.getHandle(workflowId).query(progressQuery)).catch(() => null),
  };
}
