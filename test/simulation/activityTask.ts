import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  TimeoutFailure,
  type TimeoutType,
} from '@temporalio/common';
import type { Execution } from './execution.ts';
import type { Scheduled } from './scheduler.ts';
import type { ActivityWorker, RunningActivity } from './temporalServer.ts';

type Duration = string | number;

export interface ActivityOptions {
  taskQueue?: string;
  summary?: string;
  priority?: { fairnessKey?: string };
  startToCloseTimeout: Duration;
  scheduleToCloseTimeout?: Duration;
  heartbeatTimeout?: Duration;
  retry?: { initialInterval?: Duration; backoffCoefficient?: number; maximumInterval?: Duration };
}

interface Settle {
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/** The SDK sends heartbeats at most this often: four fifths of the timeout. */
const THROTTLE = 0.8;

/** One activity: the server hands its attempts to workers, one after the other, until one of them ends it. */
export class ActivityTask {
  readonly #execution: Execution;
  readonly #type: string;
  readonly #given: unknown[];
  readonly #options: ActivityOptions;
  readonly #settle: Settle;
  readonly #id: string;
  readonly #deadline: number;
  #attempt = 0;
  #isEnded = false;
  #isCancelRequested = false;
  #details: unknown;
  #timers: Scheduled[] = [];
  #running: RunningActivity | null = null;
  #lastFailure: Error | undefined;

  constructor(execution: Execution, type: string, given: unknown[], options: ActivityOptions, settle: Settle) {
    this.#execution = execution;
    this.#type = type;
    this.#options = options;
    this.#settle = settle;
    execution.activities += 1;
    execution.addEvents(3, { activityTaskScheduledEventAttributes: { activityType: { name: type } } }, options.summary);
    this.#id = String(execution.activities);
    const { server } = execution;
    server.note(`input of ${type}`, [given, options.summary]);
    this.#given = server.sent(given);
    const limit = options.scheduleToCloseTimeout;
    this.#deadline = limit === undefined ? Infinity : server.scheduler.now + msOf(limit);
    if (limit !== undefined)
      server.scheduler.schedule(msOf(limit), () => this.#end(this.#timedOut('SCHEDULE_TO_CLOSE')));
    this.#offer(server.scheduler.latency('activity task', 10));
  }

  /** The next heartbeat tells the running attempt. The workflow does not wait for it. */
  requestCancel(): void {
    this.#isCancelRequested = true;
    if (this.#running === null) this.#isEnded = true;
  }

  #offer(delayMs: number): void {
    const { scheduler } = this.#execution.server;
    scheduler.schedule(delayMs, () => {
      if (this.#isClosed()) return;
      const { now } = scheduler;
      const free = this.#execution.server.workers.filter(
        ({ isAlive, frozenUntil, cutOffUntil }) => isAlive && frozenUntil <= now && cutOffUntil <= now,
      );
      const worker = free[Math.floor(scheduler.draw('worker of an activity') * free.length)];
      if (worker === undefined) this.#offer(1_000);
      else this.#start(worker);
    });
  }

  #start(worker: ActivityWorker): void {
    const { server, workflowId, runId } = this.#execution;
    const { scheduler } = server;
    this.#attempt += 1;
    const attempt = this.#attempt;
    const isCurrent = () => this.#attempt === attempt && !this.#isClosed() && this.#running === running;
    const beatMs = msOf(this.#options.heartbeatTimeout ?? 0);
    let beatAt = scheduler.now;
    let sent = -Infinity;
    let unsent: { details: unknown } | null = null;
    const send = (details: unknown) => {
      if (worker.cutOffUntil > scheduler.now) return;
      // The server no longer waits for this attempt: it is told so.
      if (!isCurrent()) return running.cancel();
      sent = scheduler.now;
      beatAt = scheduler.now;
      this.#details = server.sent(details);
      server.note('heartbeat', details ?? null);
      if (this.#isCancelRequested) running.cancel();
    };
    const onHeartbeat = (details: unknown) => {
      const wait = sent + THROTTLE * beatMs - scheduler.now;
      if (wait <= 0) return send(details);
      const isFirst = unsent === null;
      unsent = { details };
      if (!isFirst) return;
      scheduler.deliver(worker, wait, () => {
        if (unsent !== null) send(unsent.details);
        unsent = null;
      });
    };
    const info = {
      ...{ attempt, activityId: this.#id, activityType: this.#type, heartbeatDetails: this.#details },
      ...{ workflowExecution: { workflowId, runId }, heartbeatTimeoutMs: beatMs },
      taskQueue: this.#options.taskQueue ?? server.taskQueue,
    };
    const running = worker.runActivity(this.#type, this.#given, info, onHeartbeat);
    this.#running = running;
    this.#timers = [
      scheduler.schedule(msOf(this.#options.startToCloseTimeout), () => {
        if (isCurrent()) this.#failed(this.#timedOut('START_TO_CLOSE'), null);
      }),
    ];
    const watch = (at: number) => {
      const timer = scheduler.schedule(at - scheduler.now, () => {
        if (!isCurrent()) return;
        if (scheduler.now >= beatAt + beatMs) this.#failed(this.#timedOut('HEARTBEAT'), null);
        else watch(beatAt + beatMs);
      });
      this.#timers.push(timer);
    };
    if (beatMs > 0) watch(beatAt + beatMs);
    void running.ended.then((ended) => {
      // What a worker cannot tell the server now, it tells it later.
      const report = () => {
        if (worker.cutOffUntil > scheduler.now)
          return void scheduler.deliver(worker, worker.cutOffUntil - scheduler.now, report);
        if (unsent !== null) send(unsent.details);
        if (!isCurrent()) return;
        if ('result' in ended) this.#completed(ended.result);
        else this.#failed(ended.error, ended.error instanceof ApplicationFailure ? ended.error : null);
      };
      scheduler.deliver(worker, scheduler.latency('completion', 4), report);
    });
  }

  #completed(result: unknown): void {
    this.#execution.server.note(`result of ${this.#type}`, result);
    const value = this.#execution.server.sent(result);
    this.#stopTimers();
    this.#isEnded = true;
    this.#execution.add(() => this.#settle.resolve(value));
  }

  #failed(error: unknown, failure: ApplicationFailure | null): void {
    this.#stopTimers();
    this.#running = null;
    const { scheduler } = this.#execution.server;
    const known = error instanceof Error ? error : new Error(String(error));
    this.#execution.server.note(
      `failure of ${this.#type}`,
      `${known.message} ${JSON.stringify(failure?.details ?? [])}`,
    );
    if (known instanceof CancelledFailure) {
      if (this.#isCancelRequested) this.#isEnded = true;
      return;
    }
    this.#lastFailure = known;
    const { initialInterval = 1_000, backoffCoefficient = 2, maximumInterval } = this.#options.retry ?? {};
    const first = msOf(initialInterval);
    const most = maximumInterval === undefined ? first * 100 : msOf(maximumInterval);
    const backoff = Math.min(first * backoffCoefficient ** (this.#attempt - 1), most);
    const asked = failure?.nextRetryDelay;
    const delay = asked === undefined || asked === null ? backoff : msOf(asked);
    if (failure?.nonRetryable || scheduler.now + delay >= this.#deadline) this.#end(known);
    else this.#offer(delay);
  }

  #end(cause: Error): void {
    if (this.#isClosed()) return;
    this.#stopTimers();
    this.#isEnded = true;
    const state = cause instanceof TimeoutFailure ? 'TIMEOUT' : 'NON_RETRYABLE_FAILURE';
    const failure = new ActivityFailure('Activity task failed', this.#type, this.#id, state, undefined, cause);
    this.#execution.add(() => this.#settle.reject(failure));
  }

  #timedOut(type: TimeoutType): TimeoutFailure {
    const failure = new TimeoutFailure('activity timed out', this.#details, type);
    if (type === 'SCHEDULE_TO_CLOSE' && this.#lastFailure !== undefined)
      Object.assign(failure, { cause: this.#lastFailure });
    return failure;
  }

  #stopTimers(): void {
    for (const timer of this.#timers) timer.cancelled = true;
    this.#timers = [];
  }

  #isClosed(): boolean {
    return this.#isEnded || this.#execution.status !== 'RUNNING';
  }
}

const UNITS: Record<string, number> = { second: 1_000, minute: 60_000 };

/** Returns a duration as the workflows write it, `10 seconds` or a number, in milliseconds. */
function msOf(duration: Duration): number {
  if (typeof duration === 'number') return duration;
  const [, count, unit = ''] = /^(\d+) (second|minute)s?$/.exec(duration) ?? [];
  const ms = Number(count) * (UNITS[unit] ?? Number.NaN);
  if (Number.isNaN(ms)) throw new Error(`the simulation does not read the duration ${duration}`);
  return ms;
}
