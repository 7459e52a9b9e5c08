import { type FreshnessWarning, freshnessWarnings } from '../domain/freshness.ts';
import type { WebhookHealth } from '../domain/lock.ts';
import { healthOf, type Webhook, webhooks } from '../domain/webhookHealth.ts';
import type { Store } from '../store/connect.ts';

/** How fresh an instance is, and whether its webhooks come. */
export interface InstanceFreshness {
  instance: string;
  fresh: boolean;
  warnings: FreshnessWarning[];
  lastCompletedAt: Date | null;
  /** Minutes since then. */
  ageMinutes: number | null;
  /** Of either webhook. */
  lastWebhookAt: Date | null;
  webhooks: Record<Webhook, { health: WebhookHealth; lastDeliveryAt: Date | null }>;
}

/** Two weeks of nights: for so long an empty listing is a warning. */
const FULL_RUNS = 14;

/** Looks at one instance. `withinMs` is how old its last completed run may be. */
export async function freshnessOf(
  store: Pick<Store, 'runs' | 'webhookHealth'>,
  instance: string,
  withinMs: number,
  now: Date,
): Promise<InstanceFreshness> {
  const [{ cursor }, fullRunsListed, ...measured] = await Promise.all([
    store.runs.standing(instance, now),
    store.runs.fullRunsListed(instance, FULL_RUNS),
    ...webhooks.map((webhook) => store.webhookHealth.measured(instance, webhook)),
  ]);
  const [creation, update] = measured.map(({ firstDeliveryAt = null, lastDeliveryAt, cycles }) => ({
    health: healthOf({ firstDeliveryAt, cycles }),
    lastDeliveryAt,
  }));
  const none = { health: 'missing', lastDeliveryAt: null } as const;
  const warnings = freshnessWarnings({ lastCompletedAt: cursor, fullRunsListed, now, withinMs });
  return {
    instance,
    fresh: warnings.length === 0,
    warnings,
    lastCompletedAt: cursor,
    ageMinutes: cursor === null ? null : Math.floor((now.getTime() - cursor.getTime()) / 60_000),
    lastWebhookAt: latest(measured.map(({ lastDeliveryAt }) => lastDeliveryAt)),
    webhooks: { 'patient-creation': creation ?? none, 'chart-update': update ?? none },
  };
}

function latest(dates: readonly (Date | null)[]): Date | null {
  const times = dates.flatMap((date) => (date === null ? [] : [date.getTime()]));
  return times.length === 0 ? null : new Date(Math.max(...times));
}
