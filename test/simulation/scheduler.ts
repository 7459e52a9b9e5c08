import { AsyncLocalStorage } from 'node:async_hooks';
import { draw } from './random.ts';

/** Taken before anything replaces it. One turn of it runs all promise callbacks that are ready. */
const { setImmediate: realSetImmediate } = globalThis;

/** Resolves when every promise callback that is ready has run. */
export function drained(): Promise<void> {
  return new Promise((resolve) => void realSetImmediate(resolve));
}

/** A simulated process: it can crash, stop for a while, and lose its connection to Temporal. */
export interface Process {
  readonly name: string;
  isAlive: boolean;
  frozenUntil: number;
  cutOffUntil: number;
  /** By how much its clock is ahead. */
  skewMs: number;
}

/** The process whose code runs; none for workflow code, which no crash ends. */
export const runningProcess = new AsyncLocalStorage<Process>();

/** More steps than any hour of a simulation has. */
const MOST_STEPS = 50_000;

/** Thrown when a simulation does not come to rest. */
export class EndlessError extends Error {
  constructor() {
    super('the simulated service is never at rest: it does something again and again');
  }
}

export interface Scheduled {
  at: number;
  order: number;
  cancelled: boolean;
  run: () => unknown;
}

/** Orders everything that happens by virtual time. Nothing in a simulation runs outside of it. */
export class Scheduler {
  readonly seed: number;
  now: number;
  steps = 0;
  readonly #heap: Scheduled[] = [];
  readonly #counts = new Map<string, number>();
  #order = 0;

  constructor(seed: number, start: number) {
    this.seed = seed;
    this.now = start;
  }

  /** Returns a seeded number in [0, 1) for the next use of this label. */
  draw(label: string): number {
    const count = (this.#counts.get(label) ?? 0) + 1;
    this.#counts.set(label, count);
    return draw(this.seed, `${label}#${count}`);
  }

  /** Returns a seeded delay of a call: mostly short, sometimes up to a hundred times as long. */
  latency(label: string, typicalMs: number): number {
    const drawn = this.draw(`latency of ${label}`);
    return drawn < 0.97 ? typicalMs * (0.2 + 1.6 * drawn) : typicalMs * (1 + (drawn - 0.97) * 1_500);
  }

  schedule(delayMs: number, run: () => unknown): Scheduled {
    this.#order += 1;
    const scheduled = { at: this.now + Math.max(delayMs, 0), order: this.#order, cancelled: false, run };
    push(this.#heap, scheduled);
    return scheduled;
  }

  /**
   * Delivers something to the process that is waiting for it: not while it is stopped, and never to one that crashed. Runs in
   * the asynchronous context of the caller of this function.
   */
  deliver(process: Process | undefined, delayMs: number, run: () => void): Scheduled {
    const inContext = AsyncLocalStorage.snapshot();
    const attempt = () => {
      if (process === undefined) return inContext(run);
      if (!process.isAlive) return;
      if (process.frozenUntil > this.now) this.schedule(process.frozenUntil - this.now, attempt);
      else inContext(run);
    };
    return this.schedule(delayMs, attempt);
  }

  /** Returns when the next thing is due; null for never. */
  nextAt(): number | null {
    while (this.#heap[0]?.cancelled) pop(this.#heap);
    return this.#heap[0]?.at ?? null;
  }

  /** Runs everything that is due until that time. Throws where that never ends, because something is done again and again. */
  async runUntil(end: number): Promise<void> {
    const most = this.steps + MOST_STEPS;
    for (;;) {
      if (this.steps > most) throw new EndlessError();
      await drained();
      const next = this.#heap[0];
      if (next === undefined || next.at > end) break;
      pop(this.#heap);
      if (next.cancelled) continue;
      this.now = Math.max(this.now, next.at);
      this.steps += 1;
      const done = next.run();
      if (done instanceof Promise) await done;
    }
    this.now = end;
  }
}

function isBefore(one: Scheduled, other: Scheduled): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

function push(heap: Scheduled[], added: Scheduled): void {
  let at = heap.push(added) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above] as Scheduled;
    if (!isBefore(added, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = added;
}

function pop(heap: Scheduled[]): void {
  const last = heap.pop() as Scheduled;
  if (heap.length === 0) return;
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    const right = heap[below + 1];
    if (right !== undefined && isBefore(right, heap[below] as Scheduled)) below += 1;
    const child = heap[below];
    if (child === undefined || !isBefore(child, last)) break;
    heap[at] = child;
    at = below;
  }
  heap[at] = last;
}
