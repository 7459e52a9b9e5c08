import type { RouteName } from '../world/settings.ts';

/** One call that the stand-in answered. No patient data: routes are names, not paths. */
export interface Call {
  /** Null if the access id belongs to no instance. */
  instance: string | null;
  /** Null if KIPU has no such endpoint. */
  route: RouteName | null;
  /** The status sent, even if a fault changed the body; 0 if the connection was dropped before it. */
  status: number;
  /** When it arrived, in milliseconds since 1970, by the machine's clock. */
  at: number;
}

/** A stand-in that runs for weeks must not keep every call in memory. */
const KEPT = 100_000;

/** The log of calls, oldest first. */
export class Calls {
  #log: Call[] = [];

  /** The calls since the last reset; of many, at least the latest hundred thousand. */
  get log(): readonly Call[] {
    return this.#log;
  }

  /** Returns the number of calls that match. A property that is absent matches every call. */
  count(filter: Partial<Call> = {}): number {
    const { instance, route, status } = filter;
    return this.#log.filter(
      (call) =>
        (instance === undefined || instance === call.instance) &&
        (route === undefined || route === call.route) &&
        (status === undefined || status === call.status),
    ).length;
  }

  add(call: Call): void {
    this.#log.push(call);
    if (this.#log.length > 2 * KEPT) this.#log = this.#log.slice(-KEPT);
  }

  reset(): void {
    this.#log = [];
  }
}
