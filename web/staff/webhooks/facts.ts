import { webhookView } from '../../../client/webhookView.ts';
import type { WebhookHealth } from '../../../domain/lock.ts';
import { type Webhook, webhooks } from '../../../domain/webhookHealth.ts';
import type { SightingDocument } from '../../../store/documents.ts';
import type { Staff } from '../options.ts';

const EXAMPLES = 10;

/** What is known of one of an instance's webhooks. */
export interface WebhookFacts {
  webhook: Webhook;
  health: WebhookHealth;
  /** Where KIPU is to send it. */
  url: string;
  lastDeliveryAt: Date | null;
  /** Of the changes of the last runs, 0 to 1; null where there were none. */
  share: number | null;
  announced: number;
  missed: number;
  cycles: number;
  examples: SightingDocument[];
}

export interface InstanceWebhooks {
  instance: string;
  /** The settings have a secret for it; without one everything is refused. */
  hasSecret: boolean;
  webhooks: WebhookFacts[];
}

export async function instanceWebhooks(staff: Staff, instance: string): Promise<InstanceWebhooks> {
  const known = staff.instances.find(({ name }) => name === instance);
  return {
    instance,
    hasSecret: (known?.webhookSecrets ?? []).length > 0,
    webhooks: await Promise.all(webhooks.map((webhook) => factsOf(staff, instance, webhook))),
  };
}

async function factsOf({ store, webUrl }: Staff, instance: string, webhook: Webhook): Promise<WebhookFacts> {
  const [measured, examples] = await Promise.all([
    store.webhookHealth.measured(instance, webhook),
    store.sightings.missed(instance, webhook, EXAMPLES),
  ]);
  const {
    health,
    path,
    lastDeliveryAt,
    announcedShare: share,
    announced,
    missed,
  } = webhookView(measured, examples, true);
  const cycles = measured.cycles.length;
  return { webhook, health, url: `${webUrl()}${path}`, lastDeliveryAt, share, announced, missed, cycles, examples };
}
