import type { FastifyRequest } from 'fastify';
import { equalInConstantTime } from '../http/constantTime.ts';
import { type KeyRing, matchesKey } from './secrets.ts';

/** How far the time of a signature may differ from our clock. */
const WINDOW_MS = 5 * 60_000;
const MAX_ID = 256;
/** A sender that rotates its secret signs with both; more signatures than this are ignored. */
const MAX_SIGNATURES = 8;

/** Why a delivery was refused. */
export type RefusedReason = 'unknown-instance' | 'no-secret' | 'wrong-secret' | 'wrong-signature' | 'old-signature';

/** The secret in the path, for a sender that cannot set headers. */
type SecretInPath = { secret?: string };

/** Returns true when the request has a secret of the ring: in `x-webhook-secret`, as a bearer token, or in its path. */
export function hasValidSecret(ring: KeyRing, request: FastifyRequest): boolean {
  return matchesKey(ring, secretsOf(request));
}

/** Returns true when the request has a signature, which can be checked only after the body is read. */
export function hasSignature(request: FastifyRequest): boolean {
  return signatureHeaders(request.headers) !== null;
}

/** Returns the id of the message when the signature of the body is valid, otherwise why it is refused. */
export function verifySignedDelivery(
  ring: KeyRing,
  request: FastifyRequest,
  body: Buffer,
  now: Date,
): { webhookId: string } | { refused: RefusedReason } {
  const headers = signatureHeaders(request.headers);
  if (headers === null) return { refused: secretRefusal(request) };
  const checked = checkSignature(ring, headers, body, now);
  if (checked === 'valid') return { webhookId: headers.id };
  return { refused: checked === 'old' ? 'old-signature' : 'wrong-signature' };
}

/** Returns why a request without a signature is refused. */
export function secretRefusal(request: FastifyRequest): RefusedReason {
  return secretsOf(request).length === 0 ? 'no-secret' : 'wrong-secret';
}

function secretsOf({ headers, params }: FastifyRequest): string[] {
  const { 'x-webhook-secret': header, authorization = '' } = headers;
  const [, bearer] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  // Only our own routes call this, and their parameters are text.
  const { secret } = params as SecretInPath;
  return [header, bearer, secret]
    .flat()
    .filter((one) => one !== undefined)
    .filter((one) => one !== '');
}

/** The three headers of Standard Webhooks. */
interface SignatureHeaders {
  id: string;
  timestamp: string;
  signatures: string;
}

/** Returns the headers of a Standard Webhooks signature, or null unless all three are present. */
function signatureHeaders(headers: Record<string, string | string[] | undefined>): SignatureHeaders | null {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') return null;
  return { id, timestamp, signatures };
}

/**
 * Checks a Standard Webhooks signature of the body as it was sent. It tries every secret even after one has matched.
 * Source: https://github.com/standard-webhooks/standard-webhooks, `spec/standard-webhooks.md`.
 */
function checkSignature(
  ring: KeyRing,
  { id, timestamp, signatures }: SignatureHeaders,
  body: Buffer,
  now: Date,
): 'valid' | 'wrong' | 'old' {
  if (id === '' || id.length > MAX_ID || !/^\d{1,12}$/.test(timestamp)) return 'wrong';
  const signedAt = new Date(Number(timestamp) * 1_000);
  const sent = signatures.split(' ').slice(0, MAX_SIGNATURES);
  let valid = false;
  for (const { signer } of ring) {
    const expected = signer.sign(id, signedAt, body);
    for (const one of sent) {
      const same = equalInConstantTime(one, expected);
      valid ||= same;
    }
  }
  if (!valid) return 'wrong';
  return Math.abs(now.getTime() - signedAt.getTime()) > WINDOW_MS ? 'old' : 'valid';
}
