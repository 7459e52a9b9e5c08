import { WorkflowNotFoundError } from '@temporalio/client';
import {
  ChildWorkflowFailure,
  TemporalFailure,
  TerminatedFailure,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import { uuidOf } from './clock.ts';
import { Execution, type StartOptions, type Status } from './execution.ts';
import type { Operations } from './operations.ts';
import type { Process, Scheduler } from './scheduler.ts';

/** A worker that activities can be given to. */
export interface ActivityWorker extends Process {
  /** Throws where no worker of this task queue has the activity. */
  runActivity(
    type: string,
    given: unknown[],
    info: { taskQueue: string },
    onHeartbeat: (details: unknown) => void,
  ): RunningActivity;
}

export interface RunningActivity {
  ended: Promise<{ result: unknown } | { error: unknown }>;
  cancel(): void;
}

const RUN_TIMEOUT_MS = 24 * 3_600_000;

/** A Temporal server in memory: workflows by their id, and what their workers would do for them. */
export class TemporalServer {
  readonly scheduler: Scheduler;
  readonly operations: Operations;
  readonly taskQueue: string;
  workflows: Record<string, (input: never) => Promise<unknown>> = {};
  workers: ActivityWorker[] = [];
  /** Events after which a server suggests to continue as new. */
  suggestContinueAsNewAt = 4_000;
  /** Called with everything that a history, a log or Temporal's page would show. */
  onText: (place: string, text: string) => void = () => undefined;
  onProblem: (text: string) => void = () => undefined;
  onSignal: (workflowId: string, name: string) => void = () => undefined;
  onEnd: (execution: Execution) => void = () => undefined;
  /** The last run of each workflow, and every run by its id. */
  readonly #executions = new Map<string, Execution>();
  readonly #runs = new Map<string, Execution>();
  readonly #buffered = new Set<string>();

  constructor(operations: Operations, taskQueue: string) {
    this.operations = operations;
    this.scheduler = operations.scheduler;
    this.taskQueue = taskQueue;
  }

  /** Returns the run of the workflow that is open, or null. */
  running(workflowId: string): Execution | null {
    const found = this.#executions.get(workflowId);
    return found?.status === 'RUNNING' ? found : null;
  }

  /** Returns a run of a workflow, by default its last one; null for none. */
  find(workflowId: string, runId?: string): Execution | null {
    return (runId === undefined ? this.#executions.get(workflowId) : this.#runs.get(runId)) ?? null;
  }

  /** Returns every run of every workflow, in the order in which they began. */
  allRuns(): Execution[] {
    return [...this.#runs.values()];
  }

  allRunning(): Execution[] {
    return [...this.#executions.values()].filter(({ status }) => status === 'RUNNING');
  }

  /** Returns values as they arrive on the other side, as JSON. */
  sent<T>(values: T): T {
    return values === undefined ? values : JSON.parse(JSON.stringify(values));
  }

  note(place: string, value: unknown): void {
    this.onText(place, typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
  }

  start(options: StartOptions): Execution {
    if (this.running(options.workflowId) !== null)
      throw new WorkflowExecutionAlreadyStartedError('already started', options.workflowId, options.type);
    const execution = new Execution(this, uuidOf(this.scheduler), options);
    this.#keep(execution);
    execution.scheduleTask();
    return execution;
  }

  #keep(execution: Execution): void {
    this.#executions.set(execution.workflowId, execution);
    this.#runs.set(execution.runId, execution);
  }

  signal(workflowId: string, name: string, given: unknown[]): void {
    const execution = this.running(workflowId);
    if (execution === null) throw new WorkflowNotFoundError('workflow not found', workflowId, undefined);
    this.note(`signal ${name}`, given);
    this.onSignal(workflowId, name);
    execution.signal(name, this.sent(given));
  }

  /** Starts a run as the schedule of an instance does: at most one more waits while one is running. */
  runOnSchedule(prefix: string, type: string, input: unknown): void {
    const open = this.allRunning().find(({ workflowId }) => workflowId.startsWith(prefix));
    if (open !== undefined) return void this.#buffered.add(prefix);
    const workflowId = `${prefix}-${new Date(Math.floor(this.scheduler.now)).toISOString()}`;
    const execution = this.start({ workflowId, type, input });
    execution.onClose.push(() => {
      if (!this.#buffered.delete(prefix)) return;
      this.scheduler.schedule(100, () => this.runOnSchedule(prefix, type, input));
    });
    this.scheduler.schedule(RUN_TIMEOUT_MS, () => {
      const late = this.running(workflowId);
      if (late !== null) this.close(late, 'TIMED_OUT', undefined);
    });
  }

  close(execution: Execution, status: Status, result: unknown): void {
    if (execution.status !== 'RUNNING') return;
    execution.status = status;
    this.onEnd(execution);
    for (const end of execution.onEnd) end();
    this.note(`result of ${execution.type}`, result instanceof Error ? result.message : result);
    const value = status === 'COMPLETED' ? this.sent(result) : result;
    execution.outcome = { status, value };
    for (const listener of execution.onClose.splice(0)) listener(status, value);
  }

  continueAsNew(execution: Execution, input: unknown): void {
    this.note(`input of ${execution.type}`, input);
    execution.status = 'CONTINUED_AS_NEW';
    const { workflowId, type, parent } = execution;
    const next = new Execution(this, uuidOf(this.scheduler), { workflowId, type, input: this.sent(input) });
    Object.assign(next, { parent, onEnd: execution.onEnd, onCancel: execution.onCancel });
    for (const [name, value] of execution.attributes) next.attributes.set(name, value);
    next.onClose = execution.onClose.splice(0);
    this.#keep(next);
    for (const { name, given } of execution.takeSignals()) next.signal(name, given);
    next.scheduleTask();
  }

  terminate(execution: Execution): void {
    this.close(execution, 'TERMINATED', new TerminatedFailure('terminated'));
  }

  /** A workflow that throws something else than a failure of Temporal never continues: its code is wrong. */
  failTask(execution: Execution, error: unknown): void {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    this.onProblem(`a workflow task of ${execution.workflowId} fails: ${text}`);
    execution.status = 'FAILED';
  }
}

/** Returns the failure that the parent of a child workflow sees. */
export function failureOfChild(
  { workflowId, runId, type }: Execution,
  status: Status,
  value: unknown,
): ChildWorkflowFailure {
  const cause = value instanceof TemporalFailure ? value : new TerminatedFailure(`the child is ${status}`);
  return new ChildWorkflowFailure('default', { workflowId, runId }, type, 'NON_RETRYABLE_FAILURE', cause);
}
