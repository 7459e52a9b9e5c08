/** Why a call was ended from our side. */
export type EndedBy = 'timeout' | 'cancelled';

/** A time limit and any number of signals as one. `dispose` lets go of timer and signals. */
export interface Deadline {
  signal: AbortSignal;
  endedBy(): EndedBy | null;
  /** Settles as the work does, or rejects when the time is up or a signal fires, whichever comes first. */
  race<T>(work: Promise<T>): Promise<T>;
  dispose(): void;
}

/**
 * Starts a deadline of `timeoutMs` milliseconds.
 * `AbortSignal.any` is not used, because signals that live as long as the process keep what it makes in memory on Node 20.
 */
export function startDeadline(timeoutMs: number, signals: (AbortSignal | undefined)[]): Deadline {
  const controller = new AbortController();
  let endedBy: EndedBy | null = null;
  const end = (by: EndedBy) => {
    endedBy ??= by;
    controller.abort();
  };
  const cancel = () => end('cancelled');
  const timer = setTimeout(() => end('timeout'), timeoutMs);
  for (const signal of signals) {
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
  }
  return {
    signal: controller.signal,
    endedBy: () => endedBy,
    race: (work) =>
      new Promise((resolve, reject) => {
        const stop = () => reject(controller.signal.reason);
        if (controller.signal.aborted) stop();
        controller.signal.addEventListener('abort', stop, { once: true });
        work.then(resolve, reject);
      }),
    dispose() {
      clearTimeout(timer);
      for (const signal of signals) signal?.removeEventListener('abort', cancel);
    },
  };
}
