/** A timer that can be woken early and stopped for good. */
export interface WakeableTimer {
  /** Ends the current `wait`, or the next one when nothing is waiting. */
  wake(): void;
  /** Discards a wake that no `wait` has used. */
  reset(): void;
  /** Resolves after the time, or earlier on `wake` or `stop`. */
  wait(ms: number): Promise<void>;
  /** Resolves after the time, or earlier on `stop`. */
  sleep(ms: number): Promise<void>;
  stop(): void;
  /** Aborted by `stop`. */
  stopped: AbortSignal;
}

export function createWakeableTimer(): WakeableTimer {
  const stopping = new AbortController();
  let woken = false;
  let wake: () => void = () => undefined;

  return {
    wake() {
      woken = true;
      wake();
    },
    reset() {
      woken = false;
    },
    wait: (ms) => pause(ms, () => woken || stopping.signal.aborted),
    sleep: (ms) => pause(ms, () => stopping.signal.aborted),
    stop() {
      stopping.abort();
      wake();
    },
    stopped: stopping.signal,
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
