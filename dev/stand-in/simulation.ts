import { wholeSecond } from './dates.ts';
import { type ChartChange, createInstances, type Instance } from './instances.ts';
import type { StandInOptions } from './interface.ts';
import { DEFAULT_INSTANCES } from './layout.ts';
import { actOnce } from './staff.ts';
import type { StandInState } from './state.ts';

const DEFAULT_CHARTS = 40;

/** The instances of a stand-in and what their staff do, without any server. */
export class Simulation {
  readonly instances: readonly Instance[];
  readonly #beginning: Omit<StandInState, 'tickTimes'>;
  readonly #tickTimes: number[] = [];
  readonly #listeners = new Set<(change: ChartChange) => void>();

  /** Creates the instances, and repeats what their staff did already. */
  constructor(options: StandInOptions, now: Date) {
    const state = options.state ?? freshState(options, now);
    const { tickTimes, ...beginning } = structuredClone(state);
    this.#beginning = beginning;
    const { bornAt, ...rest } = beginning;
    this.instances = createInstances({ ...rest, startedAt: new Date(bornAt) }, (change) => this.#notify(change));
    for (const seconds of tickTimes) this.live(new Date(seconds * 1000));
  }

  /** Lets staff do one thing at an instant. Returns how many were done in all. */
  live(at: Date): number {
    const second = wholeSecond(at);
    this.#tickTimes.push(second.getTime() / 1000);
    actOnce(this.instances, this.#beginning.seed, this.#tickTimes.length, second);
    return this.#tickTimes.length;
  }

  get ticks(): number {
    return this.#tickTimes.length;
  }

  get seed(): number {
    return this.#beginning.seed;
  }

  onChange(listener: (change: ChartChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  state(): StandInState {
    return structuredClone({ ...this.#beginning, tickTimes: this.#tickTimes });
  }

  /** Throws Error for a name that no instance has. */
  instance(name: string): Instance {
    const found = this.instances.find((instance) => instance.name === name);
    if (!found) throw new Error(`no instance is called ${name}`);
    return found;
  }

  #notify(change: ChartChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function freshState(options: StandInOptions, now: Date): StandInState {
  const startedAt = options.startedAt ?? now;
  const start = wholeSecond(startedAt).getTime() / 1000;
  return {
    seed: options.seed ?? 1,
    charts: options.charts ?? DEFAULT_CHARTS,
    bornAt: startedAt.toISOString(),
    instances: [...(options.instances ?? DEFAULT_INSTANCES)],
    tickTimes: Array.from({ length: options.ticks ?? 0 }, (_, index) => start + index + 1),
  };
}
