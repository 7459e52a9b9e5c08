/** Thrown out of work that Ctrl-C or a termination signal interrupted. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';

  constructor() {
    super('Interrupted.');
  }
}

/** Ctrl-C, SIGTERM and SIGHUP, listened for until `end`. */
export interface Interrupt {
  /** Aborted by the first one, with an InterruptedError. A second one ends the process at once. */
  signal: AbortSignal;
  /** Resolves with the work's result; rejects with InterruptedError as soon as the signal is aborted, so that the parts can be stopped. */
  race<T>(work: Promise<T>): Promise<T>;
  end(): void;
}

// SIGHUP: the terminal was closed.
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const EXIT_AT_ONCE = 130;

export function listenForInterrupt(): Interrupt {
  const controller = new AbortController();
  const { signal } = controller;
  const onSignal = () => {
    if (signal.aborted) process.exit(EXIT_AT_ONCE);
    controller.abort(new InterruptedError());
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => undefined);
  return {
    signal,
    race: (work) => Promise.race([work, aborted]),
    end() {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}

export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

export function ignoreInterrupt(error: unknown): void {
  if (!(error instanceof InterruptedError)) throw error;
}
