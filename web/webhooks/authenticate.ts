import type { FastifyRequest } from 'fastify';
import { type KeyRing, matchesKey } from './secrets.ts';
import { checkSignature, signatureHeaders } from './signature.ts';

/** Why a delivery was refused. */
export type RefusedReason = 'unknown-instance' | 'no-secret' | 'wrong-secret' | 'wrong-signature' | 'old-signature';

/** The secret in a path, for a sender that can set no header. */
export type SecretInPath = { secret?: string };

/** True when the request brings a secret of the ring: in `x-webhook-secret`, as a bearer token, or in its path. */
export function hasValidSecret(ring: KeyRing, request: FastifyRequest): boolean {
  return matchesKey(ring, secretsOf(request));
}

/** True when it brings a signature, which is checked once the body is there. */
export function hasSignature(request: FastifyRequest): boolean {
  return signatureHeaders(request.headers) !== null;
}

/** The message's id where the signature over the body is good, else why not. */
export function verifySignedDelivery(
  ring: KeyRing,
  request: FastifyRequest,
  body: Buffer,
  now: Date,
): { webhookId: string } | { refused: RefusedReason } {
  const headers = signatureHeaders(request.headers);
  if (headers === null) return { refused: secretRefusal(request) };
  const checked = checkSignature(ring, headers, body, now);
  if (checked === 'good') return { webhookId: headers.id };
  return { refused: checked === 'old' ? 'old-signature' : 'wrong-signature' };
}

/** Why a request without signature is refused. */
export function secretRefusal(request: FastifyRequest): RefusedReason {
  return secretsOf(request).length === 0 ? 'no-secret' : 'wrong-secret';
}

function secretsOf({ headers, params }: FastifyRequest): string[] {
  const { 'x-webhook-secret': header, authorization = '' } = headers;
  const [, bearer] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  // Only our own routes come here, and what they name is text.
  const { secret } = params as SecretInPath;
  return [header, bearer, secret]
    .flat()
    .filter((one) => one !== undefined)
    .filter((one) => one !== '');
}
