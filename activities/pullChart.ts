import { Context } from '@temporalio/activity';
import { sameContent } from '../domain/chart.ts';
import type { PullOutcome } from '../domain/pull.ts';
import { decidePull } from '../domain/pull.ts';
import { type DesiredReferral, desiredReferral, nextRevision } from '../domain/referral.ts';
import { zoneAt } from '../domain/timeZone.ts';
import type { KipuChart } from '../kipu/index.ts';
import type { RecordDocument } from '../store/documents.ts';
import type { Pulled } from '../store/recordPulls.ts';
import type { HoldState } from '../workflows/messages.ts';
import { classifyError } from './classifyError.ts';
import { type ActivityContext, attemptNumber, cancellationSignal, idempotencyKey, requireInstance } from './context.ts';
import { creditDeliveries } from './creditDeliveries.ts';
import { ownLocations } from './locations.ts';

/** What a pull did. `hold` is set when the record waits for staff now. */
export interface PullResult {
  outcome: PullOutcome;
  calls: number;
  hold: HoldState | null;
}

/**
 * Reads a record's chart, decides, and writes referral and record, in this order: killed anywhere and run again, it
 * leaves the same. A chart that can't be read is stored as the record's failure.
 */
export function pullChart(context: ActivityContext) {
  const { records, referrals, webhookHealth } = context.store;

  return async ({ recordId }: { recordId: string }): Promise<PullResult> => {
    const key = idempotencyKey();
    const record = await records.get(recordId);
    if (record === null) return { outcome: 'ignored', calls: 0, hold: null };
    if (record.lastPull?.key === key) return report(record.lastPull.outcome, attemptNumber(), record);
    if (record.hold !== null) return report('held', 0, record);
    try {
      const { kipu } = requireInstance(context, record.instance);
      const chart = await kipu.chart(record.casefileId, { signal: cancellationSignal() });
      return await settle(record, chart, key);
    } catch (error) {
      const { fault, code, text } = classifyError(error);
      if (fault !== 'record') throw error;
      Context.current().log.warn('a chart could not be read', {
        record: recordId,
        instance: record.instance,
        code,
        text,
      });
      await records.fail(recordId, { code, text }, key, context.now());
      return { outcome: 'failed', calls: attemptNumber(), hold: null };
    }
  };

  async function settle(record: RecordDocument, chart: KipuChart, key: string): Promise<PullResult> {
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
        return { outcome: 'ignored', calls: attemptNumber(), hold: null };
      case 'wait':
        await finish({ outcome: 'notReady', status: 'notReady', chart, missing: decision.missing });
        return { outcome: 'notReady', calls: attemptNumber(), hold: null };
      case 'hold': {
        const hold = { reason: decision.reason, since: now, reminders: 0, changesWaiting: 0 };
        await finish({ outcome: 'held', status: 'held', chart, hold });
        return report('held', attemptNumber(), { hold });
      }
      case 'save': {
        const own = await ownLocations(context, record.instance);
        const revised = await revise(record, desiredReferral(chart, own.names, timeZone), now);
        const outcome = revised || !sameContent(record.chart, chart) ? 'saved' : 'unchanged';
        await finish({ outcome, status: 'synced', chart, lookAgainAt: decision.lookAgainAt });
        return { outcome, calls: attemptNumber() + own.calls, hold: null };
      }
    }
  }

  /** Writes the referral's next revision; false when it stays as it is. */
  async function revise(record: RecordDocument, wish: DesiredReferral, now: Date): Promise<boolean> {
    const next = nextRevision(await referrals.latest(record._id), wish, now);
    if (next !== null) await referrals.add(record, next);
    return next !== null;
  }
}

function report(outcome: PullOutcome, calls: number, record: Pick<RecordDocument, 'hold'>): PullResult {
  const { hold } = record;
  return { outcome, calls, hold: hold && { reason: hold.reason, reminders: hold.reminders } };
}
