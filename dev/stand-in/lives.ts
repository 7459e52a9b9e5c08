import { wholeSecond } from './dates.ts';
import { DEFAULT_INSTANCES } from './instances.ts';
import { liveOnce } from './life.ts';
import type { StandInOptions } from './stand-in.ts';
import type { StandInState } from './state.ts';
import { bearSites, type ChartChange, type Site } from './world.ts';

const DEFAULT_CHARTS = 40;

/** The instances of a stand-in and the life in them, without any server. */
export class Lives {
  readonly sites: readonly Site[];
  readonly #beginning: Omit<StandInState, 'tickTimes'>;
  readonly #tickTimes: number[] = [];
  readonly #listeners = new Set<(change: ChartChange) => void>();

  /** Is born, and lives again through what was lived already. */
  constructor(options: StandInOptions, now: Date) {
    const state = options.state ?? freshState(options, now);
    const { tickTimes, ...beginning } = structuredClone(state);
    this.#beginning = beginning;
    this.sites = bearSites({ ...beginning, bornAt: new Date(beginning.bornAt) }, (change) => this.#tell(change));
    for (const seconds of tickTimes) this.live(new Date(seconds * 1000));
  }

  /** Lets staff do one thing at an instant. Gives how many were done in all. */
  live(at: Date): number {
    const second = wholeSecond(at);
    this.#tickTimes.push(second.getTime() / 1000);
    liveOnce(this.sites, this.#beginning.seed, this.#tickTimes.length, second);
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
  site(instance: string): Site {
    const site = this.sites.find(({ name }) => name === instance);
    if (!site) throw new Error(`no instance is called ${instance}`);
    return site;
  }

  #tell(change: ChartChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function freshState(options: StandInOptions, now: Date): StandInState {
  const bornAt = options.bornAt ?? now;
  const born = wholeSecond(bornAt).getTime() / 1000;
  return {
    seed: options.seed ?? 1,
    charts: options.charts ?? DEFAULT_CHARTS,
    bornAt: bornAt.toISOString(),
    instances: [...(options.instances ?? DEFAULT_INSTANCES)],
    tickTimes: Array.from({ length: options.ticks ?? 0 }, (_, index) => born + index + 1),
  };
}
