import { equalInConstantTime } from '../http/constantTime.ts';
import type { KeyRing } from './secrets.ts';

/** How far a signature's time may be from ours, either way. */
const WINDOW_MS = 5 * 60_000;
const LONGEST_ID = 256;
/** A sender that replaces its secret signs with both; more than a few are none. */
const MOST_SIGNATURES = 8;

/** The three headers of Standard Webhooks. */
export interface SignatureHeaders {
  id: string;
  timestamp: string;
  signatures: string;
}

/** The headers of a Standard Webhooks signature; null unless all three are there. */
export function signatureHeaders(headers: Record<string, string | string[] | undefined>): SignatureHeaders | null {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') return null;
  return { id, timestamp, signatures };
}

/**
 * Checks a Standard Webhooks signature over the body as it was sent. Every secret is tried, whatever the outcome.
 * Source: https://github.com/standard-webhooks/standard-webhooks, `spec/standard-webhooks.md`.
 */
export function checkSignature(
  ring: KeyRing,
  { id, timestamp, signatures }: SignatureHeaders,
  body: Buffer,
  now: Date,
): 'good' | 'wrong' | 'old' {
  if (id === '' || id.length > LONGEST_ID || !/^\d{1,12}$/.test(timestamp)) return 'wrong';
  const signedAt = new Date(Number(timestamp) * 1_000);
  const given = signatures.split(' ').slice(0, MOST_SIGNATURES);
  let good = false;
  for (const { signer } of ring) {
    const expected = signer.sign(id, signedAt, body);
    for (const one of given) {
      const same = equalInConstantTime(one, expected);
      good ||= same;
    }
  }
  if (!good) return 'wrong';
  return Math.abs(now.getTime() - signedAt.getTime()) > WINDOW_MS ? 'old' : 'good';
}
