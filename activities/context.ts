import { Context } from '@temporalio/activity';
import type { WorkflowClient } from '@temporalio/client';
import type { LockPolicy } from '../domain/lock.ts';
import type { TimeZones } from '../domain/time.ts';
import type { KipuClient } from '../kipu/index.ts';
import type { Store } from '../store/connect.ts';

/** What the activities depend on. Created once, when the worker starts. */
export interface ActivityContext {
  store: Store;
  instances: InstanceLookup;
  /** Starts workflows of records whose workflow is gone. */
  workflows: WorkflowClient;
  taskQueue: string;
  runs: {
    lookBackDays: number;
    fullRunHour: number;
    maxInFlight: number;
    bulkFrom: number;
    pageSize: number;
    webhookGraceMs: number;
  };
  /** The customer's URL for notices; null for none. */
  noticeUrl: string | null;
  /** Whether a signal that a person typed on Temporal's page may unlock a record. */
  unlockByHand: boolean;
  now(): Date;
}

/** Finds what the activities need of an instance. Instances are added, changed and retired while the worker runs. */
export interface InstanceLookup {
  get(name: string): InstanceContext | undefined;
  isRetired?(name: string): boolean;
  /** Reads the stored connections again. */
  refresh?(): Promise<unknown>;
}

export interface InstanceContext extends TimeZones {
  kipu: KipuClient;
  lockPolicy: LockPolicy;
}

/** Thrown when a run or a record belongs to an instance that was retired, or that does not exist. */
export class UnknownInstanceError extends Error {
  override readonly name = 'UnknownInstanceError';

  constructor(instance: string, retired = false) {
    super(
      retired
        ? `The KIPU connection "${instance}" is retired: nothing is read from it. Add it again to continue.`
        : `There is no instance "${instance}" in the settings and no usable connection. Add it, or delete its schedule.`,
    );
  }
}

/** Returns what is needed of an instance; one that was added a moment ago is read first. @throws UnknownInstanceError */
export async function requireInstance({ instances }: ActivityContext, name: string): Promise<InstanceContext> {
  if (instances.get(name) === undefined) await instances.refresh?.();
  const instance = instances.get(name);
  if (instance === undefined) throw new UnknownInstanceError(name, instances.isRetired?.(name));
  return instance;
}

/** Returns a key that all attempts of one activity share, and no other activity has. */
export function idempotencyKey(): string {
  const { workflowExecution, activityId } = Context.current().info;
  return `${workflowExecution?.runId ?? 'none'}/${activityId}`;
}

/** Returns the id of the workflow that runs this activity; in the activities of a sync, it names the run. */
export function ownWorkflowId(): string | undefined {
  return Context.current().info.workflowExecution?.workflowId;
}

/** Returns the number of this attempt, 1 for the first. With one request per attempt this is also the number of requests. */
export function attemptNumber(): number {
  return Context.current().info.attempt;
}

/** Returns the signal that aborts when Temporal cancels the activity. */
export function cancellationSignal(): AbortSignal {
  return Context.current().cancellationSignal;
}

/** How far an activity got, for Temporal's page and for its next attempt. Numbers only. */
export interface Progress {
  /** Requests to KIPU of all attempts so far. */
  calls: number;
  done: number;
}

const reported = new WeakMap<Context, Progress>();

/** Returns how many requests earlier attempts of this activity made, as their last heartbeat said. */
export function earlierCalls(): number {
  const details: Partial<Progress> | undefined = Context.current().info.heartbeatDetails;
  return details?.calls ?? 0;
}

/** Stores how far this activity got: its next heartbeat says so. */
export function reportProgress(progress: Progress): void {
  reported.set(Context.current(), progress);
}

/** Returns what `reportProgress` last stored for an activity. */
export function progressOf(context: Context): Progress | undefined {
  return reported.get(context);
}
