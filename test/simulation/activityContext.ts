import { asyncLocalStorage, Context } from '@temporalio/activity';
import { CancelledFailure, noopMetricMeter } from '@temporalio/common';
import { failureInterceptor } from '../../activities/classifyError.ts';
import type { RunningActivity } from './temporalServer.ts';

interface Surroundings {
  info: object;
  onHeartbeat: (details: unknown) => void;
  log: (text: string, facts?: object) => void;
  /** Begins the work in its process. */
  begin: (work: () => Promise<unknown>) => void;
}

/** Runs an activity in the context that a worker would give it, behind the real failure interceptor. */
export function runInContext(
  activity: () => Promise<unknown>,
  { info, onHeartbeat, log, begin }: Surroundings,
): RunningActivity {
  const abort = new AbortController();
  const cancelled = new Promise<never>((_, reject) => {
    abort.signal.addEventListener('abort', () => reject(abort.signal.reason));
  });
  cancelled.catch(() => undefined);
  const logger = { log, trace: log, debug: log, info: log, warn: log, error: log };
  const context = new Context(
    info as never,
    cancelled,
    abort.signal,
    onHeartbeat,
    undefined,
    logger as never,
    noopMetricMeter,
    {},
  );
  const { execute } = failureInterceptor(context).inbound;
  const ended = new Promise<{ result: unknown } | { error: unknown }>((resolve) => {
    begin(() =>
      asyncLocalStorage.run(context, async () => {
        try {
          resolve({ result: await execute?.({ args: [], headers: {} }, activity as never) });
        } catch (error) {
          resolve({ error });
        }
      }),
    );
  });
  return { ended, cancel: () => abort.abort(new CancelledFailure('CANCELLED')) };
}
