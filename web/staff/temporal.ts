import { describeSchedule, type ScheduleStatus } from '../../client/schedules.ts';
import type { RunCounts } from '../../domain/run.ts';
import { progressQuery } from '../../workflows/messages.ts';
import { withTimeout } from '../http/checks.ts';
import type { StaffContext } from './context.ts';

const READ_MS = 2_000;

type Temporal = Pick<StaffContext, 'temporal'>;

/** Returns the instance's schedule, or null when it has none or Temporal does not answer in time. */
export function readSchedule({ temporal }: Temporal, instance: string): Promise<ScheduleStatus | null> {
  return withTimeout(READ_MS, describeSchedule(temporal(), instance)).catch(() => null);
}

/** Returns what a running sync has counted so far, or null when no worker answers in time. */
export function readProgress({ temporal }: Temporal, workflowId: string): Promise<RunCounts | null> {
  return withTimeout(READ_MS, temporal().workflow.getHandle(workflowId).query(progressQuery)).catch(() => null);
}
