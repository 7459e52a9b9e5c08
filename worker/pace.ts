import { setTimeout as sleep } from 'node:timers/promises';
import { coalesce } from '../store/coalesce.ts';

/** How long a request waits for others, so that they are planned in one step. */
const WINDOW_MS = 2;
/** Slots are a little farther apart than the limit asks for, so that it also holds where a timer or the network is late. */
const MARGIN = 1.05;

/**
 * Returns a function to await before each request to an instance's KIPU. All workers plan their requests in the same place, so that
 * `perSecond` holds over all of them, for single pulls, batches and lists.
 */
export function paced(reserve: (lengthMs: number) => Promise<number>, perSecond: number): () => Promise<void> {
  const intervalMs = (1_000 / perSecond) * MARGIN;
  const waitOf = coalesce<null, number>(async (calls) => {
    const first = await reserve(Math.ceil(calls.length * intervalMs));
    return calls.map((_, place) => first + place * intervalMs);
  }, WINDOW_MS);

  return async () => {
    const waitMs = await waitOf(null);
    if (waitMs > 0) await sleep(waitMs);
  };
}
