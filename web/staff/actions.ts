import type { Client } from '@temporalio/client';
import { requestSync, type SyncParts, type SyncRequest } from '../../client/requestSync.ts';
import { requestUnlock } from '../../client/requestUnlock.ts';
import { describeSchedule, type ScheduleStatus } from '../../client/schedules.ts';
import type { RunCounts } from '../../domain/run.ts';
import { progressQuery } from '../../workflows/messages.ts';
import { withTimeout } from '../http/timeouts.ts';

const ASK_MS = 2_000;

/** What the pages ask of Temporal, and tell it. */
export interface StaffActions {
  /** Requests and audits an unlock. Returns whether it was sent. */
  unlock(
    record: { _id: string; instance: string },
    request: { by: string; why: string; account: string },
  ): Promise<boolean>;
  /** Requests and audits a run. Returns whether it was sent. */
  sync(instance: string, request: SyncRequest): Promise<boolean>;
  /** Null where Temporal does not answer soon, or has no schedule of the instance. */
  schedule(instance: string): Promise<ScheduleStatus | null>;
  /** What a run that goes on has counted so far; null where nobody answers soon. */
  progress(workflowId: string): Promise<RunCounts | null>;
}

export function createActions(store: SyncParts['store'], client: () => Client, taskQueue: string): StaffActions {
  return {
    unlock: (record, request) => requestUnlock({ store, client: client(), taskQueue }, record, request),
    sync: (instance, request) => requestSync({ store, client: client() }, instance, request),
    schedule: (instance) => withTimeout(ASK_MS, describeSchedule(client(), instance)).catch(() => null),
    progress: (workflowId) =>
      withTimeout(ASK_MS, client().workflow.getHandle(workflowId).query(progressQuery)).catch(() => null),
  };
}
