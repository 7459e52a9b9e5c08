import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Webhook } from 'standardwebhooks';
import { STANDARD_PREFIX } from '../../config/webhookSecrets.ts';
import { type Webhook as WebhookKind, webhooks } from '../../domain/webhookHealth.ts';
import { secretsOf, type WebhookSecrets } from '../../domain/webhookSecrets.ts';
import { parseCasefileId } from '../../kipu/index.ts';
import { equalInConstantTime, sha256 } from '../http/checks.ts';

/* Reads one delivery: whether its sender is authentic, and which chart its body names. */

/** The number of valid secrets: two, so that one can be replaced while KIPU still sends the other. */
const KEYS = 2;

interface Key {
  digest: Buffer;
  signer: Webhook;
}

/** The keys that authenticate one kind of an instance's webhooks: always the same number, so that every check takes the same time. */
export type KeyRing = readonly Key[];

/**
 * Returns a function for the key ring of an instance and a kind of webhook: a secret that is bound to the other kind is not in
 * it. The ring of an unknown instance matches nothing.
 */
export function createKeyRings(
  instances: readonly { name: string; webhookSecrets?: WebhookSecrets }[],
): (instance: string, webhook: WebhookKind) => KeyRing {
  const idOf = (instance: string, webhook: WebhookKind) => `${webhook} ${instance}`;
  const rings = new Map(
    instances.flatMap(({ name, webhookSecrets }) =>
      webhooks.map((webhook) => [idOf(name, webhook), ringOf(secretsOf(webhookSecrets, webhook))] as const),
    ),
  );
  const decoy = ringOf([]);
  return (instance, webhook) => rings.get(idOf(instance, webhook)) ?? decoy;
}

/** Returns true when one of the texts is a secret of the ring, in a time that does not depend on which one. */
export function matchesKey(ring: KeyRing, texts: readonly string[]): boolean {
  let found = false;
  for (const one of texts) {
    const digest = sha256(one);
    for (const key of ring) {
      const same = timingSafeEqual(digest, key.digest);
      found ||= same;
    }
  }
  return found;
}

function ringOf(secrets: readonly string[]): KeyRing {
  // Missing secrets are replaced by random ones that nobody knows.
  return Array.from({ length: KEYS }, (_, index) => {
    const secret = secrets[index] ?? randomBytes(32).toString('base64url');
    return { digest: sha256(secret), signer: new Webhook(signingKey(secret), { format: 'raw' }) };
  });
}

/** Returns the bytes of a secret: base64 after the prefix of Standard Webhooks, otherwise the UTF-8 text itself. */
function signingKey(secret: string): Uint8Array {
  const standard = secret.startsWith(STANDARD_PREFIX);
  const bytes = standard ? Buffer.from(secret.slice(STANDARD_PREFIX.length), 'base64') : Buffer.from(secret, 'utf8');
  return Uint8Array.from(bytes);
}

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
  return matchesKey(ring, secretsIn(request));
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
  return secretsIn(request).length === 0 ? 'no-secret' : 'wrong-secret';
}

function secretsIn({ headers, params }: FastifyRequest): string[] {
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

const MAX_DEPTH = 6;

/** Keys whose value is a casefile id; case, `_` and `-` are ignored. */
const NAMES_CHART = new Set(['casefileid']);

/** Keys whose value may be the chart itself: its `id`, or the text itself, is then the casefile id. */
const IS_CHART = new Set(['casefile', 'chart', 'patient', 'episode', 'record', 'resource', 'object', 'data']);

/** Keys under which a sender may nest the chart. */
const WRAPS = new Set([
  ...IS_CHART,
  ...['payload', 'event', 'body', 'message', 'detail', 'details', 'attributes', 'webhook'],
]);

/**
 * Finds the casefile id in a webhook's body. KIPU's payload is not documented, so this accepts several spellings and
 * nestings, and arrays of one. Returns the id in lower case, or null when there is no id of the form `<number>:<uuid>` or
 * there are two different ones.
 */
export function chartIdentity(body: unknown): string | null {
  const found = new Set<string>();
  look(body, false, 0);
  const [only, another] = found;
  return another === undefined ? (only ?? null) : null;

  function look(at: unknown, isChart: boolean, depth: number): void {
    if (typeof at !== 'object' || at === null || depth > MAX_DEPTH) return;
    if (Array.isArray(at)) {
      if (at.length === 1) look(at[0], isChart, depth + 1);
      return;
    }
    for (const [spelled, value] of Object.entries(at)) {
      const key = spelled.toLowerCase().replace(/[_-]/g, '');
      if (NAMES_CHART.has(key) || IS_CHART.has(key) || (isChart && key === 'id')) note(value);
      if (WRAPS.has(key)) look(value, IS_CHART.has(key), depth + 1);
    }
  }

  function note(value: unknown): void {
    const id = typeof value === 'string' ? parseCasefileId(value) : null;
    if (id !== null) found.add(id.casefileId);
  }
}

/** Keys whose value may name the event. */
const NAMES_EVENT = new Set(['event', 'eventtype', 'eventname', 'type', 'topic', 'action', 'webhook', 'webhooktype']);

const CREATION = /^(?:patient|chart|casefile)s?creat(?:ed?|ion)$/;
const UPDATE = /^(?:patient|chart|casefile)s?(?:update|change)d?$/;

/**
 * Returns the kind of webhook that a body says it is, or null where it says none, or both. KIPU's payload is not documented, so
 * only words that can mean nothing else count.
 */
export function eventNamed(body: unknown): WebhookKind | null {
  const found = new Set<WebhookKind>();
  look(body, 0);
  const [only, another] = found;
  return another === undefined ? (only ?? null) : null;

  function look(at: unknown, depth: number): void {
    if (typeof at !== 'object' || at === null || depth > MAX_DEPTH) return;
    if (Array.isArray(at)) {
      if (at.length === 1) look(at[0], depth + 1);
      return;
    }
    for (const [spelled, value] of Object.entries(at)) {
      const key = spelled.toLowerCase().replace(/[_-]/g, '');
      if (NAMES_EVENT.has(key) && typeof value === 'string') note(value);
      // Below the chart itself a type or an action is about something else.
      if (WRAPS.has(key) && !IS_CHART.has(key)) look(value, depth + 1);
    }
  }

  function note(value: string): void {
    const word = value.toLowerCase().replace(/[^a-z]/g, '');
    if (CREATION.test(word)) found.add('patient-creation');
    if (UPDATE.test(word)) found.add('chart-update');
  }
}
