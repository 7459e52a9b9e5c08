import { createHash, timingSafeEqual } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ZodError } from 'zod';

/** Thrown to refuse a request. `why` is a fixed word for the answer and contains nothing of the request. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly why: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, why: string, headers: Readonly<Record<string, string>> = {}) {
    super(why);
    this.status = status;
    this.why = why;
    this.headers = headers;
  }
}

const WORDS: Readonly<Record<number, string>> = {
  400: 'bad-request',
  // A method that no route can have.
  404: 'no-such-page',
  408: 'too-slow',
  413: 'too-large',
  // A part of the path is longer than any name or secret.
  414: 'too-long',
  415: 'not-json',
};

/** Replaces fastify's own errors, whose texts quote URLs and bodies, by fixed words. Anything else becomes a 500. */
export function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  // Schemas are applied only to what a request contains.
  if (error instanceof ZodError) return new HttpError(400, 'bad-request');
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  const why = WORDS[status];
  return why === undefined ? new HttpError(500, 'internal') : new HttpError(status, why);
}

/** Returns true when the script of an open page reads the page again: nobody did anything. */
export function isRefresh({ method, headers }: { method: string; headers: Record<string, unknown> }): boolean {
  return method === 'GET' && headers['x-refresh'] === '1';
}

/** The maximum number of keys in memory; beyond that, those that were not used for longest are removed. */
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
    // A map keeps the order of its insertions: a key that is used moves to the end, so that others do not push it out.
    buckets.delete(key);
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

/** Returns true when the two texts are equal, in a time that does not depend on where they differ. */
export function equalInConstantTime(one: string, other: string): boolean {
  return timingSafeEqual(sha256(one), sha256(other));
}

/** Returns the SHA-256 of a text. Digests all have the same length. */
export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
