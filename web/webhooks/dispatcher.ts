import type { Logger } from 'pino';
import { masterIdOf } from '../../kipu/index.ts';
import type { Store } from '../../store/connect.ts';
import type { DeliveryDocument } from '../../store/documents.ts';
import { createWakeableTimer } from './wakeableTimer.ts';

const PAGE_SIZE = 100;
const CONCURRENCY = 10;

export interface DispatcherOptions {
  store: {
    deliveries: Pick<Store['deliveries'], 'waiting' | 'markDispatched'>;
    records: Pick<Store['records'], 'ensureRecord'>;
  };
  /** Signals the record's workflow. */
  signalChartChanged: (record: { _id: string; instance: string }, signal: AbortSignal) => Promise<void>;
  now: () => Date;
  logger: Pick<Logger, 'info' | 'warn'>;
  /** Time between two reads when nothing is waiting: another process may have stored a delivery. */
  restMs?: number;
  /** Pause after a failure, doubled each time up to `most`. */
  pauseMs?: { least: number; most: number };
}

export interface Dispatcher {
  /** Dispatches what is waiting now, unless the dispatcher is pausing after a failure. */
  wake(): void;
  /** Stops, and aborts signals in progress. Deliveries that are still waiting are dispatched after the next start. */
  stop(): Promise<void>;
}

/** Starts to dispatch waiting deliveries to the workflows of their charts, oldest first, and retries until each is dispatched. */
export function startDispatcher(options: DispatcherOptions): Dispatcher {
  const { logger, restMs = 10_000, pauseMs = { least: 500, most: 15_000 } } = options;
  const timer = createWakeableTimer();
  const done = work();
  return {
    wake: () => timer.wake(),
    async stop() {
      timer.stop();
      await done;
    },
  };

  async function work(): Promise<void> {
    let failures = 0;
    while (!timer.stopped.aborted) {
      timer.reset();
      const left = await dispatchAll(options, timer.stopped).catch(() => null);
      if (left === 0) {
        if (failures > 0) logger.info({}, 'webhook deliveries are dispatched again');
        failures = 0;
        await timer.wait(restMs);
        continue;
      }
      if (failures === 0 && !timer.stopped.aborted)
        logger.warn({ left }, 'webhook deliveries are waiting: Temporal or MongoDB does not answer; retrying');
      await timer.sleep(Math.min(pauseMs.least * 2 ** failures, pauseMs.most));
      failures += 1;
    }
  }
}

/** Dispatches all waiting deliveries once. Returns how many of those that were tried are still waiting. */
async function dispatchAll(options: DispatcherOptions, stopped: AbortSignal): Promise<number> {
  const { store, now } = options;
  let left = 0;
  let after: DeliveryDocument | null = null;
  for (;;) {
    const page: DeliveryDocument[] = await store.deliveries.waiting(after, PAGE_SIZE);
    const charts = byChart(page);
    let dispatched = 0;
    for (let at = 0; at < charts.length && !stopped.aborted; at += CONCURRENCY) {
      const results = await Promise.all(
        charts.slice(at, at + CONCURRENCY).map((chart) => signalOnce(options, chart, stopped)),
      );
      const done = results.flat();
      await store.deliveries.markDispatched(done, now());
      dispatched += done.length;
    }
    left += page.length - dispatched;
    after = page.at(-1) ?? null;
    // When nothing on a page could be dispatched, Temporal is down and the other pages would fail too.
    if (page.length < PAGE_SIZE || dispatched === 0 || stopped.aborted) return left;
  }
}

/** Signals the chart's workflow once for all its deliveries. Returns the dispatched deliveries: all of them or none. */
async function signalOnce(
  options: DispatcherOptions,
  chart: readonly DeliveryDocument[],
  stopped: AbortSignal,
): Promise<readonly DeliveryDocument[]> {
  const [first] = chart;
  if (first === undefined) return [];
  const { instance, casefileId } = first;
  try {
    const { records } = options.store;
    const record = await records.ensureRecord(instance, casefileId, masterIdOf(casefileId), options.now());
    await options.signalChartChanged(record, stopped);
    return chart;
  } catch {
    return [];
  }
}

function byChart(deliveries: readonly DeliveryDocument[]): DeliveryDocument[][] {
  const charts = new Map<string, DeliveryDocument[]>();
  for (const delivery of deliveries) {
    const key = `${delivery.instance}/${delivery.casefileId}`;
    charts.set(key, [...(charts.get(key) ?? []), delivery]);
  }
  return [...charts.values()];
}
