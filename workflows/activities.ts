import {
  type ActivityInterfaceFor,
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { KipuActivities, StoreActivities } from '../activities/index.ts';
import { INSTANCE_FAULT, kipuTaskQueue } from './messages.ts';

/**
 * How long activities are retried; which failures are retried is decided in activities/classifyError.ts. Activities that
 * call KIPU are given up after half an hour, so that a run ends and says why, and the next one continues from there.
 */
const backoff = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '2 minutes' } as const;

type OfKipu = ActivityInterfaceFor<KipuActivities>;

/** Returns the activities with one request to KIPU, or a few. Temporal's page shows the summary. */
export const kipuActivities = (instance: string, summary: string): OfKipu => ofKipu(instance, summary, '2 minutes');

/** Returns the activities with many requests to KIPU, which wait for each other where few are allowed. */
export const batchActivities = (instance: string, summary: string): Pick<OfKipu, 'pullBatch' | 'listPages'> =>
  ofKipu(instance, summary, '10 minutes');

/** By the fairness key, the backlog of one instance does not delay another. */
function ofKipu(instance: string, summary: string, startToCloseTimeout: '2 minutes' | '10 minutes'): OfKipu {
  return proxyActivities<KipuActivities>({
    summary,
    taskQueue: kipuTaskQueue(workflowInfo().taskQueue),
    priority: { fairnessKey: instance },
    startToCloseTimeout,
    heartbeatTimeout: '10 seconds',
    scheduleToCloseTimeout: '30 minutes',
    retry: backoff,
  });
}

/** Returns the activities that touch only MongoDB and Temporal. They are never given up: nothing is lost while MongoDB is down. */
export const storeActivities = (summary: string): ActivityInterfaceFor<StoreActivities> =>
  proxyActivities<StoreActivities>({
    summary,
    startToCloseTimeout: '1 minute',
    heartbeatTimeout: '10 seconds',
    retry: { ...backoff, maximumInterval: '30 seconds' },
  });

/** The code and text of a failure, as activities/classifyError.ts wrote them. */
export interface Fault {
  code: string;
  text: string;
  /** The instance itself refuses us, so its run stops. */
  instance: boolean;
  /** Requests that went to KIPU before the activity was given up. */
  calls: number;
}

/** Awaits an activity. Returns null where it failed for good, as when MongoDB refuses; the caller tries again later. */
export async function unlessRefused<T>(activity: Promise<T>): Promise<T | null> {
  try {
    return await activity;
  } catch (error) {
    if (isCancellation(error)) throw error;
    faultOf(error);
    return null;
  }
}

/** Returns the fault of a failed activity or child workflow, from under the wrappers that Temporal adds. */
export function faultOf(error: unknown): Fault {
  // A bug in our own code: the workflow stops here, and continues with a worker that has the fix.
  if (!(error instanceof TemporalFailure)) throw error;
  for (let at: unknown = error; at instanceof TemporalFailure; at = at.cause) {
    if (at instanceof ApplicationFailure) {
      const [code, calls] = at.details ?? [];
      return {
        code: typeof code === 'string' ? code : 'unexpected',
        text: at.message,
        instance: at.type === INSTANCE_FAULT,
        calls: typeof calls === 'number' ? calls : 0,
      };
    }
  }
  return { code: 'timeout', text: 'It did not answer in time.', instance: false, calls: 0 };
}
