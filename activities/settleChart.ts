import { sameContent } from '../domain/chart.ts';
import { decidePull, type PullOutcome } from '../domain/pull.ts';
import { type DesiredReferral, desiredReferral, nextRevision, type ReferralRevision } from '../domain/referral.ts';
import { zoneAt } from '../domain/timeZone.ts';
import type { KipuChart } from '../kipu/index.ts';
import type { Store } from '../store/connect.ts';
import type { RecordDocument } from '../store/documents.ts';
import type { Pulled } from '../store/recordPulls.ts';
import type { HoldState } from '../workflows/messages.ts';
import { type ActivityContext, requireInstance } from './context.ts';
import { creditDeliveries } from './creditDeliveries.ts';
import { ownLocations } from './locations.ts';

/** A record and its referral, as they were read before the chart was requested. `settleChart` replaces what it writes. */
export interface PullSubject {
  record: RecordDocument;
  /** The latest revision of the referral; null for none. */
  referral: ReferralRevision | null;
}

/**
 * Returns the latest revision of the record's referral, null for none. Read the record first.
 *
 * A record and its referral are two documents, and an attempt may be interrupted between the two writes, or continue when
 * another one has replaced it. So the record is written first and names the next revision: an attempt that is late fails
 * there, and the revision of one that was interrupted is written here, before anything else is decided.
 * @throws StoreConflictError when another attempt wrote that revision at the same time.
 */
export async function currentReferral(
  { referrals }: Pick<Store, 'referrals'>,
  record: RecordDocument,
): Promise<ReferralRevision | null> {
  const latest = await referrals.latest(record._id);
  const { plannedRevision } = record;
  if (plannedRevision === undefined || (latest !== null && latest.revision >= plannedRevision.revision)) return latest;
  await referrals.add(record, plannedRevision);
  return plannedRevision;
}

/** How a chart was handled. `hold` is set when the record now waits for staff; `calls` counts requests besides the chart's own. */
export interface Settled {
  outcome: PullOutcome;
  calls: number;
  hold: HoldState | null;
}

/**
 * Decides what to do with a chart, then writes the referral's next revision and the record. Charts that were requested and
 * charts that a list's row carries are handled in this one place. Both writes succeed only on the revisions of the subject.
 */
export function settleChart(context: ActivityContext) {
  const { records, referrals, webhookHealth } = context.store;

  /** @throws StoreConflictError when the record or the referral was written since it was read. */
  return async (subject: PullSubject, chart: KipuChart, key: string): Promise<Settled> => {
    const { record, referral } = subject;
    const now = context.now();
    const { lockPolicy, ...zones } = requireInstance(context, record.instance);
    const timeZone = zoneAt(zones, chart.locationId);
    await creditDeliveries(context, record, chart);
    const chartUpdate = await webhookHealth.chartUpdate(record.instance, chart.locationId, now);
    const unlockedBefore = record.unlocked !== null;
    const decision = decidePull(chart, { unlockedBefore }, { lockPolicy, chartUpdate, timeZone }, now);
    const version = chart.lastUpdatedAt;
    const finish = (pulled: Omit<Pulled, 'timeZone' | 'version'>) =>
      records.finish(subject.record, { ...pulled, timeZone, version }, key, now);
    const revise = async (desired: DesiredReferral): Promise<boolean> => {
      const next = nextRevision(referral, desired, now);
      if (next === null) return false;
      subject.record = await records.planRevision(record, next, now);
      await referrals.add(record, next);
      return true;
    };
    switch (decision.do) {
      case 'ignore':
        await revise({ none: 'placeholder' });
        await finish({ outcome: 'ignored', status: 'ignored', chart: null });
        return { outcome: 'ignored', calls: 0, hold: null };
      case 'wait':
        await revise({ none: 'not-ready' });
        await finish({ outcome: 'notReady', status: 'notReady', chart, missing: decision.missing });
        return { outcome: 'notReady', calls: 0, hold: null };
      case 'hold': {
        const hold = { reason: decision.reason, since: now, reminders: 0, changesWaiting: 0 };
        await finish({ outcome: 'held', status: 'held', chart, hold });
        return { outcome: 'held', calls: 0, hold: { reason: hold.reason, reminders: 0 } };
      }
      case 'save': {
        const own = await ownLocations(context, record.instance);
        const isRevised = await revise(desiredReferral(chart, own.names, timeZone));
        const outcome = isRevised || !sameContent(record.chart, chart) ? 'saved' : 'unchanged';
        await finish({ outcome, status: 'synced', chart, lookAgainAt: decision.lookAgainAt });
        return { outcome, calls: own.calls, hold: null };
      }
    }
  };
}
