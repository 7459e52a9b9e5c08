import { START } from '../plan.ts';
import type { RealServer } from './realServer.ts';

/** No sleep of the server skips more. */
const MOST_MS = 600_000;

/** The time of the simulation on Temporal's server, which begins at START. */
export class ServerClock {
  readonly #server: RealServer;
  readonly #base: number;
  #read = { at: START, machine: performance.now() };
  /** Set while something happens at exactly this time. */
  pinnedAt: number | null = null;

  /** `base` is the server's time at START. */
  constructor(server: RealServer, base: number) {
    this.#server = server;
    this.#base = base;
  }

  now(): number {
    return Math.floor(this.pinnedAt ?? this.#read.at + performance.now() - this.#read.machine);
  }

  /** Reads the server's time, which may have been skipped. */
  async read(): Promise<number> {
    const at = START + (await this.#server.now()) - this.#base;
    this.#read = { at, machine: performance.now() };
    return at;
  }

  async skipTo(time: number): Promise<void> {
    for (;;) {
      const left = Math.ceil(time - (await this.read()));
      if (left <= 0) return;
      await this.#server.sleep(Math.min(left, MOST_MS));
    }
  }
}
