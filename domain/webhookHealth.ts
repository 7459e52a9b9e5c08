import type { WebhookHealth } from './lock.ts';
import { addDays, instantOf } from './time.ts';

/** KIPU's two webhooks. */
export const webhooks = ['patient-creation', 'chart-update'] as const;
export type Webhook = (typeof webhooks)[number];

/** As KIPU calls them. */
export const webhookNames: Record<Webhook, string> = {
  'patient-creation': 'Patient Creation',
  'chart-update': 'Chart Update',
};

/**
 * What became of a change that polling found:
 * - `announced`: a delivery told of it.
 * - `missed`: none did, though the receiver was up and the delivery had time enough.
 * - `excused`: nobody can tell, because the receiver was down, or did not exist yet, while the change was made; because
 *   the webhook may not have been entered in KIPU by then; or because a chart that we never saw before is not new.
 */
export type Verdict = 'announced' | 'missed' | 'excused';

/** A change that polling found, with what is known of its webhook. It was made after `since`. */
export interface ChangeToJudge {
  webhook: Webhook;
  announced: boolean;
  receiverWasUp: boolean;
  since: Date;
  /** Of the webhook; null while none ever came. */
  firstDeliveryAt: Date | null;
  /** When KIPU says that the chart was made, a canonical date; null where it is not known. */
  chartCreatedAt: string | null;
}

/** Judges one change, once its delivery has had time to arrive. */
export function judge(change: ChangeToJudge): Verdict {
  const { webhook, announced, receiverWasUp, since, firstDeliveryAt, chartCreatedAt } = change;
  if (announced) return 'announced';
  if (!receiverWasUp) return 'excused';
  if (firstDeliveryAt !== null && since < firstDeliveryAt) return 'excused';
  return webhook === 'patient-creation' && isOlder(chartCreatedAt, since) ? 'excused' : 'missed';
}

/** An old chart that is edited for the first time in years is listed as one never seen. A day is over two days later in every zone. */
function isOlder(createdAt: string | null, since: Date): boolean {
  return createdAt !== null && addDays(instantOf(createdAt), 2) < since;
}

/** The changes of one run that were announced or missed. A run without such changes is no cycle: it tells nothing. */
export interface Cycle {
  run: string;
  at: Date;
  announced: number;
  missed: number;
}

/** Cycles that are looked at: enough to see that a mended webhook works, few enough to see soon that one broke. */
const CYCLES_THAT_COUNT = 2;
/** Cycles that are kept, a day's worth of hourly runs. */
const CYCLES_KEPT = 24;

/**
 * The health of one webhook. `cycles` are in order, the newest last; what was missed before the first delivery says only
 * that the webhook was missing then. `firstDeliveryAt` is null while none ever came.
 */
export function healthOf(evidence: {
  firstDeliveryAt: Date | null;
  cycles: readonly Pick<Cycle, 'at' | 'missed'>[];
}): WebhookHealth {
  const { firstDeliveryAt, cycles } = evidence;
  if (firstDeliveryAt === null) return 'missing';
  const recent = cycles.slice(-CYCLES_THAT_COUNT).filter(({ at }) => at > firstDeliveryAt);
  return recent.some(({ missed }) => missed > 0) ? 'failing' : 'healthy';
}

/** Adds a run's cycle to those before; the same run again, or one in which nothing could be judged, changes nothing. */
export function withCycle(cycles: readonly Cycle[], next: Cycle): Cycle[] {
  const known = cycles.some((cycle) => cycle.run === next.run);
  if (known || next.announced + next.missed === 0) return [...cycles];
  return [...cycles, next].slice(-CYCLES_KEPT);
}

/** The share of changes that were announced over the kept cycles, 0 to 1; null when there were none. */
export function announcedShare(cycles: readonly Pick<Cycle, 'announced' | 'missed'>[]): number | null {
  const announced = cycles.reduce((sum, cycle) => sum + cycle.announced, 0);
  const all = cycles.reduce((sum, cycle) => sum + cycle.announced + cycle.missed, 0);
  return all === 0 ? null : announced / all;
}

/**
 * Whether people are told that the health is now `next`; `told` is what they were told last. A webhook that never
 * delivered is worth a word only once a change was missed for it: a quiet instance alarms nobody.
 */
export function worthTelling(
  told: WebhookHealth | null,
  next: WebhookHealth,
  cycles: readonly Pick<Cycle, 'missed'>[],
): boolean {
  if (next === 'missing') return told !== 'missing' && cycles.some((cycle) => cycle.missed > 0);
  if (next === 'healthy') return told === 'failing' || told === 'missing';
  return told !== 'failing';
}

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
  healthy: {
    'patient-creation': 'The Patient Creation webhook works.',
    'chart-update': 'The Chart Update webhook works.',
  },
};
