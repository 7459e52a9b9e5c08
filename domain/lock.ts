import { instantIn } from './timeZone.ts';

/** When discharged records are held, per instance. */
export const lockPolicies = ['webhook-missing', 'always', 'never'] as const;
export type LockPolicy = (typeof lockPolicies)[number];

/**
 * Whether one of KIPU's webhooks really reaches us, the worst first. Never heard of is `missing`; `unknown` is one that
 * worked, and can't be judged now because our own receiver is away.
 */
export const webhookHealths = ['missing', 'failing', 'unknown', 'healthy'] as const;
export type WebhookHealth = (typeof webhookHealths)[number];

/** Why a record is held. */
export const holdReasons = ['webhook-missing', 'webhook-failing', 'webhook-unknown', 'policy-always'] as const;
export type HoldReason = (typeof holdReasons)[number];

/** What each reason means, in words for the person who can mend it. */
export const holdReasonText: Record<HoldReason, string> = {
  'webhook-missing': "Patient discharged: EMR updates locked. KIPU's Chart Update webhook has never reached us.",
  'webhook-failing': "Patient discharged: EMR updates locked. KIPU's Chart Update webhook has stopped reaching us.",
  'webhook-unknown':
    "Patient discharged: EMR updates locked. Our receiver was away, so nobody can tell whether KIPU's Chart Update webhook works.",
  'policy-always': 'Patient discharged: EMR updates locked. This instance holds every discharged record.',
};

/** The same, with the name of the location whose webhook it is. */
export function holdWords(reason: HoldReason, locationName: string | null): string {
  const webhook = 'Chart Update webhook';
  const words = holdReasonText[reason];
  return locationName === null ? words : words.replace(webhook, () => `${webhook} for ${locationName}`);
}

/** The instant of a discharge in the zone of its location; a day counts from its beginning. Null for no discharge. */
export function dischargedAt(dischargeDate: string | null, zone: string): Date | null {
  return dischargeDate === null ? null : instantIn(dischargeDate, zone);
}

/** Decides whether a record is held, and why; null leaves it open. Once unlocked, a record stays open. */
export function lockReason(facts: {
  policy: LockPolicy;
  discharged: boolean;
  unlockedBefore: boolean;
  /** Of the chart's location. */
  chartUpdate: WebhookHealth;
}): HoldReason | null {
  if (!facts.discharged || facts.unlockedBefore || facts.policy === 'never') return null;
  if (facts.policy === 'always') return 'policy-always';
  return facts.chartUpdate === 'healthy' ? null : `webhook-${facts.chartUpdate}`;
}
