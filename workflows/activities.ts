import { type ActivityInterfaceFor, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { KipuActivities, StoreActivities } from '../activities/index.ts';
import { kipuTaskQueue } from './messages.ts';

/**
 * How long activities are retried; which failures are retried is decided in activities/classifyError.ts. Activities that
 * call KIPU are given up after half an hour, so that a run ends and says why, and the next one continues from there.
 */
const backoff = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '2 minutes' } as const;

/** Returns the activities that call KIPU. By the fairness key, the backlog of one instance does not delay another. */
export function kipuActivities(instance: string): ActivityInterfaceFor<KipuActivities> {
  return proxyActivities<KipuActivities>({
    taskQueue: kipuTaskQueue(workflowInfo().taskQueue),
    priority: { fairnessKey: instance },
    startToCloseTimeout: '2 minutes',
    heartbeatTimeout: '10 seconds',
    scheduleToCloseTimeout: '30 minutes',
    retry: backoff,
  });
}

/** Returns the activity that pulls a batch: many requests to KIPU, so it may take longer. */
export function batchActivities(instance: string): Pick<ActivityInterfaceFor<KipuActivities>, 'pullBatch'> {
  return proxyActivities<KipuActivities>({
    taskQueue: kipuTaskQueue(workflowInfo().taskQueue),
    priority: { fairnessKey: instance },
    startToCloseTimeout: '10 minutes',
    heartbeatTimeout: '10 seconds',
    scheduleToCloseTimeout: '30 minutes',
    retry: backoff,
  });
}

/** The activities that touch only MongoDB and Temporal. They are never given up, so nothing is lost while MongoDB is down. */
export const storeActivities = proxyActivities<StoreActivities>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '10 seconds',
  retry: { ...backoff, maximumInterval: '30 seconds' },
});
