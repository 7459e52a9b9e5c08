import type { Logger } from 'pino';
import { masterIdOf } from '../../kipu/index.ts';
import type { Store } from '../../store/connect.ts';
import type { DeliveryDocument } from '../../store/documents.ts';
import { SignalRefusedError } from './signal.ts';

const PAGE_SIZE = 100;
const CONCURRENCY = 10;
/** Pause before a delivery that cannot be dispatched alone is tried again, doubled each time up to `most`. */
const PARKED_MS = { least: 500, most: 3_600_000 };
export interface DispatcherOptions {
  store: {
    deliveries: Pick<Store['deliveries'], 'waiting' | 'markDispatched' | 'removeChart'>;
    records: Pick<Store['records'], 'ensureRecord' | 'countWaitingChange'>;
  };
  /** Signals the record's workflow. Rejects with SignalRefusedError where Temporal refuses this signal alone. */
  signalChartChanged: (record: { _id: string; instance: string }, signal: AbortSignal) => Promise<void>;
  /** Continues the trace of a delivery. */
  inTrace?: <T>(delivery: Pick<DeliveryDocument, 'instance' | 'trace'>, work: () => Promise<T>) => Promise<T>;
  /** Whether deliveries of the instance wait until it is resumed. */
  isPaused?: (instance: string) => boolean;
  now: () => Date;
  logger: Pick<Logger, 'info' | 'warn'>;
  /** Time between two reads when nothing is waiting: another process may have stored a delivery. */
  restMs?: number;
  /** Pause after a failure, doubled each time up to `most`. */
  pauseMs?: Backoff;
}

interface Backoff {
  least: number;
  most: number;
}

export interface Dispatcher {
  /** Dispatches what is waiting now, unless the dispatcher is pausing after a failure. */
  wake(): void;
  /** Stops, and aborts signals in progress. Deliveries that are still waiting are dispatched after the next start. */
  stop(): Promise<void>;
}

/** The deliveries that wait for one chart. */
interface WaitingChart {
  key: string;
  deliveries: [DeliveryDocument, ...DeliveryDocument[]];
}

/** A chart whose deliveries failed while others were dispatched, and when they are tried again. */
interface Parked {
  failures: number;
  until: number;
}

/** The result of one walk over all waiting deliveries; `failed` are charts, `isDown` means that nothing could be dispatched. */
interface Walk {
  failed: number;
  isDown: boolean;
}

/** Starts to dispatch waiting deliveries to the workflows of their charts, oldest first, and retries until each is dispatched. */
export function startDispatcher(options: DispatcherOptions): Dispatcher {
  const {
    store,
    now,
    logger,
    isPaused = () => false,
    inTrace = (_delivery, work) => work(),
    restMs = 10_000,
    pauseMs = { least: 500, most: 15_000 },
  } = options;
  const stopping = new AbortController();
  const { signal: stopped } = stopping;
  /** Aborted by a wake since the last walk began. */
  let woken = new AbortController();
  const parked = new Map<string, Parked>();
  const done = work();
  return {
    wake: () => woken.abort(),
    async stop() {
      stopping.abort();
      await done;
    },
  };

  async function work(): Promise<void> {
    let pauses = 0;
    while (!stopped.aborted) {
      woken = new AbortController();
      const began = now().getTime();
      const walk = await dispatchAll().catch((): Walk => ({ failed: 0, isDown: true }));
      if (!walk.isDown) {
        if (pauses > 0) logger.info({}, 'webhook deliveries are dispatched again');
        pauses = 0;
        // A chart that was due already was dispatched, or its instance is paused.
        const later = [...parked.values()].filter(({ until }) => until > began);
        const next = Math.min(...later.map(({ until }) => until - now().getTime()), restMs);
        await pause(Math.max(next, 1), stopped, woken.signal);
        continue;
      }
      if (pauses === 0 && !stopped.aborted)
        logger.warn({ left: walk.failed }, 'webhook deliveries wait: Temporal or MongoDB does not answer; retrying');
      await pause(backoff(pauseMs, pauses), stopped);
      pauses += 1;
    }
  }

  /** Dispatches all waiting deliveries once. */
  async function dispatchAll(): Promise<Walk> {
    const seen = new Set<string>();
    let [dispatched, failed] = [0, 0];
    let after: DeliveryDocument | null = null;
    for (;;) {
      const page: DeliveryDocument[] = await store.deliveries.waiting(after, PAGE_SIZE);
      const charts = byChart(page);
      for (const { key } of charts) seen.add(key);
      const results = await dispatchPage(charts.filter(isDue));
      dispatched += results.dispatched;
      failed += results.failed.length;
      // Where others are dispatched, those that fail do so alone, and must not delay the others.
      if (dispatched > 0) results.failed.forEach(park);
      after = page.at(-1) ?? null;
      const isDown = results.dispatched === 0 && results.failed.length > 0;
      // Temporal is down, and the other pages would fail too.
      if (isDown || stopped.aborted) return { failed, isDown: isDown && dispatched === 0 };
      if (page.length < PAGE_SIZE) break;
    }
    for (const key of parked.keys()) if (!seen.has(key)) parked.delete(key);
    return { failed, isDown: false };
  }

  function isDue({ key, deliveries: [first] }: WaitingChart): boolean {
    return (parked.get(key)?.until ?? 0) <= now().getTime() && !isPaused(first.instance);
  }

  async function dispatchPage(charts: readonly WaitingChart[]) {
    const failed: WaitingChart[] = [];
    let dispatched = 0;
    for (let at = 0; at < charts.length && !stopped.aborted; at += CONCURRENCY) {
      const some = charts.slice(at, at + CONCURRENCY);
      const results = await Promise.all(some.map((chart) => inTrace(chart.deliveries[0], () => dispatch(chart))));
      const taken = some.filter((_, index) => results[index] === 'dispatched');
      await store.deliveries.markDispatched(
        taken.flatMap((chart) => chart.deliveries),
        now(),
      );
      for (const { key } of taken) parked.delete(key);
      some.filter((_, index) => results[index] === 'refused').forEach(park);
      for (const chart of some.filter((_, index) => results[index] === 'failed')) {
        // One that failed alone before says nothing about Temporal.
        if (parked.has(chart.key)) park(chart);
        else failed.push(chart);
      }
      dispatched += taken.length;
    }
    return { dispatched, failed };
  }

  /** Dispatches all deliveries of a chart: counts a change of a held record, and signals the workflow of any other once. */
  async function dispatch({ deliveries: [first] }: WaitingChart): Promise<'dispatched' | 'refused' | 'failed'> {
    const { _id, instance, casefileId } = first;
    try {
      const at = now();
      const record = await store.records.ensureRecord(instance, casefileId, masterIdOf(casefileId), at);
      if (record === null) {
        await store.deliveries.removeChart(instance, casefileId);
        return 'dispatched';
      }
      // Its workflow would do nothing else, and a held record may get very many webhooks. A repeated dispatch counts once.
      const key = `webhook/${_id}`;
      if (record.held && (await store.records.countWaitingChange(record._id, key, at))) return 'dispatched';
      await options.signalChartChanged(record, stopped);
      return 'dispatched';
    } catch (error) {
      return error instanceof SignalRefusedError ? 'refused' : 'failed';
    }
  }

  function park({ key, deliveries: [{ instance, _id }] }: WaitingChart): void {
    const failures = parked.get(key)?.failures ?? 0;
    parked.set(key, { failures: failures + 1, until: now().getTime() + backoff(PARKED_MS, failures) });
    if (failures === 0)
      logger.warn(
        { instance, delivery: _id },
        'a webhook delivery cannot be dispatched; retrying, others are not affected',
      );
  }
}

/** Resolves after the time, or earlier when one of the signals is aborted. */
export function pause(ms: number, ...signals: AbortSignal[]): Promise<void> {
  if (signals.some(({ aborted }) => aborted)) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    for (const signal of signals) signal.addEventListener('abort', end);
  });
}

function backoff({ least, most }: Backoff, failures: number): number {
  return Math.min(least * 2 ** failures, most);
}

function byChart(deliveries: readonly DeliveryDocument[]): WaitingChart[] {
  const charts = new Map<string, WaitingChart>();
  for (const delivery of deliveries) {
    const key = `${delivery.instance}/${delivery.casefileId}`;
    const chart = charts.get(key);
    if (chart === undefined) charts.set(key, { key, deliveries: [delivery] });
    else chart.deliveries.push(delivery);
  }
  return [...charts.values()];
}
