import { setTimeout as sleepReally } from 'node:timers/promises';
import { START } from '../plan.ts';
import type { RealServer } from './realServer.ts';

/** No sleep of the server skips more. */
const MOST_MS = 600_000;
/** A sleep that takes longer on the machine's clock, while no activity is in progress, does not end by itself. */
const STUCK_MS = 8_000;

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
      await this.#sleep(Math.min(left, MOST_MS));
    }
  }

  /**
   * Skips time. The time-skipping server keeps its clock locked for good after some workflows that signaled another one, for example
   * after the unlock of a record that its run counted as held. Then the lock that nobody holds is taken away.
   */
  async #sleep(ms: number): Promise<void> {
    let isOver = false;
    const sleeping = this.#server.sleep(ms).finally(() => {
      isOver = true;
    });
    for (let waitedMs = 0; !isOver; waitedMs += STUCK_MS / 16) {
      await Promise.race([sleeping, sleepReally(STUCK_MS / 16)]);
      if (this.#server.inFlight().length > 0) waitedMs = 0;
      if (isOver || waitedMs < STUCK_MS) continue;
      await this.#server.unlockTime();
      waitedMs = 0;
    }
    await sleeping;
  }
}
