import { MINUTE } from './dates.ts';
import { type Answer, refusal } from './refusals.ts';
import type { InstanceSettings } from './settings.ts';

/** Counts the calls of each instance in the current clock minute. */
export class RateLimits {
  readonly #minutes = new Map<string, { minute: number; calls: number }>();

  /** Counts a call, and refuses it where it is one too many. */
  take(instance: string, limit: InstanceSettings['rateLimit'], now: Date): Answer | null {
    const minute = Math.floor(now.getTime() / MINUTE);
    const before = this.#minutes.get(instance);
    const calls = before?.minute === minute ? before.calls + 1 : 1;
    this.#minutes.set(instance, { minute, calls });
    if (limit === null || calls <= limit.perMinute) return null;
    const { retryAfterSeconds } = limit;
    const headers: Record<string, string> = retryAfterSeconds === null ? {} : { 'Retry-After': `${retryAfterSeconds}` };
    return { ...refusal(429, 'Too many requests'), headers };
  }
}
