import { type Place, placeName } from '../domain/detectedChange.ts';
import type { WebhookHealth } from '../domain/lock.ts';
import { announcedShare, healthAdvice, type Webhook, webhooks, worstFirst } from '../domain/webhookHealth.ts';
import type { Store } from '../store/connect.ts';
import type { DetectedChangeDocument } from '../store/documents.ts';
import type { MeasuredWebhook } from '../store/webhookHealth.ts';

/** One of an instance's webhooks at one location: its health, the evidence for it, and what to do. */
export interface WebhookView {
  instance: string;
  webhook: Webhook;
  /** Null where KIPU names no location, or the webhook was never measured. */
  locationId: string | null;
  location: string | null;
  health: WebhookHealth;
  /** What it means and what to do, in one sentence. */
  advice: string;
  lastDeliveryAt: Date | null;
  /** Share of the changes found by the stored runs that the webhook announced, 0 to 1; null where there were none. */
  announcedShare: number | null;
  announced: number;
  missed: number;
  /** Runs that found at least one change. */
  runs: number;
  /** The latest changes that it did not announce: changed after `since`, found at `detectedAt`. */
  examples: { record: string; since: Date; detectedAt: Date }[];
  /** The path below our public address to which KIPU sends it; the secret goes into a header, or after a final slash. */
  path: string;
  /** Without a secret in the settings, all deliveries are refused. */
  hasSecret: boolean;
}

/** An instance's webhooks, each with its locations, the worst first. */
export interface InstanceWebhookViews {
  views: WebhookView[];
  /** The instance's own locations where no Chart Update was ever due: there it counts as missing. */
  quiet: string[];
}

/** Reads the health of an instance's webhooks. A webhook that was never measured has one view, without a location. */
export async function readWebhooks(
  store: Pick<Store, 'webhookHealth' | 'detectedChanges' | 'instances'>,
  instance: string,
  options: { hasSecret: (webhook: Webhook) => boolean; examples: number; now: Date },
): Promise<InstanceWebhookViews> {
  const { hasSecret, examples, now } = options;
  const [measured, own] = await Promise.all([
    store.webhookHealth.measured(instance, now),
    store.instances.locations(instance),
  ]);
  const views = webhooks.flatMap((webhook) => {
    const locations = worstFirst(measured.filter((one) => one.webhook === webhook));
    if (locations.length === 0)
      return [Promise.resolve(webhookView({ ...NEVER, instance, webhook }, [], hasSecret(webhook)))];
    return locations.map(async (one) =>
      webhookView(
        one,
        await store.detectedChanges.missed(instance, webhook, one.locationId, examples),
        hasSecret(webhook),
      ),
    );
  });
  const measuredAt = measured.flatMap(({ webhook, locationName }) =>
    webhook === 'chart-update' ? [locationName] : [],
  );
  return { views: await Promise.all(views), quiet: own.filter((name) => name !== '' && !measuredAt.includes(name)) };
}

/** A webhook that was never measured. */
const NEVER: Omit<Measured, 'instance' | 'webhook'> = {
  ...{ locationId: null, locationName: null, health: 'missing', lastDeliveryAt: null, cycles: [] },
};

type Measured = Place & Pick<MeasuredWebhook, 'instance' | 'webhook' | 'health' | 'lastDeliveryAt' | 'cycles'>;

/** Returns the view of one measured webhook. */
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

export const NO_SECRET = 'The settings have no webhook secret for it, so all its deliveries are refused: set one.';
