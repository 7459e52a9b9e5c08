import { DAY_MS, instantIn } from './time.ts';

/** When discharged records are held. Set per instance. */
export const lockPolicies = ['webhook-missing', 'always', 'never'] as const;
export type LockPolicy = (typeof lockPolicies)[number];

/**
 * Whether one of KIPU's webhooks works, worst first. `missing`: it has never delivered. `unknown`: it worked before, but
 * cannot be judged now because our own receiver is down.
 */
export const webhookHealths = ['missing', 'failing', 'unknown', 'healthy'] as const;
export type WebhookHealth = (typeof webhookHealths)[number];

/** Why a record is held. */
export const holdReasons = ['webhook-missing', 'webhook-failing', 'webhook-unknown', 'policy-always'] as const;
export type HoldReason = (typeof holdReasons)[number];

/** What each reason means, for the person who can fix it. */
export const holdReasonText: Record<HoldReason, string> = {
  'webhook-missing': "Patient discharged: EMR updates locked. KIPU's Chart Update webhook is not set up yet.",
  'webhook-failing': "Patient discharged: EMR updates locked. KIPU's Chart Update webhook misses changes.",
  'webhook-unknown':
    "Patient discharged: EMR updates locked. We could not receive webhooks, so we cannot tell whether KIPU's Chart Update webhook works.",
  'policy-always': 'Patient discharged: EMR updates locked. Every discharged record is locked here.',
};

/** Returns the text of a reason, with the name of the location whose webhook it is. */
export function holdWords(reason: HoldReason, locationName: string | null): string {
  const webhook = 'Chart Update webhook';
  const words = holdReasonText[reason];
  return locationName === null ? words : words.replace(webhook, () => `${webhook} for ${locationName}`);
}

/** Returns the instant of a discharge in the zone of its location; a day counts from its beginning. Null for no discharge. */
export function dischargedAt(dischargeDate: string | null, zone: string): Date | null {
  return dischargeDate === null ? null : instantIn(dischargeDate, zone);
}

/** Returns why a record is held; null if it is not. A record that was unlocked once is never held again. */
export function lockReason(facts: {
  policy: LockPolicy;
  discharged: boolean;
  unlockedBefore: boolean;
  /** Health of the Chart Update webhook at the chart's location. */
  chartUpdate: WebhookHealth;
}): HoldReason | null {
  if (!facts.discharged || facts.unlockedBefore || facts.policy === 'never') return null;
  if (facts.policy === 'always') return 'policy-always';
  return facts.chartUpdate === 'healthy' ? null : `webhook-${facts.chartUpdate}`;
}

const REMINDER_DAYS = [1, 2, 4, 7];

/** Returns the milliseconds until a hold's next reminder: 1, 2, 4 days, then a week each. `reminders` is how many were sent. */
export function reminderDelayMs(reminders: number): number {
  return (REMINDER_DAYS[Math.min(reminders, REMINDER_DAYS.length - 1)] ?? 7) * DAY_MS;
}
