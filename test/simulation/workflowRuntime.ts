/*
 * What the workflows use of @temporalio/workflow, for a simulation. The modules of the simulated code import this file under
 * that name: see register.ts and vitest.config.ts.
 */
import {
  ActivityFailure,
  type RetryPolicy,
  type SearchAttributePair,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import { type ActivityOptions, ActivityTask } from './activityTask.ts';
import { ContinueAsNew, cancellableScope, type Execution, runningExecution } from './execution.ts';
import { failureOfChild } from './temporalServer.ts';

export { ApplicationFailure, TemporalFailure } from '@temporalio/common';
export { isCancellation } from './execution.ts';

export const ParentClosePolicy = {
  ABANDON: 'ABANDON',
  TERMINATE: 'TERMINATE',
  REQUEST_CANCEL: 'REQUEST_CANCEL',
} as const;
export const ChildWorkflowCancellationType = { ABANDON: 'ABANDON', TRY_CANCEL: 'TRY_CANCEL' } as const;

export const defineSignal = (name: string) => ({ type: 'signal', name });
/** The policies by their numbers in histories. */
const POLICY_NUMBERS: Record<string, number> = { TERMINATE: 1, ABANDON: 2, REQUEST_CANCEL: 3 };

export const defineQuery = (name: string) => ({ type: 'query', name });

/** What Temporal's page asks of every workflow. */
export const workflowMetadataQuery = defineQuery('__temporal_workflow_metadata');

const current = (): Execution => {
  const execution = runningExecution.getStore();
  if (execution === undefined) throw new Error('this is called outside of a workflow');
  return execution;
};

export function workflowInfo() {
  const { workflowId, runId, type: workflowType, events, parent, server } = current();
  const taskQueue = server.taskQueue;
  const continueAsNewSuggested = events.length >= server.suggestContinueAsNewAt;
  return {
    ...{ workflowId, runId, workflowType, taskQueue, namespace: 'default', historyLength: events.length },
    ...{ continueAsNewSuggested, parent: parent && { ...parent, namespace: 'default' } },
  };
}

export function setHandler(
  { name }: { name: string },
  handler: (...given: unknown[]) => unknown,
  options?: { description?: string },
): void {
  const execution = current();
  // The run's own signal comes from its children, and nobody sends it by hand.
  if (name !== 'pulled') requireText(execution, `the handler of ${name}`, options?.description);
  execution.setHandler(name, handler);
}

/** Temporal's page shows a text for each thing. */
function requireText({ server }: Execution, what: string, text: unknown): void {
  if (typeof text !== 'string' || text.trim() === '') server.onProblem(`${what} has no text on Temporal's page`);
}

export function proxyActivities(options: ActivityOptions & { retry?: RetryPolicy }) {
  return new Proxy(
    {},
    {
      get: (_, type) => {
        if (typeof type !== 'string' || type === 'then') return undefined;
        return (...given: unknown[]) => runActivity(type, given, options);
      },
    },
  );
}

function runActivity(type: string, given: unknown[], options: ActivityOptions): Promise<unknown> {
  const execution = current();
  requireText(execution, `the activity ${type}`, options.summary);
  const { instance } = execution.input as { instance: string };
  if (options.taskQueue !== undefined && options.priority?.fairnessKey !== instance)
    execution.server.onProblem(`the activity ${type} is not in the lane of its instance`);
  let task: ActivityTask | null = null;
  return execution.pending(
    (settle) => {
      task = new ActivityTask(execution, type, given, options, settle);
    },
    (error) => {
      task?.requestCancel();
      return new ActivityFailure('Activity cancelled', type, undefined, 'CANCEL_REQUESTED', undefined, error);
    },
  );
}

export function sleep(ms: number, options?: { summary?: string }): Promise<void> {
  const execution = current();
  requireText(execution, 'a timer', options?.summary);
  execution.addEvents(2, { timerStartedEventAttributes: { ms } }, options?.summary);
  return execution.pending<void>(({ resolve }) => {
    execution.server.scheduler.schedule(Math.max(ms, 1), () => execution.add(resolve));
  });
}

export async function condition(
  holds: () => boolean,
  timeoutMs?: number,
  options?: { summary?: string },
): Promise<boolean> {
  const execution = current();
  const waiting = execution.waitFor(holds);
  if (timeoutMs === undefined) return waiting.promise.then(() => true);
  const timeout = sleep(timeoutMs, options);
  timeout.catch(() => undefined);
  try {
    return await Promise.race([timeout.then(() => false), waiting.promise.then(() => true)]);
  } finally {
    waiting.stop();
  }
}

export function continueAsNew(input: unknown): Promise<never> {
  throw new ContinueAsNew(input);
}

export const CancellationScope = {
  nonCancellable: <T>(work: () => Promise<T>): Promise<T> => cancellableScope.run(false, work),
};

export function getExternalWorkflowHandle(workflowId: string) {
  const execution = current();
  const { server } = execution;
  return {
    signal: ({ name }: { name: string }, ...given: unknown[]): Promise<void> =>
      execution.pending<void>(({ resolve, reject }) => {
        server.note(`signal ${name}`, given);
        execution.addEvents(2);
        server.scheduler.schedule(server.scheduler.latency('external signal', 5), () => {
          const target = server.running(workflowId);
          if (target !== null) target.signal(name, server.sent(given));
          execution.add(() => (target === null ? reject(new Error('no such workflow runs')) : resolve()));
        });
      }),
  };
}

interface ChildOptions {
  workflowId: string;
  args: unknown[];
  taskQueue?: string;
  typedSearchAttributes?: SearchAttributePair[];
  parentClosePolicy?: string;
  cancellationType?: string;
  staticSummary?: string;
  staticDetails?: string;
}

export function startChild(type: string, { workflowId, args, ...rest }: ChildOptions) {
  const execution = current();
  const { server } = execution;
  requireText(execution, `the workflow ${type}`, rest.staticSummary);
  requireText(execution, `the workflow ${type} in detail`, rest.staticDetails);
  server.note(`start of ${type}`, [args, rest]);
  const policy = POLICY_NUMBERS[rest.parentClosePolicy ?? ParentClosePolicy.TERMINATE];
  execution.addEvents(2, { startChildWorkflowExecutionInitiatedEventAttributes: { parentClosePolicy: policy } });
  const begin = execution.pending<{ workflowId: string; result(): Promise<unknown> }>(({ resolve, reject }) => {
    server.scheduler.schedule(server.scheduler.latency('start of a child', 6), () => {
      if (execution.status !== 'RUNNING') return;
      if (server.running(workflowId) !== null) {
        execution.addEvents(1, { startChildWorkflowExecutionFailedEventAttributes: { workflowId } });
        return execution.add(() =>
          reject(new WorkflowExecutionAlreadyStartedError('Workflow execution already started', workflowId, type)),
        );
      }
      const attributes = rest.typedSearchAttributes ?? [];
      const child = server.start({ workflowId, type, input: server.sent(args)[0], parent: execution, attributes });
      if (rest.parentClosePolicy !== ParentClosePolicy.ABANDON) execution.onEnd.push(() => server.terminate(child));
      if (rest.cancellationType !== ChildWorkflowCancellationType.ABANDON)
        execution.onCancel.push(() => child.requestCancel());
      const result = new Promise((done, failed) => {
        child.onClose.push((status, value) => {
          execution.addEvents(1, status === 'CANCELED' ? { childWorkflowExecutionCanceledEventAttributes: {} } : {});
          execution.add(() => (status === 'COMPLETED' ? done(value) : failed(failureOfChild(child, status, value))));
        });
      });
      result.catch(() => undefined);
      execution.add(() => resolve({ workflowId, result: () => result }));
    });
  });
  return begin;
}

export function upsertSearchAttributes(attributes: SearchAttributePair[]): void {
  const execution = current();
  execution.addEvents(1);
  execution.server.note('search attributes', attributes);
  execution.setAttributes(attributes);
}

export function setCurrentDetails(details: string): void {
  requireText(current(), 'the state of a workflow', details);
  current().server.note('details', details);
  current().details = details;
}
