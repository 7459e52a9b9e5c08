import { type ChangeResult, type Place, placeName } from './detectedChange.ts';
import { type WebhookHealth, webhookHealths } from './lock.ts';
import { HOUR_MS } from './time.ts';

/** KIPU's two webhooks. */
export const webhooks = ['patient-creation', 'chart-update'] as const;
export type Webhook = (typeof webhooks)[number];

/** Their names in KIPU. */
export const webhookNames: Record<Webhook, string> = {
  'patient-creation': 'Patient Creation',
  'chart-update': 'Chart Update',
};

/**
 * The changes of one location that one run judged: how many were announced, how many missed, and how many could not be judged
 * because the receiver was down (`unheard`). A run without any of them adds no cycle.
 */
export interface Cycle {
  run: string;
  at: Date;
  announced: number;
  missed: number;
  unheard: number;
}

/** Counts the results of a run's changes at one location. */
export function cycleOf(run: string, at: Date, results: readonly ChangeResult[]): Cycle {
  const count = (wanted: ChangeResult) => results.filter((result) => result === wanted).length;
  return { run, at, announced: count('announced'), missed: count('missed'), unheard: count('receiver-away') };
}

/** The cycles that decide: enough to see that a fixed webhook works, few enough to notice soon that one stopped. */
const CYCLES_THAT_COUNT = 2;
/** After so many cycles in a row without a judged change the receiver counts as down: it is never up for long enough. */
const CYCLES_UNHEARD = 4;
/** The number of stored cycles: a day of hourly runs. */
const CYCLES_KEPT = 24;
/** How long the receiver may be down before the health of webhooks is unknown. */
const AWAY_MS = 2 * HOUR_MS;

/** What is known about one webhook at one location. */
export interface Evidence {
  /** Null before the first delivery. */
  firstDeliveryAt: Date | null;
  /** Oldest first. */
  cycles: readonly Cycle[];
}

/** Returns true if the receiver has been down for hours. `lastUp` is null if it was never up, or longer ago than is stored. */
export function isAway(lastUp: Date | null, now: Date): boolean {
  return lastUp === null || now.getTime() - lastUp.getTime() > AWAY_MS;
}

/** Returns true if no recent change could be judged, because the receiver was interrupted again and again. */
export function isUnheard(cycles: readonly Cycle[]): boolean {
  const last = cycles.slice(-CYCLES_UNHEARD);
  return last.length === CYCLES_UNHEARD && last.every((cycle) => !isJudged(cycle));
}

/**
 * Returns the health of one webhook at one location. Changes missed before the first delivery are ignored: the webhook was not
 * configured yet. While our receiver is down, a webhook that worked before is `unknown`.
 */
export function healthOf({ firstDeliveryAt, cycles }: Evidence, receiverAway: boolean): WebhookHealth {
  if (firstDeliveryAt === null) return 'missing';
  const recent = cycles.filter(isJudged).slice(-CYCLES_THAT_COUNT);
  if (recent.some(({ at, missed }) => at > firstDeliveryAt && missed > 0)) return 'failing';
  return receiverAway || isUnheard(cycles) ? 'unknown' : 'healthy';
}

function isJudged({ announced, missed }: Cycle): boolean {
  return announced + missed > 0;
}

/** Returns the worst of several; `missing` for none, because then there was no delivery. */
export function worstHealth(healths: readonly WebhookHealth[]): WebhookHealth {
  return webhookHealths.find((health) => healths.includes(health)) ?? 'missing';
}

/** Sorts locations by health, worst first, then by name. */
export function worstFirst<Location extends Place & { health: WebhookHealth }>(
  locations: readonly Location[],
): Location[] {
  const rank = ({ health }: Location) => webhookHealths.indexOf(health);
  return [...locations].sort(
    (a, b) => rank(a) - rank(b) || (placeName(a) ?? '').localeCompare(placeName(b) ?? '', 'en-US'),
  );
}

/**
 * Adds a run's cycle. The same run again, or one without changes, adds nothing. Of cycles without a judged change only the last
 * few are kept, so that they do not displace the others.
 */
export function withCycle(cycles: readonly Cycle[], next: Cycle): Cycle[] {
  const known = cycles.some((cycle) => cycle.run === next.run);
  if (known || next.announced + next.missed + next.unheard === 0) return [...cycles];
  const all = [...cycles, next];
  const judged = all.filter(isJudged).slice(-CYCLES_KEPT);
  const unheard = all.filter((cycle) => !isJudged(cycle)).slice(-CYCLES_UNHEARD);
  return all.filter((cycle) => judged.includes(cycle) || unheard.includes(cycle));
}

/** Returns the share of changes that were announced, 0 to 1; null if there were none. */
export function announcedShare(cycles: readonly Pick<Cycle, 'announced' | 'missed'>[]): number | null {
  const announced = cycles.reduce((sum, cycle) => sum + cycle.announced, 0);
  const all = cycles.reduce((sum, cycle) => sum + cycle.announced + cycle.missed, 0);
  return all === 0 ? null : announced / all;
}

/**
 * Returns whether to send a notice that a webhook's health at a location is now `next`; `lastNotified` is the health of the
 * last notice. A webhook that never delivered is worth a notice only after a change was missed: a location without changes
 * is not. That the receiver is down is one notice for the whole instance, not one for each location.
 */
export function shouldNotify(
  lastNotified: WebhookHealth | null,
  next: WebhookHealth,
  cycles: readonly Pick<Cycle, 'missed'>[],
): boolean {
  if (next === 'unknown') return false;
  if (next === 'missing') return lastNotified !== 'missing' && cycles.some((cycle) => cycle.missed > 0);
  if (next === 'healthy') return lastNotified === 'failing' || lastNotified === 'missing';
  return lastNotified !== 'failing';
}

/**
 * Returns whether an instance misses the receiver of webhooks: it is down for hours, or was interrupted again and again. An
 * instance without any delivery so far does not use webhooks.
 */
export function isReceiverMissed(locations: readonly Evidence[], receiverAway: boolean): boolean {
  const used = locations.filter(({ firstDeliveryAt }) => firstDeliveryAt !== null);
  return used.length > 0 && (receiverAway || used.some(({ cycles }) => isUnheard(cycles)));
}

export const receiverAwayText =
  'We could not receive webhooks for hours, or only with interruptions, so we cannot tell whether they still arrive. Check that kipu-referrals web is running. Discharged records are locked until it is.';

/** What staff can do, in one sentence. */
export const healthAdvice: Record<WebhookHealth, Record<Webhook, string>> = {
  missing: {
    'patient-creation': "KIPU isn't sending us new charts yet. Set up the Patient Creation webhook in KIPU.",
    'chart-update':
      "KIPU isn't sending us chart updates yet, so discharged patients stay locked. Set up the Chart Update webhook in KIPU.",
  },
  failing: {
    'patient-creation':
      "Some new charts reach us without KIPU's Patient Creation webhook. Check that it is turned on in KIPU.",
    'chart-update':
      "Some changes reach us without KIPU's Chart Update webhook, so discharged patients are locked. Check that it is turned on in KIPU.",
  },
  unknown: {
    'patient-creation':
      "We can't receive webhooks now, so we can't tell whether KIPU's Patient Creation webhook works. Check that kipu-referrals web is running.",
    'chart-update':
      "We can't receive webhooks now, so we can't tell whether KIPU's Chart Update webhook works, and discharged patients are locked. Check that kipu-referrals web is running.",
  },
  healthy: {
    'patient-creation': "KIPU's Patient Creation webhook works.",
    'chart-update': "KIPU's Chart Update webhook works.",
  },
};

/** How many names are written out; of the others only the number is. */
const NAMED = 3;

/** Returns the names of locations for a text: `North Harbor Detox, North Harbor Residential and 2 more locations`. */
export function namesText(locationNames: readonly (string | null)[]): string {
  const names = [...new Set(locationNames.filter((name) => name !== null))];
  const more = names.length - NAMED;
  const all = names.slice(0, NAMED);
  if (more > 0) all.push(`${more} more ${more === 1 ? 'location' : 'locations'}`);
  const last = all.pop() ?? '';
  return all.length === 0 ? last : `${all.join(', ')} and ${last}`;
}

/** Returns the beginning of a text about an instance and some of its locations: `north-harbor, North Harbor Detox`. */
export function placesText(instance: string, locationNames: readonly (string | null)[]): string {
  return [instance, namesText(locationNames)].filter((part) => part !== '').join(', ');
}

/** Returns the health of an instance's webhook: that of its worst location, and the names of the locations that have it. */
export function worstOf(locations: readonly (Place & { health: WebhookHealth })[]): {
  health: WebhookHealth;
  at: string[];
} {
  const health = worstHealth(locations.map((one) => one.health));
  const worst = worstFirst(locations).filter((one) => one.health === health);
  return { health, at: worst.flatMap((one) => placeName(one) ?? []) };
}
