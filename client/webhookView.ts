import { type Place, placeName } from '../domain/detectedChange.ts';
import type { WebhookHealth } from '../domain/lock.ts';
import { announcedShare, healthAdvice, type Webhook, webhooks, worstFirst } from '../domain/webhookHealth.ts';
import type { Store } from '../store/connect.ts';
import type { DetectedChangeDocument } from '../store/documents.ts';
import type { MeasuredWebhook } from '../store/webhookHealth.ts';

/** One of an instance's webhooks at one location, as it is reported: how it is, on what evidence, and what to do. */
export interface WebhookView {
  instance: string;
  webhook: Webhook;
  /** Null where KIPU names no location, or nothing was ever heard of the webhook. */
  locationId: string | null;
  location: string | null;
  health: WebhookHealth;
  /** One sentence. */
  advice: string;
  lastDeliveryAt: Date | null;
  /** Of the changes that the kept runs found, 0 to 1; null where there were none. */
  announcedShare: number | null;
  announced: number;
  missed: number;
  /** Runs in which one of them was found. */
  runs: number;
  /** The latest changes that it did not announce: made after `since`, found by `detectedAt`. */
  examples: { record: string; since: Date; detectedAt: Date }[];
  /** Where KIPU is to send it, behind our public address; the secret goes into a header, or behind a slash at the end. */
  path: string;
  /** Without any secret in the settings, all of them are refused. */
  hasSecret: boolean;
}

/** An instance's webhooks, each with its locations, the worst first. */
export interface InstanceWebhookViews {
  views: WebhookView[];
  /** The instance's own locations of which no Chart Update was ever due: there it counts as missing. */
  quiet: string[];
}

/** Reads how an instance's webhooks are. A webhook that was never heard of has one view, without a location. */
export async function readWebhooks(
  store: Pick<Store, 'webhookHealth' | 'detectedChanges' | 'instances'>,
  instance: string,
  options: { hasSecret: boolean; examples: number; now: Date },
): Promise<InstanceWebhookViews> {
  const { hasSecret, examples, now } = options;
  const [measured, own] = await Promise.all([
    store.webhookHealth.measured(instance, now),
    store.instances.locations(instance),
  ]);
  const views = webhooks.flatMap((webhook) => {
    const locations = worstFirst(measured.filter((one) => one.webhook === webhook));
    if (locations.length === 0) return [Promise.resolve(webhookView({ ...NEVER, instance, webhook }, [], hasSecret))];
    return locations.map(async (one) =>
      webhookView(one, await store.detectedChanges.missed(instance, webhook, one.locationId, examples), hasSecret),
    );
  });
  const heardOf = measured.flatMap(({ webhook, locationName }) => (webhook === 'chart-update' ? [locationName] : []));
  return { views: await Promise.all(views), quiet: own.filter((name) => name !== '' && !heardOf.includes(name)) };
}

/** A webhook of which nothing was ever heard. */
const NEVER: Omit<Measured, 'instance' | 'webhook'> = {
  ...{ locationId: null, locationName: null, health: 'missing', lastDeliveryAt: null, cycles: [] },
};

type Measured = Place & Pick<MeasuredWebhook, 'instance' | 'webhook' | 'health' | 'lastDeliveryAt' | 'cycles'>;

export function webhookView(
  measured: Measured,
  missed: readonly DetectedChangeDocument[],
  hasSecret: boolean,
): WebhookView {
  const { instance, webhook, locationId, locationName, health, lastDeliveryAt, cycles } = measured;
  const sum = (kind: 'announced' | 'missed') => cycles.reduce((all, cycle) => all + cycle[kind], 0);
  return {
    instance,
    webhook,
    locationId,
    location: placeName({ locationId, locationName }),
    health,
    advice: hasSecret ? healthAdvice[health][webhook] : NO_SECRET,
    lastDeliveryAt,
    announcedShare: announcedShare(cycles),
    announced: sum('announced'),
    missed: sum('missed'),
    runs: cycles.filter(({ announced, missed }) => announced + missed > 0).length,
    examples: missed.map(({ record, since, detectedAt }) => ({ record, since, detectedAt })),
    path: `/webhooks/${instance}/${webhook}`,
    hasSecret,
  };
}

export const NO_SECRET =
  'The settings have no webhook secret for this instance, so all its webhooks are refused: set one.';
