/** A clock that can be woken, and that ends for good. */
export interface WakeableTimer {
  /** Wakes who waits now, or whoever waits next. */
  wake(): void;
  /** Forgets that it rang. */
  reset(): void;
  /** Resolves after the time, or as soon as it rings or ends. */
  wait(ms: number): Promise<void>;
  /** Resolves after the time, or as soon as it ends. */
  waitOut(ms: number): Promise<void>;
  end(): void;
  /** Aborts when it ends. */
  ended: AbortSignal;
}

export function createWakeableTimer(): WakeableTimer {
  const ending = new AbortController();
  let rang = false;
  let wake: () => void = () => undefined;

  return {
    wake() {
      rang = true;
      wake();
    },
    reset() {
      rang = false;
    },
    wait: (ms) => pause(ms, () => rang || ending.signal.aborted),
    waitOut: (ms) => pause(ms, () => ending.signal.aborted),
    end() {
      ending.abort();
      wake();
    },
    ended: ending.signal,
  };

  function pause(ms: number, isOver: () => boolean): Promise<void> {
    if (isOver()) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        if (!isOver()) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
