import type { WebhookHealth } from './lock.ts';

/** KIPU's two webhooks. */
export const webhooks = ['patient-creation', 'chart-update'] as const;
export type Webhook = (typeof webhooks)[number];

/**
 * What became of a change that polling found:
 * - `announced`: a delivery told of it.
 * - `missed`: none did, though the receiver was up and the delivery had time enough.
 * - `excused`: nobody can tell, because the receiver was down, or did not exist yet, while the change was made.
 */
export type Verdict = 'announced' | 'missed' | 'excused';

/** Judges one change, once its delivery has had time to arrive. */
export function judge(change: { announced: boolean; receiverWasUp: boolean }): Verdict {
  if (change.announced) return 'announced';
  return change.receiverWasUp ? 'missed' : 'excused';
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

/** The health of one webhook. `cycles` are in order, the newest last. */
export function healthOf(evidence: {
  everDelivered: boolean;
  cycles: readonly Pick<Cycle, 'missed'>[];
}): WebhookHealth {
  if (!evidence.everDelivered) return 'missing';
  return evidence.cycles.slice(-CYCLES_THAT_COUNT).some((cycle) => cycle.missed > 0) ? 'failing' : 'healthy';
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
