import { setTimeout as sleep } from 'node:timers/promises';

/** What the work gives; rejects when it takes longer. The work itself goes on then, and may still be done. */
export async function withTimeout<T>(ms: number, work: Promise<T>): Promise<T> {
  const patience = new AbortController();
  const tooLong = sleep(ms, undefined, { signal: patience.signal }).then(() => {
    throw new Error('It took too long.');
  });
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    patience.abort();
  }
}
