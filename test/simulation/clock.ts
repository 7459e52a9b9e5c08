import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';
import { runningProcess, type Scheduled, type Scheduler } from './scheduler.ts';

const RealDate = Date;

/**
 * Replaces the clock, the timers and the randomness of this Node process by those of a simulation. Returns a function that
 * puts the real ones back.
 */
export function installClock(scheduler: Scheduler): () => void {
  const before = {
    ...{ Date: globalThis.Date, setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout },
    ...{ setInterval: globalThis.setInterval, clearInterval: globalThis.clearInterval },
    ...{ setImmediate: globalThis.setImmediate, clearImmediate: globalThis.clearImmediate },
  };
  const beforeRandom = Math.random;
  const beforeCrypto = { randomBytes: crypto.randomBytes, randomUUID: crypto.randomUUID };
  const beforeSleep = timersPromises.setTimeout;
  const now = () => Math.floor(scheduler.now + (runningProcess.getStore()?.skewMs ?? 0));

  const timers = virtualTimers(scheduler);
  Object.assign(globalThis, timers, {
    Date: new Proxy(RealDate, {
      construct: (target, given) => Reflect.construct(target, given.length === 0 ? [now()] : given),
      get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
    }),
  });
  Math.random = () => scheduler.draw('Math.random');
  Object.assign(crypto, {
    randomBytes: (size: number) => Buffer.from(Array.from({ length: size }, () => byteOf(scheduler))),
    randomUUID: () => uuidOf(scheduler),
  });
  Object.assign(timersPromises, {
    setTimeout: (ms: number, value: unknown) => new Promise((resolve) => timers.setTimeout(() => resolve(value), ms)),
  });
  syncBuiltinESMExports();
  return () => {
    Object.assign(globalThis, before);
    Math.random = beforeRandom;
    Object.assign(crypto, beforeCrypto);
    Object.assign(timersPromises, { setTimeout: beforeSleep });
    syncBuiltinESMExports();
  };
}

function byteOf(scheduler: Scheduler): number {
  return Math.floor(scheduler.draw('random byte') * 256);
}

export function uuidOf(scheduler: Scheduler): string {
  const digits = Array.from({ length: 8 }, () => Math.floor(scheduler.draw('uuid') * 65_536));
  const hex = digits.map((digit) => digit.toString(16).padStart(4, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** A timer as Node returns it. */
class Timer {
  current: Scheduled | null = null;
  ref() {
    return this;
  }
  unref() {
    return this;
  }
}

/** Timers belong to the process that set them: a crash ends them, and while it is stopped they wait. */
function virtualTimers(scheduler: Scheduler) {
  const clear = (timer: Timer | undefined) => {
    if (timer?.current != null) timer.current.cancelled = true;
    if (timer !== undefined) timer.current = null;
  };
  const after = (ms: number, run: () => void): Timer => {
    const timer = new Timer();
    timer.current = scheduler.deliver(runningProcess.getStore(), ms, run);
    return timer;
  };
  return {
    setTimeout: (run: (...given: unknown[]) => void, ms = 1, ...given: unknown[]) =>
      after(Number(ms) || 1, () => run(...given)),
    clearTimeout: clear,
    setImmediate: (run: (...given: unknown[]) => void, ...given: unknown[]) => after(0, () => run(...given)),
    clearImmediate: clear,
    setInterval: (run: (...given: unknown[]) => void, ms = 1, ...given: unknown[]) => {
      const timer = new Timer();
      const beat = () => {
        timer.current = scheduler.deliver(runningProcess.getStore(), Number(ms) || 1, () => {
          if (timer.current === null) return;
          beat();
          run(...given);
        });
      };
      beat();
      return timer;
    },
    clearInterval: clear,
  };
}
