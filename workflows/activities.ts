import { type ActivityInterfaceFor, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { KipuActivities, StoreActivities } from '../activities/index.ts';
import { kipuTaskQueue } from './messages.ts';

/**
 * Which failures are retried is decided where they arise (activities/classifyError.ts). Here is only for how long: a step
 * towards KIPU is given up after half a cycle, so that a run ends, says so, and the next one starts where it stood.
 */
const pace = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '2 minutes' } as const;

/** Steps that call KIPU. The fairness key keeps one instance's backlog from making another wait. */
export function kipuActivities(instance: string): ActivityInterfaceFor<KipuActivities> {
  return proxyActivities<KipuActivities>({
    taskQueue: kipuTaskQueue(workflowInfo().taskQueue),
    priority: { fairnessKey: instance },
    startToCloseTimeout: '2 minutes',
    heartbeatTimeout: '10 seconds',
    scheduleToCloseTimeout: '30 minutes',
    retry: pace,
  });
}

/** Steps that touch only MongoDB and Temporal. They are never given up: nothing is lost while the database is away. */
export const storeActivities = proxyActivities<StoreActivities>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '10 seconds',
  retry: { ...pace, maximumInterval: '30 seconds' },
});
