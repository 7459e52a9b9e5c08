import { HttpError } from './errors.ts';

/** Keys that are remembered; behind that, those are forgotten that came first. */
const MOST_KEYS = 5_000;

/** Says for a key in how many whole seconds to come again; 0 when it may pass now. */
export type RateLimit = (key: string) => number;

/** A bucket for each key: it holds a burst, and refills at a rate per second. */
export function rateLimit(pace: { perSecond: number; burst: number }, now: () => Date): RateLimit {
  const buckets = new Map<string, { left: number; at: number }>();
  return (key) => {
    const at = now().getTime();
    const { left, at: before } = buckets.get(key) ?? { left: pace.burst, at };
    const refilled = Math.min(pace.burst, left + (Math.max(0, at - before) / 1_000) * pace.perSecond);
    const passes = refilled >= 1;
    buckets.set(key, { left: passes ? refilled - 1 : refilled, at });
    const [oldest] = buckets.keys();
    if (buckets.size > MOST_KEYS && oldest !== undefined) buckets.delete(oldest);
    return passes ? 0 : Math.ceil((1 - refilled) / pace.perSecond);
  };
}

/** @throws Refusal when the key's rate is used up. */
export function enforceRate(limit: RateLimit, key: string): void {
  const seconds = limit(key);
  if (seconds > 0) throw new HttpError(429, 'too-many', { 'retry-after': String(seconds) });
}
