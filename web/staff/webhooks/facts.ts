import { readWebhooks, type WebhookView } from '../../../client/webhookView.ts';
import type { WebhookHealth } from '../../../domain/lock.ts';
import { type Webhook, webhooks, worstHealth } from '../../../domain/webhookHealth.ts';
import type { StaffContext } from '../options.ts';

const EXAMPLES = 10;

/** What is known of one of an instance's webhooks. */
export interface WebhookFacts {
  webhook: Webhook;
  /** Of the worst location. */
  health: WebhookHealth;
  /** Where KIPU is to send it. */
  url: string;
  /** The worst first; one without a location where nothing was ever heard of the webhook. */
  locations: WebhookView[];
}

export interface InstanceWebhooks {
  instance: string;
  /** The settings have a secret for it; without one everything is refused. */
  hasSecret: boolean;
  webhooks: WebhookFacts[];
  /** Own locations of which no Chart Update was ever due: there it counts as missing. */
  quiet: string[];
}

export async function instanceWebhooks(staff: StaffContext, instance: string): Promise<InstanceWebhooks> {
  const { store, webUrl, now } = staff;
  const known = staff.instances.find(({ name }) => name === instance);
  const { views, quiet } = await readWebhooks(store, instance, { hasSecret: true, examples: EXAMPLES, now: now() });
  return {
    instance,
    hasSecret: (known?.webhookSecrets ?? []).length > 0,
    webhooks: webhooks.map((webhook) => {
      const locations = views.filter((view) => view.webhook === webhook);
      const health = worstHealth(locations.map((one) => one.health));
      return { webhook, health, url: `${webUrl()}${locations[0]?.path}`, locations };
    }),
    quiet,
  };
}
