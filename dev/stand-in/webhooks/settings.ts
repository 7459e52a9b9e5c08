import { validateHeaderValue } from 'node:http';
import { isIPv4 } from 'node:net';
import { Webhook } from 'standardwebhooks';

export const WEBHOOK_NAMES = ['patient-creation', 'chart-update'] as const;
export type WebhookName = (typeof WEBHOOK_NAMES)[number];

export const SECRET_HEADER = 'x-webhook-secret';

/** How a delivery proves where it comes from. */
export type WebhookProof =
  | { kind: 'none' }
  /** The secret as it is, in the header `x-webhook-secret`. */
  | { kind: 'header'; secret: string }
  /** The secret as it is, one segment more at the end of the path. */
  | { kind: 'path'; secret: string }
  /** A signature of Standard Webhooks; the secret is base64, with or without `whsec_` before it. */
  | { kind: 'signature'; secret: string };

/** One webhook of one instance. What is on its way already goes as things stood when the chart changed. */
export interface WebhookSettings {
  /** An `http:` address of this machine; null sends nothing. */
  url: string | null;
  proof: WebhookProof;
  on: boolean;
  /** Milliseconds between a change and its delivery. */
  delayMs: number;
  /** Sends each delivery twice at once, identical to the byte. */
  double: boolean;
  /** Keeps a delivery back until the next one was answered, by twos. What is kept back goes when this is switched off. */
  reorder: boolean;
  /** Swallows this share of the deliveries (0 to 1), or every nth one from now on. */
  drop: { share: number } | { every: number } | null;
  /** For a whole attempt, in milliseconds. */
  timeoutMs: number;
}

/** Webhooks by instance. */
export type WebhookPlan = Readonly<Record<string, Partial<Record<WebhookName, Partial<WebhookSettings>>>>>;

export const UNSET: WebhookSettings = {
  url: null,
  proof: { kind: 'none' },
  on: true,
  delayMs: 0,
  double: false,
  reorder: false,
  drop: null,
  timeoutMs: 5000,
};

/** What a timer can count; a longer time would be none at all. */
const LONGEST_MS = 2 ** 31 - 1;

/** Throws Error, without any address or secret in its text, where settings cannot be followed. */
export function check({ url, proof, delayMs, drop, timeoutMs }: WebhookSettings): void {
  if (url !== null && !isOnThisMachine(url)) {
    throw new Error('a stand-in posts only to http: addresses of this machine (localhost, 127.0.0.1, [::1])');
  }
  if (proof.kind !== 'none' && !isSendable(proof)) {
    throw new Error(`this webhook secret cannot be sent as ${proof.kind}`);
  }
  if (!(delayMs >= 0 && delayMs <= LONGEST_MS)) throw new Error('delayMs is a number of milliseconds, 0 or more');
  if (!(timeoutMs > 0 && timeoutMs <= LONGEST_MS)) throw new Error('timeoutMs is a number of milliseconds, above 0');
  if (drop && 'share' in drop && !(drop.share >= 0 && drop.share <= 1)) throw new Error('a share is from 0 to 1');
  if (drop && 'every' in drop && !(Number.isInteger(drop.every) && drop.every > 0)) {
    throw new Error('every nth needs a whole number above 0');
  }
}

function isOnThisMachine(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  const loopback = hostname === 'localhost' || hostname === '[::1]';
  return protocol === 'http:' && (loopback || (isIPv4(hostname) && hostname.startsWith('127.')));
}

function isSendable({ kind, secret }: Exclude<WebhookProof, { kind: 'none' }>): boolean {
  // A URL takes a segment of one or two dots for a step, not for a name.
  if (secret === '' || (kind === 'path' && /^\.{1,2}$/.test(secret))) return false;
  try {
    if (kind === 'header') validateHeaderValue(SECRET_HEADER, secret);
    if (kind === 'path') encodeURIComponent(secret);
    if (kind === 'signature') new Webhook(secret);
    return true;
  } catch {
    return false;
  }
}
