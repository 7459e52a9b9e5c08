import type { Client } from '@temporalio/client';
import { instanceAttribute, patientWorkflowId, type UnlockRequest, unlockSignal } from '../workflows/messages.ts';

/**
 * Tells the record's workflow to unlock it. Where the waiting workflow is gone (terminated, or Temporal's data lost) this
 * starts another, so that staff's word is never lost.
 */
export async function requestUnlock(
  client: Client,
  record: { _id: string; instance: string },
  taskQueue: string,
  request: UnlockRequest,
): Promise<void> {
  await client.workflow.signalWithStart('patientWorkflow', {
    workflowId: patientWorkflowId(record._id),
    taskQueue,
    args: [{ recordId: record._id, instance: record.instance }],
    signal: unlockSignal,
    signalArgs: [request],
    typedSearchAttributes: [{ key: instanceAttribute, value: record.instance }],
  });
}
