import { type Webhook, webhooks } from './webhookHealth.ts';

/** The secrets of an instance's webhooks: one list for both kinds, or each bound to one kind. */
export type WebhookSecrets = readonly string[] | { readonly [kind in Webhook]?: readonly string[] | undefined };

/** Returns the secrets that authenticate one kind of webhook. */
export function secretsOf(all: WebhookSecrets | undefined, webhook: Webhook): readonly string[] {
  return (isForBoth(all) ? all : all?.[webhook]) ?? [];
}

/** Returns the kinds that have no secret: all their deliveries are refused. */
export function kindsWithoutSecret(all: WebhookSecrets | undefined): Webhook[] {
  return webhooks.filter((webhook) => secretsOf(all, webhook).length === 0);
}

/** Returns true when one secret serves both kinds. */
export function sharesSecret(all: WebhookSecrets | undefined): boolean {
  return isForBoth(all) && all.length > 0;
}

function isForBoth(all: WebhookSecrets | undefined): all is readonly string[] {
  return Array.isArray(all);
}
