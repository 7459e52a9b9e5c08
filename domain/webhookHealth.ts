import { type ChangeResult, type Place, placeName } from './detectedChange.ts';
import { type WebhookHealth, webhookHealths } from './lock.ts';

/** KIPU's two webhooks. */
export const webhooks = ['patient-creation', 'chart-update'] as const;
export type Webhook = (typeof webhooks)[number];

/** As KIPU calls them. */
export const webhookNames: Record<Webhook, string> = {
  'patient-creation': 'Patient Creation',
  'chart-update': 'Chart Update',
};

/**
 * What one run found of the changes of one location: how many were announced, how many missed, and how many could not be
 * judged because the receiver was away. A run without any of them is no cycle.
 */
export interface Cycle {
  run: string;
  at: Date;
  announced: number;
  missed: number;
  unheard: number;
}

/** Counts a run's verdicts on the changes of one location. */
export function cycleOf(run: string, at: Date, verdicts: readonly ChangeResult[]): Cycle {
  const count = (wanted: ChangeResult) => verdicts.filter((verdict) => verdict === wanted).length;
  return { run, at, announced: count('announced'), missed: count('missed'), unheard: count('receiver-away') };
}

/** Cycles that are looked at: enough to see that a fixed webhook works, few enough to see soon that one broke. */
const CYCLES_THAT_COUNT = 2;
/** So many cycles in a row in which nothing could be judged: the receiver is there, but never for long enough. */
const CYCLES_UNHEARD = 4;
/** Cycles that are kept, a day's worth of hourly runs. */
const CYCLES_KEPT = 24;
/** For so long the receiver may be away before nobody can tell how a webhook is. */
const AWAY_MS = 2 * 3_600_000;

/** What is known of one webhook at one location, and of our receiver. */
export interface Evidence {
  /** Null while no delivery ever came. */
  firstDeliveryAt: Date | null;
  /** In order, the newest last. */
  cycles: readonly Cycle[];
}

/** True when the receiver has been away for hours; `lastUp` is null where it was never up, or longer ago than is kept. */
export function isAway(lastUp: Date | null, now: Date): boolean {
  return lastUp === null || now.getTime() - lastUp.getTime() > AWAY_MS;
}

/** True when none of the last changes could be judged, because the receiver was interrupted again and again. */
export function isUnheard(cycles: readonly Cycle[]): boolean {
  const last = cycles.slice(-CYCLES_UNHEARD);
  return last.length === CYCLES_UNHEARD && last.every((cycle) => !isJudged(cycle));
}

/**
 * The health of one webhook at one location. What was missed before the first delivery says only that the webhook was
 * missing then. While our receiver is away a webhook that worked is `unknown`.
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

/** The worst of several; `missing` where there are none, since then nothing was ever heard. */
export function worstHealth(healths: readonly WebhookHealth[]): WebhookHealth {
  return webhookHealths.find((health) => healths.includes(health)) ?? 'missing';
}

/** Locations, the worst first, then by name. */
export function worstFirst<Location extends Place & { health: WebhookHealth }>(
  locations: readonly Location[],
): Location[] {
  const rank = ({ health }: Location) => webhookHealths.indexOf(health);
  return [...locations].sort(
    (a, b) => rank(a) - rank(b) || (placeName(a) ?? '').localeCompare(placeName(b) ?? '', 'en-US'),
  );
}

/**
 * Adds a run's cycle to those before; the same run again, or one without changes, adds nothing. Of cycles in which nothing
 * could be judged only the last few are kept, so that they don't displace what is known.
 */
export function withCycle(cycles: readonly Cycle[], next: Cycle): Cycle[] {
  const known = cycles.some((cycle) => cycle.run === next.run);
  if (known || next.announced + next.missed + next.unheard === 0) return [...cycles];
  const all = [...cycles, next];
  const judged = all.filter(isJudged).slice(-CYCLES_KEPT);
  const unheard = all.filter((cycle) => !isJudged(cycle)).slice(-CYCLES_UNHEARD);
  return all.filter((cycle) => judged.includes(cycle) || unheard.includes(cycle));
}

/** The share of changes that were announced over the kept cycles, 0 to 1; null when there were none. */
export function announcedShare(cycles: readonly Pick<Cycle, 'announced' | 'missed'>[]): number | null {
  const announced = cycles.reduce((sum, cycle) => sum + cycle.announced, 0);
  const all = cycles.reduce((sum, cycle) => sum + cycle.announced + cycle.missed, 0);
  return all === 0 ? null : announced / all;
}

/**
 * Whether people are told that a webhook's health at a location is now `next`; `told` is what they were told last. A
 * webhook that never delivered is worth a notice only once a change was missed for it: a quiet location alarms nobody.
 * That the receiver is away is one notice for the whole instance, not one for each location.
 */
export function shouldNotify(
  told: WebhookHealth | null,
  next: WebhookHealth,
  cycles: readonly Pick<Cycle, 'missed'>[],
): boolean {
  if (next === 'unknown') return false;
  if (next === 'missing') return told !== 'missing' && cycles.some((cycle) => cycle.missed > 0);
  if (next === 'healthy') return told === 'failing' || told === 'missing';
  return told !== 'failing';
}

/**
 * Whether people are told that the receiver is away, or back: once each. `told` is whether they were told that it is away.
 * An instance without any delivery so far does not use webhooks, and is told nothing.
 */
export function receiverNews(
  told: boolean,
  locations: readonly Evidence[],
  receiverAway: boolean,
): 'away' | 'back' | null {
  const used = locations.filter(({ firstDeliveryAt }) => firstDeliveryAt !== null);
  const away = used.length > 0 && (receiverAway || used.some(({ cycles }) => isUnheard(cycles)));
  if (away === told) return null;
  return away ? 'away' : 'back';
}

export const receiverWords: Record<'away' | 'back', string> = {
  away: 'Our receiver of webhooks has been away for hours, or was interrupted again and again, so nobody can tell whether webhooks still come: look whether kipu-referrals web runs. Discharged records are held until it is back.',
  back: 'Our receiver of webhooks is back.',
};

/** What staff can do about it, one sentence. */
export const healthAdvice: Record<WebhookHealth, Record<Webhook, string>> = {
  missing: {
    'patient-creation': "KIPU's Patient Creation webhook has never reached us: enter its address in KIPU.",
    'chart-update':
      "KIPU's Chart Update webhook has never reached us: enter its address in KIPU, or discharged records stay held.",
  },
  failing: {
    'patient-creation': "KIPU's Patient Creation webhook misses new charts: look whether it is switched on in KIPU.",
    'chart-update':
      "KIPU's Chart Update webhook misses changes: look whether it is switched on in KIPU; discharged records are held.",
  },
  unknown: {
    'patient-creation':
      "Our receiver of webhooks is away, so nobody can tell whether KIPU's Patient Creation webhook works: look whether kipu-referrals web runs.",
    'chart-update':
      "Our receiver of webhooks is away, so nobody can tell whether KIPU's Chart Update webhook works: look whether kipu-referrals web runs; discharged records are held.",
  },
  healthy: {
    'patient-creation': 'The Patient Creation webhook works.',
    'chart-update': 'The Chart Update webhook works.',
  },
};

/** Names that are written out; of more only the number is said. */
const NAMED = 3;

/** Some locations, as a text names them: `North Harbor Detox, North Harbor Residential and 2 more locations`. */
export function namesText(locationNames: readonly (string | null)[]): string {
  const names = [...new Set(locationNames.filter((name) => name !== null))];
  const more = names.length - NAMED;
  const all = names.slice(0, NAMED);
  if (more > 0) all.push(`${more} more ${more === 1 ? 'location' : 'locations'}`);
  const last = all.pop() ?? '';
  return all.length === 0 ? last : `${all.join(', ')} and ${last}`;
}

/** An instance and some of its locations, as a text about them begins: `north-harbor, North Harbor Detox`. */
export function placesText(instance: string, locationNames: readonly (string | null)[]): string {
  return [instance, namesText(locationNames)].filter((part) => part !== '').join(', ');
}

/** The health of an instance's webhook: that of its worst location, and the names of the locations where it is so. */
export function worstOf(locations: readonly (Place & { health: WebhookHealth })[]): {
  health: WebhookHealth;
  at: string[];
} {
  const health = worstHealth(locations.map((one) => one.health));
  const worst = worstFirst(locations).filter((one) => one.health === health);
  return { health, at: worst.flatMap((one) => placeName(one) ?? []) };
}
