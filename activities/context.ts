import { Context } from '@temporalio/activity';
import type { WorkflowClient } from '@temporalio/client';
import type { LockPolicy } from '../domain/lock.ts';
import type { TimeZones } from '../domain/timeZone.ts';
import type { KipuClient } from '../kipu/index.ts';
import type { Store } from '../store/connect.ts';
import { UnknownInstanceError } from './classifyError.ts';

/** What the steps lean on, given once when the worker starts. */
export interface ActivityContext {
  store: Store;
  instances: ReadonlyMap<string, InstanceContext>;
  /** Starts workflows of records whose own is gone. */
  workflows: WorkflowClient;
  taskQueue: string;
  runs: { lookBackDays: number; fullRunHour: number; maxInFlight: number; pageSize: number; webhookGraceMs: number };
  /** The customer's address for notices; null for none. */
  noticeUrl: string | null;
  now(): Date;
}

export interface InstanceContext extends TimeZones {
  kipu: KipuClient;
  lockPolicy: LockPolicy;
}

/** @throws UnknownInstanceError */
export function requireInstance(context: ActivityContext, name: string): InstanceContext {
  const instance = context.instances.get(name);
  if (instance === undefined) throw new UnknownInstanceError(name);
  return instance;
}

/** A key that is the same for every attempt of one step, and differs for every other step. */
export function idempotencyKey(): string {
  const { workflowExecution, activityId } = Context.current().info;
  return `${workflowExecution?.runId ?? 'none'}/${activityId}`;
}

/** Which attempt this is, 1 for the first: with one request per attempt, also the requests made. */
export function attemptNumber(): number {
  return Context.current().info.attempt;
}

/** Aborts when Temporal cancels the step. */
export function cancellationSignal(): AbortSignal {
  return Context.current().cancellationSignal;
}
