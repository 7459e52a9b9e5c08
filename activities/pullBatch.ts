import { isChartRefusal, REFUSED_IN_A_ROW } from '../domain/fault.ts';
import { type KipuChart, KipuError } from '../kipu/index.ts';
import { StoreConflictError } from '../store/conflict.ts';
import type { ClosedBatch, PulledBatch } from '../workflows/messages.ts';
import { classifyError } from './classifyError.ts';
import {
  type ActivityContext,
  cancellationSignal,
  earlierCalls,
  ownWorkflowId,
  type Progress,
  reportProgress,
} from './context.ts';
import { holdStateOf, pullRecord } from './pullChart.ts';
import { rounds } from './rounds.ts';

/** After so many transient failures in a row, KIPU is taken to be down, and the batch is tried again later as a whole. */
const FAILED_IN_A_ROW = 3;

export interface Batch {
  recordIds: string[];
  /** The same for all attempts: what an earlier attempt stored under it is not repeated. */
  key: string;
  /** Concurrent requests to KIPU. */
  atOnce: number;
}

/**
 * Pulls many records in one activity, each in the way of a single pull, with reads and writes of the database in common: charts
 * that come while others are being stored are stored together afterwards. A record whose pull fails for a moment is left for a workflow of its own; where KIPU is down, the batch fails and is tried again.
 */
export function pullBatch(context: ActivityContext) {
  const pull = pullRecord(context);

  return async ({ recordIds, key, atOnce }: Batch): Promise<PulledBatch> => {
    const stop = new AbortController();
    const progress: Progress = { done: 0, calls: earlierCalls() };
    reportProgress(progress);
    const hasRoom = limiter(atOnce);
    const settleInTurn = rounds();
    const result: PulledBatch = { outcomes: {}, held: [], left: [], calls: 0, refusal: null };
    const inRow = { failed: 0, refused: 0 };
    let counted = 0;
    let down: unknown = null;
    await Promise.all(recordIds.map(pullOne));
    if (down !== null) throw down;
    cancellationSignal().throwIfAborted();
    // The last heartbeat of a killed worker may be older than its last requests.
    return { ...result, calls: Math.max(progress.calls, counted) };

    async function pullOne(recordId: string): Promise<void> {
      try {
        const { outcome, hold, calls } = await pull(recordId, {
          key,
          run: ownWorkflowId(),
          requests: 1,
          readChart,
          settleInTurn,
        });
        counted += calls;
        result.outcomes[outcome] = (result.outcomes[outcome] ?? 0) + 1;
        if (hold !== null) result.held.push({ recordId, hold });
        progress.done += 1;
      } catch (error) {
        const isOfRecord = error instanceof StoreConflictError || error instanceof KipuError;
        if (isOfRecord && !stop.signal.aborted) result.left.push(recordId);
        // The database, or a bug. Records behind a stop have the error of the stop.
        else if (!stop.signal.aborted) end(error);
      }
    }

    function readChart(read: () => Promise<KipuChart>): Promise<KipuChart> {
      return hasRoom(async () => {
        stop.signal.throwIfAborted();
        progress.calls += 1;
        try {
          const chart = await read();
          Object.assign(inRow, { failed: 0, refused: 0 });
          return chart;
        } catch (error) {
          judge(error);
          throw error;
        }
      });
    }

    /** Stops the batch where a failed request says that the others fail too. */
    function judge(error: unknown): void {
      const { fault, code, text } = classifyError(error);
      if (isChartRefusal(code)) {
        inRow.refused += 1;
        if (inRow.refused < REFUSED_IN_A_ROW) return;
        result.refusal ??= { code, text };
        stop.abort();
      } else if (fault !== 'record') {
        inRow.failed += 1;
        if (fault !== 'transient' || code === 'rate-limited' || inRow.failed >= FAILED_IN_A_ROW) end(error);
      }
    }

    function end(error: unknown): void {
      down ??= error;
      stop.abort();
    }
  };
}

/**
 * Returns the outcomes of a batch that failed: those that its attempts stored, and `failed` for the others if the batch was given
 * up. Those are tried again by the next run.
 */
export function closeBatch(context: ActivityContext) {
  const { records } = context.store;
  return async (input: {
    instance: string;
    recordIds: string[];
    key: string;
    givenUp: string | null;
  }): Promise<ClosedBatch> => {
    const { instance, recordIds, key, givenUp } = input;
    const closed: ClosedBatch = { outcomes: {}, held: [] };
    for (const record of await records.ofIds(recordIds, [instance])) {
      const { _id, lastPull } = record;
      const hold = holdStateOf(record);
      const isDone = lastPull?.key === key;
      if (!isDone && givenUp === null) continue;
      if (!isDone && givenUp !== null)
        await records.giveUp(_id, { text: givenUp, run: ownWorkflowId() }, key, context.now());
      const outcome = isDone ? lastPull.outcome : 'failed';
      closed.outcomes[outcome] = (closed.outcomes[outcome] ?? 0) + 1;
      if (isDone && hold !== null) closed.held.push({ recordId: _id, hold });
    }
    return closed;
  };
}

/** Returns a function that runs at most so many tasks at once. Others wait, in their order. */
function limiter(most: number): <Result>(task: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (task) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await task();
    } finally {
      // The next one takes this one's place.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
