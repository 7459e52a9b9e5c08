import { sameContent } from '../domain/chart.ts';
import { decidePull, type PullOutcome } from '../domain/pull.ts';
import { desiredReferral, nextRevision, type ReferralRevision } from '../domain/referral.ts';
import { zoneAt } from '../domain/timeZone.ts';
import type { KipuChart } from '../kipu/index.ts';
import type { RecordDocument } from '../store/documents.ts';
import type { Pulled } from '../store/recordPulls.ts';
import type { HoldState } from '../workflows/messages.ts';
import { type ActivityContext, requireInstance } from './context.ts';
import { creditDeliveries } from './creditDeliveries.ts';
import { ownLocations } from './locations.ts';

/** A record and its referral, as they were read before the chart was asked for. */
export interface PullSubject {
  record: RecordDocument;
  /** The latest revision of the referral; null for none. */
  referral: ReferralRevision | null;
}

/** What became of a chart. `hold` is set when the record waits for staff now; `calls` counts what it cost besides the chart. */
export interface Settled {
  outcome: PullOutcome;
  calls: number;
  hold: HoldState | null;
}

/**
 * Decides what becomes of a chart and writes the referral's next revision and then the record: the one way for a chart of
 * its own answer and for one that a list's row carries. Both writes are accepted only on top of what the subject says.
 */
export function settleChart(context: ActivityContext) {
  const { records, referrals, webhookHealth } = context.store;

  /** @throws StoreConflictError when record or referral was written since they were read. */
  return async ({ record, referral }: PullSubject, chart: KipuChart, key: string): Promise<Settled> => {
    const now = context.now();
    const { lockPolicy, ...zones } = requireInstance(context, record.instance);
    const timeZone = zoneAt(zones, chart.locationId);
    await creditDeliveries(context, record, chart);
    const chartUpdate = await webhookHealth.chartUpdate(record.instance, chart.locationId, now);
    const unlockedBefore = record.unlocked !== null;
    const decision = decidePull(chart, { unlockedBefore }, { lockPolicy, chartUpdate, timeZone }, now);
    const finish = (pulled: Omit<Pulled, 'timeZone'>) => records.finish(record, { ...pulled, timeZone }, key, now);
    switch (decision.do) {
      case 'ignore':
        await finish({ outcome: 'ignored', status: 'ignored', chart: null });
        return { outcome: 'ignored', calls: 0, hold: null };
      case 'wait':
        await finish({ outcome: 'notReady', status: 'notReady', chart, missing: decision.missing });
        return { outcome: 'notReady', calls: 0, hold: null };
      case 'hold': {
        const hold = { reason: decision.reason, since: now, reminders: 0, changesWaiting: 0 };
        await finish({ outcome: 'held', status: 'held', chart, hold });
        return { outcome: 'held', calls: 0, hold: { reason: hold.reason, reminders: 0 } };
      }
      case 'save': {
        const own = await ownLocations(context, record.instance);
        const next = nextRevision(referral, desiredReferral(chart, own.names, timeZone), now);
        if (next !== null) await referrals.add(record, next);
        const outcome = next !== null || !sameContent(record.chart, chart) ? 'saved' : 'unchanged';
        await finish({ outcome, status: 'synced', chart, lookAgainAt: decision.lookAgainAt });
        return { outcome, calls: own.calls, hold: null };
      }
    }
  };
}
