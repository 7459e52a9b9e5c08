import type { HoldReason } from './lock.ts';
import type { ReferralRevision } from './referral.ts';
import { instantIn } from './time.ts';

/** Since when a referral is older than its chart: its record was held then, and the chart has not been pulled since. */
export interface Stale {
  since: Date;
  reason: HoldReason;
}

interface RecordFacts {
  status: string;
  hold: Stale | null;
  /** The last hold; absent if the record was never held. */
  lastHold?: Stale | undefined;
}

/** Statuses in which the chart has not been read since the hold ended. */
const NOT_READ = ['unlocked', 'failed', 'void', 'new'];

/**
 * Returns what the referral of a record has to say: since when it is stale; null: the chart was read after the hold; undefined:
 * leave it as it is, because the record was never held, or its chart has not been read since.
 */
export function staleOf({ status, hold, lastHold }: RecordFacts): Stale | null | undefined {
  if (hold !== null) return { since: hold.since, reason: hold.reason };
  return lastHold === undefined || NOT_READ.includes(status) ? undefined : null;
}

/**
 * Returns true unless the referral says already that it is not stale. It is written again where the last pull held the record or
 * failed: an attempt that is late may not have marked the referral yet, and must not do so after this.
 */
export function mayBeMarked(stale: Stale | null | undefined, lastOutcome: string | undefined): boolean {
  return stale !== null || lastOutcome === 'held' || lastOutcome === 'failed';
}

/** Returns true if the discharge had not come when this revision was made. `zone` is that of the location. */
export function isFromBeforeDischarge(
  { dischargeDate, at }: Pick<ReferralRevision, 'dischargeDate' | 'at'>,
  zone: string,
) {
  return dischargeDate === null || instantIn(dischargeDate, zone) > at;
}
