import { validateHeaderValue } from 'node:http';
import { isIPv4 } from 'node:net';
import { Webhook } from 'standardwebhooks';

export const WEBHOOK_NAMES = ['patient-creation', 'chart-update'] as const;
export type WebhookName = (typeof WEBHOOK_NAMES)[number];

export const SECRET_HEADER = 'x-webhook-secret';

/** How a delivery is authenticated. */
export type WebhookAuthentication =
  | { kind: 'none' }
  /** The secret itself, in the header `x-webhook-secret`. */
  | { kind: 'header'; secret: string }
  /** The secret itself, as an additional last segment of the path. */
  | { kind: 'path'; secret: string }
  /** A Standard Webhooks signature; the secret is base64, with or without the prefix `whsec_`. */
  | { kind: 'signature'; secret: string };

/** The settings of one webhook of one instance. A delivery uses the settings at the time of the change. */
export interface WebhookSettings {
  /** An `http:` address of this machine; with null nothing is sent. */
  url: string | null;
  authentication: WebhookAuthentication;
  on: boolean;
  /** Milliseconds between a change and its delivery. */
  delayMs: number;
  /** Sends each delivery twice at the same time, with identical bytes. */
  double: boolean;
  /** Swaps deliveries in pairs: each first one waits until the second was answered, or until this is switched off. */
  reorder: boolean;
  /** Drops this share of the deliveries (0 to 1), or every nth one from now on. */
  drop: { share: number } | { every: number } | null;
  /** The timeout of an attempt. */
  timeoutMs: number;
}

/** Webhook settings by instance. */
export type WebhookPlan = Readonly<Record<string, Partial<Record<WebhookName, Partial<WebhookSettings>>>>>;

export const UNSET: WebhookSettings = {
  url: null,
  authentication: { kind: 'none' },
  on: true,
  delayMs: 0,
  double: false,
  reorder: false,
  drop: null,
  timeoutMs: 5000,
};

/** The longest delay of a timer; Node runs a longer one at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Throws Error if settings are invalid. The text contains no address and no secret. */
export function check({ url, authentication, delayMs, drop, timeoutMs }: WebhookSettings): void {
  if (url !== null && !isOnThisMachine(url)) {
    throw new Error('a stand-in posts only to http: addresses of this machine (localhost, 127.0.0.1, [::1])');
  }
  if (authentication.kind !== 'none' && !isSendable(authentication)) {
    throw new Error(`this webhook secret cannot be sent as ${authentication.kind}`);
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

function isSendable({ kind, secret }: Exclude<WebhookAuthentication, { kind: 'none' }>): boolean {
  // A URL parser resolves a segment of one or two dots instead of keeping it.
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

/** One receiver for the webhooks of several instances. */
export interface WebhooksTo {
  /** Each webhook posts to `<base>/webhooks/<instance>/<webhook>`. */
  base: string;
  /** The secret of all of them. With one that begins with `whsec_` deliveries are signed, any other is sent in the header. */
  secret?: string | undefined;
  instances: readonly string[];
  /** Instances whose Chart Update webhook is switched off. */
  noChartUpdate?: readonly string[] | undefined;
}

/** Returns settings that send both webhooks of every instance to one receiver. Throws Error if `noChartUpdate` names an unknown instance. */
export function webhooksTo({ base, secret, instances, noChartUpdate = [] }: WebhooksTo): WebhookPlan {
  const unknown = noChartUpdate.find((name) => !instances.includes(name));
  if (unknown !== undefined) throw new Error(`no instance is called ${unknown}`);
  const one = (instance: string, webhook: WebhookName): [WebhookName, Partial<WebhookSettings>] => [
    webhook,
    {
      url: `${base.replace(/\/+$/, '')}/webhooks/${encodeURIComponent(instance)}/${webhook}`,
      authentication: authenticationOf(secret),
      on: webhook !== 'chart-update' || !noChartUpdate.includes(instance),
    },
  ];
  return Object.fromEntries(
    instances.map((name) => [name, Object.fromEntries(WEBHOOK_NAMES.map((webhook) => one(name, webhook)))]),
  );
}

function authenticationOf(secret: string | undefined): WebhookAuthentication {
  if (secret === undefined) return { kind: 'none' };
  return { kind: secret.startsWith('whsec_') ? 'signature' : 'header', secret };
}
