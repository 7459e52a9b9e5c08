import { readWebhooks, type WebhookView } from '../../../client/webhookView.ts';
import type { WebhookHealth } from '../../../domain/lock.ts';
import { isPublicUrl } from '../../../domain/publicAddress.ts';
import { type Webhook, webhooks, worstHealth } from '../../../domain/webhookHealth.ts';
import { kindsWithoutSecret } from '../../../domain/webhookSecrets.ts';
import type { StaffContext } from '../context.ts';
import { zonesOf } from '../zones.ts';

/** How many changes without a webhook are counted and shown. */
export const MAX_MISSED = 200;

/** What the page shows of one webhook of an instance. */
export interface WebhookFacts {
  webhook: Webhook;
  /** The health at the worst location. */
  health: WebhookHealth;
  /** The address to enter in KIPU. */
  url: string;
  /** Worst first; a single entry without a location if the webhook was never received. */
  locations: WebhookView[];
}

export interface InstanceWebhooks {
  instance: string;
  /** The time zone of a location; of the instance for null. */
  zoneOf: (locationId: string | null) => string;
  /** How many of the latest changes no webhook announced. */
  missed: number;
  /** Whether KIPU can reach the addresses: `stand-in`: only one that runs on this machine, which it is. */
  reach: 'public' | 'stand-in' | 'none';
  /** The webhooks for which the settings have no secret: all their deliveries are refused. */
  withoutSecret: Webhook[];
  webhooks: WebhookFacts[];
  /** Locations where no chart has changed yet, so Chart Update counts as missing there. */
  quiet: string[];
}

export async function instanceWebhooks(staff: StaffContext, instance: string): Promise<InstanceWebhooks> {
  const { store, webUrl, now } = staff;
  const known = staff.instances.find(({ name }) => name === instance);
  const [{ views, quiet }, missed] = await Promise.all([
    readWebhooks(store, instance, { hasSecret: () => true, examples: 0, now: now() }),
    store.detectedChanges.missedOf(instance, MAX_MISSED),
  ]);
  const zoneOf = zonesOf(staff);
  return {
    instance,
    zoneOf: (locationId) => zoneOf(instance, locationId),
    withoutSecret: kindsWithoutSecret(known?.webhookSecrets),
    webhooks: webhooks.map((webhook) => {
      const locations = views.filter((view) => view.webhook === webhook);
      const health = worstHealth(locations.map((one) => one.health));
      return { webhook, health, url: `${webUrl()}${locations[0]?.path}`, locations };
    }),
    quiet,
    missed: missed.length,
    reach: isPublicUrl(webUrl()) ? 'public' : known?.baseUrl && !isPublicUrl(known.baseUrl) ? 'stand-in' : 'none',
  };
}
