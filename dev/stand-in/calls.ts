import type { RouteName } from './routes.ts';

/** One call that the stand-in answered. No patient data: routes are names, not paths. */
export interface Call {
  /** Null where the access id belongs to no instance. */
  instance: string | null;
  /** Null where KIPU has no such endpoint. */
  route: RouteName | null;
  /** The status sent, even where the body was spoilt; 0 where the connection was dropped before it. */
  status: number;
}

/** A stand-in that runs for weeks must not remember every call. */
const REMEMBERED = 100_000;

/** What was called, oldest first. */
export class Calls {
  #log: Call[] = [];

  /** The calls since the last reset, the latest hundred thousand at least. */
  get log(): readonly Call[] {
    return this.#log;
  }

  /** How many calls fit; what is left out fits every call. */
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
    if (this.#log.length > 2 * REMEMBERED) this.#log = this.#log.slice(-REMEMBERED);
  }

  reset(): void {
    this.#log = [];
  }
}
