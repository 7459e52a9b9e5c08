import { z } from 'zod';
import { wholeSecond } from './dates.ts';
import { type ChartChange, createInstances, type Instance } from './instances.ts';
import { DEFAULT_INSTANCES, type StandInInstanceSpec } from './layout.ts';
import { actOnce } from './staff.ts';

/** What a simulation starts with. */
export interface SimulationOptions {
  /** Default: north-harbor, cedar-grove, blue-mesa. */
  instances?: readonly StandInInstanceSpec[];
  /** Charts per instance at the start; default 40. */
  charts?: number;
  /** Default 1. */
  seed?: number;
  /** Default now. All dates in the first charts but planned discharges are earlier. */
  startedAt?: Date;
  /** The number of staff actions that already happened, the n-th of them n seconds after the start; default 0. */
  ticks?: number;
  /** A state that `state()` returned: restores those charts, and replaces the five options above. */
  state?: StandInState;
}

/**
 * What a stand-in restores its charts from: its initial state and the time of each staff action. Changes by `edit`, `add`
 * and `remove`, and settings, are not part of it.
 */
export interface StandInState {
  seed: number;
  /** Charts per instance at the start. */
  charts: number;
  /** ISO 8601. */
  startedAt: string;
  instances: { name: string; charts?: number | undefined }[];
  /** The time of each staff action in Unix seconds, in order. */
  tickTimes: number[];
}

const schema = z.strictObject({
  seed: z.number().int(),
  charts: z.number().int().min(0),
  startedAt: z.iso.datetime(),
  instances: z.array(z.strictObject({ name: z.string().min(1), charts: z.number().int().min(0).optional() })).min(1),
  tickTimes: z.array(z.number().int()),
});

/** Parses a state that was stored as JSON. Throws ZodError if it is invalid. */
export function parseStandInState(value: unknown): StandInState {
  return schema.parse(value);
}

const DEFAULT_CHARTS = 40;

/** The instances of a stand-in and their staff, without any server. */
export class Simulation {
  readonly instances: readonly Instance[];
  readonly #initial: Omit<StandInState, 'tickTimes'>;
  readonly #tickTimes: number[] = [];
  readonly #listeners = new Set<(change: ChartChange) => void>();

  /** Creates the instances, and repeats the staff actions that already happened. */
  constructor(options: SimulationOptions, now: Date) {
    const state = options.state ?? initialState(options, now);
    const { tickTimes, ...initial } = structuredClone(state);
    this.#initial = initial;
    const startedAt = new Date(initial.startedAt);
    this.instances = createInstances({ ...initial, startedAt }, (change) => this.#notify(change));
    for (const seconds of tickTimes) this.act(new Date(seconds * 1000));
  }

  /** Performs one staff action at an instant. Returns the number of actions so far. */
  act(at: Date): number {
    const second = wholeSecond(at);
    this.#tickTimes.push(second.getTime() / 1000);
    actOnce(this.instances, this.#initial.seed, this.#tickTimes.length, second);
    return this.#tickTimes.length;
  }

  get ticks(): number {
    return this.#tickTimes.length;
  }

  get seed(): number {
    return this.#initial.seed;
  }

  onChange(listener: (change: ChartChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  state(): StandInState {
    return structuredClone({ ...this.#initial, tickTimes: this.#tickTimes });
  }

  /** Returns the instance of a name. Throws Error if there is none. */
  instance(name: string): Instance {
    const found = this.instances.find((instance) => instance.name === name);
    if (!found) throw new Error(`no instance is called ${name}`);
    return found;
  }

  #notify(change: ChartChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function initialState(options: SimulationOptions, now: Date): StandInState {
  const startedAt = options.startedAt ?? now;
  const start = wholeSecond(startedAt).getTime() / 1000;
  return {
    seed: options.seed ?? 1,
    charts: options.charts ?? DEFAULT_CHARTS,
    startedAt: startedAt.toISOString(),
    instances: [...(options.instances ?? DEFAULT_INSTANCES)],
    tickTimes: Array.from({ length: options.ticks ?? 0 }, (_, index) => start + index + 1),
  };
}
