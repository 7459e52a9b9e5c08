import type { Logger } from 'pino';
import { masterIdOf } from '../../kipu/index.ts';
import type { Store } from '../../store/connect.ts';
import type { DeliveryDocument } from '../../store/documents.ts';
import { createWakeableTimer } from './wakeableTimer.ts';

const PAGE = 100;
const AT_ONCE = 10;

export interface DispatcherOptions {
  store: {
    deliveries: Pick<Store['deliveries'], 'waiting' | 'markDispatched'>;
    records: Pick<Store['records'], 'ensureRecord'>;
  };
  /** Tells the record's workflow. */
  signalChartChanged: (record: { _id: string; instance: string }, signal: AbortSignal) => Promise<void>;
  now: () => Date;
  logger: Pick<Logger, 'info' | 'warn'>;
  /** Between two looks when nothing waits: another process may have left something. */
  restMs?: number;
  /** After a failure, doubled up to the longest. */
  pauseMs?: { least: number; most: number };
}

export interface Dispatcher {
  /** Something waits: it is handed over at once, unless Temporal was away a moment ago. */
  wake(): void;
  /** Ends it, also what is in hand; what waits is handed over by the next start. */
  stop(): Promise<void>;
}

/** Hands waiting deliveries to the workflows of their charts, the oldest first, for as long as it takes. */
export function startDispatcher(options: DispatcherOptions): Dispatcher {
  const { logger, restMs = 10_000, pauseMs = { least: 500, most: 15_000 } } = options;
  const alarm = createWakeableTimer();
  const done = work();
  return {
    wake: () => alarm.wake(),
    async stop() {
      alarm.end();
      await done;
    },
  };

  async function work(): Promise<void> {
    let failures = 0;
    while (!alarm.ended.aborted) {
      alarm.reset();
      const left = await dispatchAll(options, alarm.ended).catch(() => null);
      if (left === 0) {
        if (failures > 0) logger.info({}, 'what webhooks told is handed over again');
        failures = 0;
        await alarm.wait(restMs);
        continue;
      }
      if (failures === 0 && !alarm.ended.aborted)
        logger.warn({ left }, 'what webhooks told waits: Temporal or MongoDB does not take it; trying again');
      await alarm.waitOut(Math.min(pauseMs.least * 2 ** failures, pauseMs.most));
      failures += 1;
    }
  }
}

/** One walk over all that waits. Gives how many deliveries could not be handed over, of those that were tried. */
async function dispatchAll(options: DispatcherOptions, ended: AbortSignal): Promise<number> {
  const { store, now } = options;
  let left = 0;
  let after: DeliveryDocument | null = null;
  for (;;) {
    const page: DeliveryDocument[] = await store.deliveries.waiting(after, PAGE);
    const charts = byChart(page);
    let handed = 0;
    for (let at = 0; at < charts.length && !ended.aborted; at += AT_ONCE) {
      const told = await Promise.all(charts.slice(at, at + AT_ONCE).map((chart) => signalOnce(options, chart, ended)));
      const taken = told.flat();
      await store.deliveries.markDispatched(taken, now());
      handed += taken.length;
    }
    left += page.length - handed;
    after = page.at(-1) ?? null;
    // Where nothing of a page could be handed over, Temporal is away, and the rest would fare no better.
    if (page.length < PAGE || handed === 0 || ended.aborted) return left;
  }
}

/** Tells the chart's workflow once for all its deliveries; gives those that were handed over: all or none. */
async function signalOnce(
  options: DispatcherOptions,
  chart: readonly DeliveryDocument[],
  ended: AbortSignal,
): Promise<readonly DeliveryDocument[]> {
  const [first] = chart;
  if (first === undefined) return [];
  const { instance, casefileId } = first;
  try {
    const { records } = options.store;
    const record = await records.ensureRecord(instance, casefileId, masterIdOf(casefileId), options.now());
    await options.signalChartChanged(record, ended);
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
