import { type FreshnessWarning, freshnessWarnings } from '../domain/freshness.ts';
import type { WebhookHealth } from '../domain/lock.ts';
import { MINUTE_MS } from '../domain/time.ts';
import { type Webhook, webhooks, worstFirst, worstOf } from '../domain/webhookHealth.ts';
import type { Store } from '../store/connect.ts';
import type { MeasuredWebhook } from '../store/webhookHealth.ts';

/** The health of one of an instance's webhooks. */
export interface WebhookStanding {
  /** The health at its worst location. */
  health: WebhookHealth;
  /** The names of the locations with that health. */
  at: string[];
  lastDeliveryAt: Date | null;
  /** Every location for which the webhook was ever measured, the worst first. */
  locations: Pick<MeasuredWebhook, 'locationId' | 'locationName' | 'health' | 'lastDeliveryAt'>[];
}

/** How fresh an instance is, and whether its webhooks arrive. */
export interface InstanceFreshness {
  instance: string;
  fresh: boolean;
  warnings: FreshnessWarning[];
  lastCompletedAt: Date | null;
  /** Minutes since `lastCompletedAt`. */
  ageMinutes: number | null;
  /** The last delivery of either webhook. */
  lastWebhookAt: Date | null;
  webhooks: Record<Webhook, WebhookStanding>;
}

/** Two weeks of nightly runs: an empty listing among them is a warning. */
export const FULL_RUNS = 14;

/** Reads how fresh one instance is. `withinMs` is how old its last completed run may be. */
export async function readFreshness(
  store: {
    runs: Pick<Store['runs'], 'lastCompleted' | 'fullRunsListed'>;
    webhookHealth: Pick<Store['webhookHealth'], 'measured'>;
    deliveries: Pick<Store['deliveries'], 'lastAt'>;
  },
  instance: string,
  withinMs: number,
  now: Date,
): Promise<InstanceFreshness> {
  const [{ cursor }, fullRunsListed, measured, creationAt, updateAt] = await Promise.all([
    store.runs.lastCompleted(instance, now),
    store.runs.fullRunsListed(instance, FULL_RUNS),
    store.webhookHealth.measured(instance, now),
    store.deliveries.lastAt(instance, 'patient-creation'),
    store.deliveries.lastAt(instance, 'chart-update'),
  ]);
  const lastDeliveries = { 'patient-creation': creationAt, 'chart-update': updateAt };
  return freshnessOf(instance, { lastCompletedAt: cursor, fullRunsListed, measured, lastDeliveries, now, withinMs });
}

/** Returns how fresh an instance is, from what was read of it. */
export function freshnessOf(
  instance: string,
  facts: {
    lastCompletedAt: Date | null;
    fullRunsListed: readonly number[];
    measured: readonly MeasuredWebhook[];
    /** When each webhook last arrived. */
    lastDeliveries: Record<Webhook, Date | null>;
    now: Date;
    withinMs: number;
  },
): InstanceFreshness {
  const { lastCompletedAt, measured, lastDeliveries, now } = facts;
  const known = {
    'patient-creation': standingOf(measured, 'patient-creation', lastDeliveries['patient-creation']),
    'chart-update': standingOf(measured, 'chart-update', lastDeliveries['chart-update']),
  };
  const warnings = freshnessWarnings(facts);
  return {
    instance,
    fresh: warnings.length === 0,
    warnings,
    lastCompletedAt,
    ageMinutes: lastCompletedAt === null ? null : Math.floor((now.getTime() - lastCompletedAt.getTime()) / MINUTE_MS),
    lastWebhookAt: latest(webhooks.map((webhook) => known[webhook].lastDeliveryAt)),
    webhooks: known,
  };
}

function standingOf(measured: readonly MeasuredWebhook[], webhook: Webhook, lastAt: Date | null): WebhookStanding {
  const locations = worstFirst(measured.filter((one) => one.webhook === webhook)).map(
    ({ locationId, locationName, health, lastDeliveryAt }) => ({ locationId, locationName, health, lastDeliveryAt }),
  );
  // A delivery is stored at once, but its location is known only when the chart was read. It is also deleted sooner.
  const lastDeliveryAt = latest([lastAt, ...locations.map((one) => one.lastDeliveryAt)]);
  return { ...worstOf(locations), lastDeliveryAt, locations };
}

function latest(dates: readonly (Date | null)[]): Date | null {
  const times = dates.flatMap((date) => (date === null ? [] : [date.getTime()]));
  return times.length === 0 ? null : new Date(Math.max(...times));
}
