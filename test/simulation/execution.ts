import { AsyncLocalStorage } from 'node:async_hooks';
import {
  ActivityFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  type SearchAttributePair,
  TemporalFailure,
} from '@temporalio/common';
import { drained } from './scheduler.ts';
import type { TemporalServer } from './temporalServer.ts';

/** The workflow whose code runs. */
export const runningExecution = new AsyncLocalStorage<Execution>();
/** False within `CancellationScope.nonCancellable`. */
export const cancellableScope = new AsyncLocalStorage<boolean>();

/** Thrown by `continueAsNew`: the workflow ends, and another run of it begins with this input. */
export class ContinueAsNew extends Error {
  readonly input: unknown;

  constructor(input: unknown) {
    super('continued as new');
    this.input = input;
  }
}

export type Status = 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELED' | 'TERMINATED' | 'TIMED_OUT' | 'CONTINUED_AS_NEW';

export interface StartOptions {
  workflowId: string;
  type: string;
  input: unknown;
  parent?: Execution | undefined;
  attributes?: SearchAttributePair[];
}

type Handler = (...given: unknown[]) => unknown;
/** An event of a history, as far as anybody reads it. */
export type HistoryEvent = Record<string, unknown>;

interface Signal {
  name: string;
  given: unknown[];
}

export function isCancellation(error: unknown): boolean {
  if (error instanceof CancelledFailure) return true;
  const isWrapper = error instanceof ActivityFailure || error instanceof ChildWorkflowFailure;
  return isWrapper && isCancellation(error.cause);
}

/** One run of a workflow: the state that Temporal and its worker keep for it. */
export class Execution {
  readonly server: TemporalServer;
  readonly workflowId: string;
  readonly runId: string;
  readonly type: string;
  readonly input: unknown;
  /** The workflow that started it, as `workflowInfo` says it also in later runs. */
  readonly parent: { workflowId: string; runId: string } | undefined;
  status: Status = 'RUNNING';
  /** Its history: about as many events as a server would count, with what tests read of them. */
  readonly events: HistoryEvent[] = [{}, {}, {}];
  /** What Temporal's page shows of its state. */
  details = '';
  activities = 0;
  readonly handlers = new Map<string, Handler>();
  /** Called once when it closes, unless it continues as new: then they are taken along. */
  onClose: ((status: Status, result: unknown) => void)[] = [];
  /** Called when it ends, and when its cancellation is requested: for its children, as their options say. */
  readonly onEnd: (() => void)[] = [];
  readonly onCancel: (() => void)[] = [];
  /** Its search attributes by name, without those that were removed. */
  readonly attributes = new Map<string, unknown>();
  #signals: Signal[] = [];
  #jobs: (() => void)[] = [];
  #unhandled: Signal[] = [];
  #conditions: { holds: () => boolean; resolve: () => void }[] = [];
  readonly #cancellables = new Set<(error: Error) => void>();
  #isCancelRequested = false;
  #isTaskScheduled = false;
  #isStarted = false;
  /** How it ended, once it has. */
  outcome: { status: Status; value: unknown } | null = null;
  #ended: { result: unknown } | { error: unknown } | null = null;

  constructor(server: TemporalServer, runId: string, { workflowId, type, input, parent, attributes }: StartOptions) {
    this.server = server;
    this.workflowId = workflowId;
    this.runId = runId;
    this.type = type;
    this.input = input;
    this.parent = parent && { workflowId: parent.workflowId, runId: parent.runId };
    this.setAttributes(attributes ?? []);
  }

  setAttributes(pairs: readonly SearchAttributePair[]): void {
    for (const { key, value } of pairs) {
      const { name } = key as { name: string };
      if (value === null) this.attributes.delete(name);
      else this.attributes.set(name, value);
    }
  }

  /** Adds so many events to the history. The first one has these attributes, and a summary where one is given. */
  addEvents(count: number, attributes: HistoryEvent = {}, summary?: string): void {
    const metadata =
      summary === undefined ? {} : { userMetadata: { summary: { data: Buffer.from(JSON.stringify(summary)) } } };
    this.events.push({ ...attributes, ...metadata });
    for (let more = 1; more < count; more += 1) this.events.push({});
  }

  /** Adds a signal to the history. The next workflow task handles it. */
  signal(name: string, given: unknown[]): void {
    this.addEvents(1);
    this.#signals.push({ name, given });
    this.scheduleTask();
  }

  /** Adds what an activity, a timer or a child came to. */
  add(job: () => void): void {
    if (this.status !== 'RUNNING') return;
    this.#jobs.push(job);
    this.scheduleTask();
  }

  requestCancel(): void {
    this.add(() => {
      this.#isCancelRequested = true;
      const error = new CancelledFailure('Workflow cancelled');
      for (const cancel of this.onCancel) cancel();
      for (const reject of this.#cancellables) reject(error);
      this.#cancellables.clear();
    });
  }

  scheduleTask(): void {
    if (this.#isTaskScheduled || this.status !== 'RUNNING') return;
    this.#isTaskScheduled = true;
    const { scheduler } = this.server;
    scheduler.schedule(scheduler.latency('workflow task', 8), () => this.#task());
  }

  /** Returns a promise of something that this workflow waits for, which its cancellation rejects. */
  pending<T>(
    begin: (settle: { resolve: (value: T) => void; reject: (error: unknown) => void }) => void,
    cancelled: (error: Error) => unknown = (error) => error,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const isCancellable = cancellableScope.getStore() !== false;
      const cancel = (error: Error) => reject(cancelled(error));
      if (isCancellable && this.#isCancelRequested) return cancel(new CancelledFailure('Workflow cancelled'));
      if (isCancellable) this.#cancellables.add(cancel);
      const done = () => void this.#cancellables.delete(cancel);
      begin({
        resolve: (value) => {
          done();
          resolve(value);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      });
    });
  }

  waitFor(holds: () => boolean): { promise: Promise<void>; stop: () => void } {
    const condition = { holds, resolve: () => {} };
    const promise = this.pending<void>(({ resolve }) => {
      if (holds()) return resolve();
      condition.resolve = () => resolve();
      this.#conditions.push(condition);
    });
    const stop = () => {
      this.#conditions = this.#conditions.filter((one) => one !== condition);
    };
    return { promise, stop };
  }

  setHandler(name: string, handler: Handler): void {
    this.handlers.set(name, handler);
    const waiting = this.#unhandled.filter((one) => one.name === name);
    this.#unhandled = this.#unhandled.filter((one) => one.name !== name);
    for (const { given } of waiting) handler(...given);
  }

  /** Returns the signals that came after its last workflow task: the next run of the workflow gets them. */
  takeSignals(): Signal[] {
    const left = [...this.#unhandled, ...this.#signals];
    this.#signals = [];
    this.#unhandled = [];
    return left;
  }

  /** Handles what came since the last workflow task: signals first, then the rest, and then what these made true. */
  async #task(): Promise<void> {
    this.#isTaskScheduled = false;
    if (this.status !== 'RUNNING') return;
    this.addEvents(3);
    const signals = this.#signals.splice(0);
    const jobs = this.#jobs.splice(0);
    runningExecution.run(this, () => {
      for (const signal of signals) this.#handle(signal);
      if (!this.#isStarted) this.#start();
    });
    await this.#settle();
    runningExecution.run(this, () => {
      for (const job of jobs) job();
    });
    await this.#settle();
    this.#close();
  }

  #handle(signal: Signal): void {
    const handler = this.handlers.get(signal.name);
    if (handler === undefined) this.#unhandled.push(signal);
    else handler(...signal.given);
  }

  #start(): void {
    this.#isStarted = true;
    const workflow = this.server.workflows[this.type];
    if (workflow === undefined) throw new Error(`there is no workflow ${this.type}`);
    workflow(this.input as never).then(
      (result) => (this.#ended = { result }),
      (error: unknown) => (this.#ended = { error }),
    );
  }

  async #settle(): Promise<void> {
    for (;;) {
      await drained();
      const met = this.#conditions.filter(({ holds }) => holds());
      if (met.length === 0) return;
      this.#conditions = this.#conditions.filter((one) => !met.includes(one));
      for (const { resolve } of met) resolve();
    }
  }

  #close(): void {
    if (this.#ended === null) return;
    const { error } = { error: null, ...this.#ended };
    if ('result' in this.#ended) this.server.close(this, 'COMPLETED', this.#ended.result);
    else if (error instanceof ContinueAsNew) this.server.continueAsNew(this, error.input);
    else if (isCancellation(error) && this.#isCancelRequested) this.server.close(this, 'CANCELED', error);
    else if (error instanceof TemporalFailure) this.server.close(this, 'FAILED', error);
    else this.server.failTask(this, error);
  }
}
