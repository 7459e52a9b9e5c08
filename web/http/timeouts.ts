import { setTimeout as sleep } from 'node:timers/promises';

/** Returns the result of the work, or rejects when it takes longer. The work is not canceled and may still complete. */
export async function withTimeout<T>(ms: number, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const timeout = sleep(ms, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no result within ${ms} ms`);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    timer.abort();
  }
}
