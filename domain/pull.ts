import type { Chart } from './chart.ts';
import { isPlaceholder, missingFields, type RequiredField } from './chart.ts';
import { lookAgainAt } from './due.ts';
import { dischargedAt, type HoldReason, type LockPolicy, lockReason, type WebhookHealth } from './lock.ts';

/** The result of a pull. Every due chart of a run has exactly one. */
export const pullOutcomes = ['saved', 'unchanged', 'held', 'notReady', 'ignored', 'failed'] as const;
export type PullOutcome = (typeof pullOutcomes)[number];

/** What to do with a chart that was just read. */
export type PullDecision =
  | { do: 'ignore' }
  | { do: 'wait'; missing: RequiredField[] }
  | { do: 'hold'; reason: HoldReason }
  /** `lookAgainAt`: when the lock is decided again even if the chart does not change; null for never. */
  | { do: 'save'; lookAgainAt: Date | null };

/**
 * Decides what to do with a chart. A placeholder is ignored first. A chart without a required field cannot be linked, so it is
 * not held either. The lock is decided last. A discharge in the future is only planned: it is decided when it comes.
 */
export function decidePull(
  chart: Chart,
  record: { unlockedBefore: boolean },
  instance: { lockPolicy: LockPolicy; chartUpdate: WebhookHealth; timeZone: string },
  now: Date,
): PullDecision {
  if (isPlaceholder(chart)) return { do: 'ignore' };
  const missing = missingFields(chart);
  if (missing.length > 0) return { do: 'wait', missing };
  const { lockPolicy: policy, chartUpdate, timeZone } = instance;
  const { unlockedBefore } = record;
  const at = dischargedAt(chart.dischargeDate, timeZone);
  const reason = lockReason({ policy, discharged: at !== null && at <= now, unlockedBefore, chartUpdate });
  if (reason !== null) return { do: 'hold', reason };
  return { do: 'save', lookAgainAt: unlockedBefore || policy === 'never' ? null : lookAgainAt(at, now) };
}

/** The most requests to KIPU that one pull can have made, failed attempts included: it is given up long before. */
const MOST_CALLS = 10_000;

/** Reads the message that a record was pulled, as the signal to its run brings it; null where somebody sent anything else. */
export function readPulled(message: unknown): { recordId: string; outcome: PullOutcome; calls: number } | null {
  if (typeof message !== 'object' || message === null) return null;
  const { recordId, outcome, calls } = message as Record<string, unknown>;
  const known = pullOutcomes.find((one) => one === outcome);
  // Every other number would make the counts of the run unusable.
  if (typeof calls !== 'number' || !Number.isInteger(calls) || calls < 0 || calls > MOST_CALLS) return null;
  return typeof recordId === 'string' && known !== undefined ? { recordId, outcome: known, calls } : null;
}
