import { coalesce } from '../store/coalesce.ts';

/** Slots are a little farther apart than the limit asks for, so that it also holds where a timer or the network is late. */
const MARGIN = 1.05;
/** A request that is later than this gets another slot. Less than the margin adds up to in a second. */
const LATE_MS = 40;
/** In a process that is always late, a request is not put off for ever. */
const TRIES = 5;

/**
 * Returns a function to await before each request to an instance's KIPU. All workers plan their requests in the same place, so that
 * `perSecond` holds over all of them, for single pulls, batches and lists.
 */
export function paced(reserve: (lengthMs: number) => Promise<number>, perSecond: number): () => Promise<void> {
  const intervalMs = (1_000 / perSecond) * MARGIN;
  const waitOf = coalesce<null, number>(async (calls) => {
    const first = await reserve(Math.ceil(calls.length * intervalMs));
    return calls.map((_, place) => first + place * intervalMs);
  });

  return async () => {
    for (let tries = 1; ; tries += 1) {
      const waitMs = await waitOf(null);
      const asked = performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      // A process that was busy or frozen missed its slot, which is over.
      if (performance.now() - asked - waitMs <= LATE_MS || tries === TRIES) return;
    }
  };
}
