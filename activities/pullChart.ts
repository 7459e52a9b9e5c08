import { Context } from '@temporalio/activity';
import { isChartRefusal } from '../domain/fault.ts';
import type { PullOutcome } from '../domain/pull.ts';
import type { KipuChart } from '../kipu/index.ts';
import type { RecordDocument } from '../store/documents.ts';
import type { HoldState } from '../workflows/messages.ts';
import { classifyError } from './classifyError.ts';
import { type ActivityContext, attemptNumber, cancellationSignal, idempotencyKey, requireInstance } from './context.ts';
import { currentReferral, type PullSubject, settleChart } from './settleChart.ts';

/** The result of a pull. `hold` is set when the record now waits for staff. */
export interface PullResult {
  outcome: PullOutcome;
  calls: number;
  hold: HoldState | null;
  /** Set when KIPU refused this chart, and may refuse others too. */
  refusal?: { code: string; text: string };
}

export interface PullOptions {
  key: string;
  /** How many requests for the chart are counted, those of earlier attempts included. */
  requests: number;
  /** Reads the chart when there is room for another request. */
  readChart: (read: () => Promise<KipuChart>) => Promise<KipuChart>;
}

/** Pulls one record, for the activity of its own workflow. Each attempt makes one request. */
export function pullChart(context: ActivityContext) {
  const pull = pullRecord(context);
  return async ({ recordId }: { recordId: string }): Promise<PullResult> =>
    pull(recordId, { key: idempotencyKey(), requests: attemptNumber(), readChart: (read) => read() });
}

/**
 * Reads a record's chart, decides, and writes the referral and then the record. A repetition with the same key, after a kill
 * at any point, stores the same. A chart that cannot be read is stored as the record's failure.
 */
export function pullRecord(context: ActivityContext) {
  const { records } = context.store;
  const settle = settleChart(context);

  return async (recordId: string, { key, requests, readChart }: PullOptions): Promise<PullResult> => {
    const record = await records.get(recordId);
    if (record === null) return { outcome: 'ignored', calls: 0, hold: null };
    if (record.lastPull?.key === key) return report(record.lastPull.outcome, requests, record);
    if (record.hold !== null) return report('held', 0, record);
    const subject: PullSubject = { record, referral: null };
    try {
      // Before the request, as the record: an attempt that is late then fails to write over what a later one wrote.
      subject.referral = await currentReferral(context.store, record);
      const { kipu } = requireInstance(context, record.instance);
      const read = () => kipu.chart(record.casefileId, { signal: cancellationSignal() });
      const chart = await readChart(read);
      const settled = await settle(subject, chart, key);
      return { ...settled, calls: requests + settled.calls };
    } catch (error) {
      const { fault, code, text } = classifyError(error);
      if (fault !== 'record') throw error;
      Context.current().log.warn('a chart could not be read', {
        record: recordId,
        instance: record.instance,
        code,
        text,
      });
      // KIPU can list a deleted chart for a while.
      if (record.status === 'void' && code === 'not-found') {
        await records.staysVoid(record, key, context.now());
        return { outcome: 'unchanged', calls: requests, hold: null };
      }
      await records.fail(subject.record, { code, text }, key, context.now());
      const refusal = isChartRefusal(code) ? { refusal: { code, text } } : {};
      return { outcome: 'failed', calls: requests, hold: null, ...refusal };
    }
  };
}

/** Stores on the record that its pull was given up, and why: the next run tries it again. */
export function recordFailedPull(context: ActivityContext) {
  return async ({ recordId, text }: { recordId: string; text: string }): Promise<void> => {
    await context.store.records.giveUp(recordId, text, idempotencyKey(), context.now());
  };
}

function report(outcome: PullOutcome, calls: number, record: Pick<RecordDocument, 'hold'>): PullResult {
  const { hold } = record;
  return { outcome, calls, hold: hold && { reason: hold.reason, reminders: hold.reminders } };
}
