import type { Chart } from './chart.ts';
import { type HoldReason, isDischarged, type LockPolicy, lockReason, type WebhookHealth } from './lock.ts';
import { isPlaceholder, missingFacts, type RequiredFact } from './readiness.ts';

/** What a pull did with a chart. Every due chart of a run ends in exactly one of these. */
export const pullOutcomes = ['saved', 'unchanged', 'held', 'notReady', 'ignored', 'failed'] as const;
export type PullOutcome = (typeof pullOutcomes)[number];

/** What is to be done with a chart that was just read. */
export type PullDecision =
  | { do: 'ignore' }
  | { do: 'wait'; missing: RequiredFact[] }
  | { do: 'hold'; reason: HoldReason }
  | { do: 'save' };

/**
 * Decides what becomes of a chart. A placeholder is ignored before anything else; a chart that lacks a required fact
 * can't be linked, so it is not held either; only then does the lock ask for a person.
 */
export function decidePull(
  chart: Chart,
  record: { unlockedBefore: boolean },
  instance: { lockPolicy: LockPolicy; chartUpdate: WebhookHealth },
  now: Date,
): PullDecision {
  if (isPlaceholder(chart)) return { do: 'ignore' };
  const missing = missingFacts(chart);
  if (missing.length > 0) return { do: 'wait', missing };
  const reason = lockReason({
    policy: instance.lockPolicy,
    discharged: isDischarged(chart.dischargeDate, now),
    unlockedBefore: record.unlockedBefore,
    chartUpdate: instance.chartUpdate,
  });
  return reason === null ? { do: 'save' } : { do: 'hold', reason };
}
