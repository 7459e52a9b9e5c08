import { Context } from '@temporalio/activity';
import type { PullOutcome } from '../domain/pull.ts';
import type { RecordDocument } from '../store/documents.ts';
import type { HoldState } from '../workflows/messages.ts';
import { classifyError } from './classifyError.ts';
import { type ActivityContext, attemptNumber, cancellationSignal, idempotencyKey, requireInstance } from './context.ts';
import { settleChart } from './settle.ts';

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
  const { records, referrals } = context.store;
  const settle = settleChart(context);

  return async ({ recordId }: { recordId: string }): Promise<PullResult> => {
    const key = idempotencyKey();
    const record = await records.get(recordId);
    if (record === null) return { outcome: 'ignored', calls: 0, hold: null };
    if (record.lastPull?.key === key) return report(record.lastPull.outcome, attemptNumber(), record);
    if (record.hold !== null) return report('held', 0, record);
    // Before the request: an attempt that comes late then fails to write over a later one's referral.
    const referral = await referrals.latest(recordId);
    try {
      const { kipu } = requireInstance(context, record.instance);
      const chart = await kipu.chart(record.casefileId, { signal: cancellationSignal() });
      const settled = await settle({ record, referral }, chart, key);
      return { ...settled, calls: attemptNumber() + settled.calls };
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
}

function report(outcome: PullOutcome, calls: number, record: Pick<RecordDocument, 'hold'>): PullResult {
  const { hold } = record;
  return { outcome, calls, hold: hold && { reason: hold.reason, reminders: hold.reminders } };
}
