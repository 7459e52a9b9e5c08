import { HttpError } from './errors.ts';

/** The maximum number of keys in memory; beyond that, the oldest are removed. */
const MAX_KEYS = 5_000;

interface RateLimit {
  /** Takes a token and returns 0, or the whole seconds after which to try again with the key. */
  (key: string): number;
  /** Returns a token that was taken in advance. */
  giveBack(key: string): void;
}

/** Creates a token bucket per key, which holds a burst and refills at a rate per second. */
export function rateLimit(pace: { perSecond: number; burst: number }, now: () => Date): RateLimit {
  const buckets = new Map<string, { left: number; at: number }>();
  const take = (key: string) => {
    const at = now().getTime();
    const { left, at: before } = buckets.get(key) ?? { left: pace.burst, at };
    const refilled = Math.min(pace.burst, left + (Math.max(0, at - before) / 1_000) * pace.perSecond);
    const passes = refilled >= 1;
    buckets.set(key, { left: passes ? refilled - 1 : refilled, at });
    const [oldest] = buckets.keys();
    if (buckets.size > MAX_KEYS && oldest !== undefined) buckets.delete(oldest);
    return passes ? 0 : Math.ceil((1 - refilled) / pace.perSecond);
  };
  const giveBack = (key: string) => {
    const bucket = buckets.get(key);
    if (bucket !== undefined) bucket.left = Math.min(pace.burst, bucket.left + 1);
  };
  return Object.assign(take, { giveBack });
}

/** Throws when the rate of the key is used up. @throws HttpError 429. */
export function enforceRate(limit: RateLimit, key: string): void {
  const seconds = limit(key);
  if (seconds > 0) throw new HttpError(429, 'too-many', { 'retry-after': String(seconds) });
}
