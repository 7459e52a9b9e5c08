import { runningProcess, type Scheduler } from './scheduler.ts';

/** What a fault does to one call that leaves a process. */
export type CallFault =
  /** The caller gets an error: the call had no effect, or it had one. */
  | { effect: 'fails-before' | 'fails-after'; ms?: number }
  /** The calling process crashes: before the call arrives, or after it and without an answer. */
  | { effect: 'crashes-before' | 'crashes-after'; ms?: number }
  /** The calling process stops for a while: its call arrives, the answer waits. */
  | { effect: 'freezes'; ms: number }
  /** The call itself takes longer; the process continues. */
  | { effect: 'slow'; ms: number }
  /** The calling process reaches Temporal no longer, but KIPU and MongoDB. */
  | { effect: 'cut-off'; ms: number };

/** Returns the faults of a call of this kind, such as `records.updateOne`, and does what the plan wants to happen then. */
export type OnCall = (kind: string) => readonly CallFault[];

/** Everything that leaves a process goes through here. */
export class Operations {
  readonly scheduler: Scheduler;
  onCall: OnCall = () => [];
  onCrash: (name: string) => void = () => undefined;

  constructor(scheduler: Scheduler) {
    this.scheduler = scheduler;
  }

  /**
   * Does some work after a seeded delay, in one piece, and returns its result to the calling process. `error` makes the
   * error of a lost connection; `half`, where it is given, does a part of the work for one that was lost in between.
   */
  perform<T>(
    kind: string,
    typicalMs: number,
    work: () => T,
    { error, half }: { error: () => Error; half?: () => void },
  ): Promise<T> {
    const { scheduler } = this;
    const process = runningProcess.getStore();
    return new Promise<T>((resolve, reject) => {
      const faults = process === undefined ? [] : this.onCall(kind);
      const has = (effect: CallFault['effect']) => faults.find((fault) => fault.effect === effect);
      const slow = has('slow');
      const delay = scheduler.latency(kind, typicalMs) + (slow?.ms ?? 0);
      if (process !== undefined && has('crashes-before')) return this.crash(process.name);
      scheduler.schedule(delay, () => {
        const settle = this.#outcome(faults, work, { error, half });
        for (const fault of faults) {
          if (process === undefined) continue;
          if (fault.effect === 'freezes') process.frozenUntil = scheduler.now + (fault.ms ?? 0);
          if (fault.effect === 'cut-off') process.cutOffUntil = scheduler.now + (fault.ms ?? 0);
        }
        if (process !== undefined && has('crashes-after')) return this.crash(process.name);
        scheduler.deliver(process, 0, () => settle(resolve, reject));
      });
    });
  }

  crash(name: string): void {
    this.onCrash(name);
  }

  #outcome<T>(
    faults: readonly CallFault[],
    work: () => T,
    { error, half }: { error: () => Error; half?: (() => void) | undefined },
  ): (resolve: (value: T) => void, reject: (error: unknown) => void) => void {
    const effects = faults.map(({ effect }) => effect);
    if (effects.includes('fails-before')) {
      half?.();
      return (_, reject) => reject(error());
    }
    try {
      const value = work();
      return effects.includes('fails-after') ? (_, reject) => reject(error()) : (resolve) => resolve(value);
    } catch (thrown) {
      return (_, reject) => reject(thrown);
    }
  }
}
