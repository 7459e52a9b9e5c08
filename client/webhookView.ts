import type { WebhookHealth } from '../domain/lock.ts';
import { announcedShare, healthAdvice, healthOf, type Webhook } from '../domain/webhookHealth.ts';
import type { SightingDocument, WebhookHealthDocument } from '../store/documents.ts';

/** One of an instance's webhooks, as it is reported: how it is, on what evidence, and what to do. */
export interface WebhookView {
  instance: string;
  webhook: Webhook;
  health: WebhookHealth;
  /** One sentence. */
  advice: string;
  lastDeliveryAt: Date | null;
  /** Of the changes that the kept runs found, 0 to 1; null where there were none. */
  announcedShare: number | null;
  announced: number;
  missed: number;
  /** The latest changes that it did not announce: made after `since`, found by `foundAt`. */
  examples: { record: string; since: Date; foundAt: Date }[];
  /** Where KIPU is to send it, behind our public address; the secret goes into a header, or behind a slash at the end. */
  path: string;
  /** Without any secret in the settings, all of them are refused. */
  hasSecret: boolean;
}

export function webhookView(
  measured: WebhookHealthDocument,
  missed: readonly SightingDocument[],
  hasSecret: boolean,
): WebhookView {
  const { instance, webhook, lastDeliveryAt, cycles } = measured;
  const health = healthOf({ firstDeliveryAt: measured.firstDeliveryAt ?? null, cycles });
  const sum = (kind: 'announced' | 'missed') => cycles.reduce((all, cycle) => all + cycle[kind], 0);
  return {
    instance,
    webhook,
    health,
    advice: hasSecret ? healthAdvice[health][webhook] : NO_SECRET,
    lastDeliveryAt,
    announcedShare: announcedShare(cycles),
    announced: sum('announced'),
    missed: sum('missed'),
    examples: missed.map(({ record, since, foundAt }) => ({ record, since, foundAt })),
    path: `/webhooks/${instance}/${webhook}`,
    hasSecret,
  };
}

export const NO_SECRET =
  'The settings have no webhook secret for this instance, so all its webhooks are refused: set one.';
