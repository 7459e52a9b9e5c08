import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../../../../config/logger.ts';
import type { DeliveryDocument } from '../../../../store/documents.ts';
import { type Dispatcher, startDispatcher } from '../../../../web/webhooks/dispatcher.ts';
import { SignalRefusedError } from '../../../../web/webhooks/signal.ts';

const chart = (n: number) => `${n}:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe`;
const start = new Date('2026-03-02T10:00:00Z');

function delivery(n: number, changes: Partial<DeliveryDocument> = {}): DeliveryDocument {
  return {
    _id: `d${String(n).padStart(4, '0')}`,
    schemaVersion: 1,
    instance: 'north',
    webhook: 'chart-update',
    casefileId: chart(n),
    signed: false,
    receivedAt: start,
    lastReceivedAt: start,
    times: 1,
    state: 'waiting',
    dispatchedAt: null,
    expiresAt: new Date('2026-03-16T10:00:00Z'),
    ...changes,
  };
}

let running: Dispatcher | undefined;
beforeEach(() => void vi.useFakeTimers({ now: start }));
afterEach(async () => {
  const stopped = running?.stop();
  await vi.runOnlyPendingTimersAsync();
  await stopped;
  vi.useRealTimers();
});

/** Starts a dispatcher over a store in memory. Signals fail for the charts in `down`, or for all. */
function startTestDispatcher(documents: DeliveryDocument[]) {
  const signaled: string[] = [];
  let walks = 0;
  const state = {
    down: [] as string[] | 'all',
    refused: [] as string[],
    held: [] as string[],
    purged: [] as string[],
    paused: [] as string[],
    unlockedJustNow: false,
    counted: new Set<string>(),
    onSignal: (_casefileId: string): void => undefined,
  };
  running = startDispatcher({
    store: {
      deliveries: {
        waiting: async (after, limit) => {
          if (after === null) walks += 1;
          return documents
            .filter((one) => one.state === 'waiting' && (after === null || one._id > after._id))
            .slice(0, limit)
            .map((one) => ({ ...one }));
        },
        removeChart: async (instance, casefileId) => {
          const ofChart = documents.filter((one) => one.instance === instance && one.casefileId === casefileId);
          for (const one of ofChart) documents.splice(documents.indexOf(one), 1);
          return ofChart.length;
        },
        markDispatched: async (read) => {
          for (const { _id, times } of read) {
            const found = documents.find((one) => one._id === _id && one.times === times);
            if (found !== undefined) found.state = 'dispatched';
          }
        },
      },
      records: {
        ensureRecord: async (instance, casefileId) =>
          state.purged.includes(casefileId)
            ? null
            : { _id: `r-${casefileId}`, instance, held: state.held.includes(casefileId) },
        async countWaitingChange(recordId, key) {
          if (state.unlockedJustNow) return false;
          state.counted.add(`${recordId} ${key}`);
          return true;
        },
      },
    },
    isPaused: (instance) => state.paused.includes(instance),
    async signalChartChanged({ _id }) {
      const casefileId = _id.slice(2);
      if (state.down === 'all' || state.down.includes(casefileId)) throw new Error('down');
      if (state.refused.includes(casefileId)) throw new SignalRefusedError('too many');
      signaled.push(casefileId);
      state.onSignal(casefileId);
    },
    now: () => new Date(),
    logger: createLogger('silent'),
  });
  return { dispatcher: running, signaled, state, documents, walks: () => walks };
}

const waiting = (documents: DeliveryDocument[]) => documents.filter((one) => one.state === 'waiting').length;

describe('The dispatcher', () => {
  it('dispatches waiting deliveries at the start, oldest first, over several pages', async () => {
    const { signaled, documents } = startTestDispatcher(Array.from({ length: 250 }, (_, n) => delivery(n)));
    await vi.advanceTimersByTimeAsync(1);
    expect(signaled).toEqual(documents.map(({ casefileId }) => casefileId));
    expect(waiting(documents)).toBe(0);
  });

  it('signals a chart once for all its deliveries', async () => {
    const creation = delivery(2, { casefileId: chart(1), webhook: 'patient-creation' });
    const { signaled, documents } = startTestDispatcher([
      delivery(1),
      creation,
      delivery(3, { casefileId: chart(1), signed: true }),
    ]);
    await vi.advanceTimersByTimeAsync(1);
    expect(signaled).toEqual([chart(1)]);
    expect(waiting(documents)).toBe(0);
  });

  it('dispatches a new delivery as soon as it is woken', async () => {
    const { dispatcher, signaled, documents } = startTestDispatcher([]);
    await vi.advanceTimersByTimeAsync(1);
    documents.push(delivery(1));
    dispatcher.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(signaled).toEqual([chart(1)]);
  });

  it('dispatches a delivery of another process without being woken', async () => {
    const { signaled, documents } = startTestDispatcher([]);
    await vi.advanceTimersByTimeAsync(1);
    documents.push(delivery(1));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(signaled).toEqual([chart(1)]);
  });

  it('leaves deliveries of a paused instance waiting until it is resumed, and dispatches the others', async () => {
    const { signaled, state, documents } = startTestDispatcher([delivery(1, { instance: 'south' }), delivery(2)]);
    state.paused = ['south'];
    await vi.advanceTimersByTimeAsync(60_000);
    expect(signaled).toEqual([chart(2)]);
    expect(waiting(documents)).toBe(1);
    state.paused = [];
    await vi.advanceTimersByTimeAsync(10_000);
    expect(signaled).toEqual([chart(2), chart(1)]);
  });

  it('rests while a chart whose signal failed waits for its paused instance', async () => {
    const { signaled, state, walks } = startTestDispatcher([delivery(1), delivery(2, { instance: 'south' })]);
    state.down = [chart(2)];
    await vi.advanceTimersByTimeAsync(1);
    state.paused = ['south'];
    const before = walks();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(walks() - before).toBeLessThanOrEqual(7);
    Object.assign(state, { down: [], paused: [] });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(signaled).toEqual([chart(1), chart(2)]);
  });

  it('signals a chart again that changed during the signal', async () => {
    const { dispatcher, signaled, state, documents } = startTestDispatcher([delivery(1)]);
    state.onSignal = () => {
      const [one] = documents;
      if (one !== undefined && one.times === 1) one.times = 2;
      dispatcher.wake();
    };
    await vi.advanceTimersByTimeAsync(1);
    expect(signaled).toEqual([chart(1), chart(1)]);
    expect(waiting(documents)).toBe(0);
  });

  it('backs off while Temporal is down even when it is woken, and continues afterwards', async () => {
    const { dispatcher, signaled, state, documents } = startTestDispatcher([]);
    state.down = 'all';
    documents.push(...Array.from({ length: 250 }, (_, n) => delivery(n)));
    for (let second = 0; second < 600; second += 1) {
      dispatcher.wake();
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect([signaled, waiting(documents)]).toEqual([[], 250]);
    state.down = [];
    await vi.advanceTimersByTimeAsync(15_000);
    expect(signaled).toHaveLength(250);
    expect(waiting(documents)).toBe(0);
  });

  it('is not blocked by one chart that cannot be signaled', async () => {
    const { signaled, state, documents } = startTestDispatcher(Array.from({ length: 120 }, (_, n) => delivery(n)));
    state.down = [chart(0)];
    await vi.advanceTimersByTimeAsync(1);
    expect([signaled.length, waiting(documents)]).toEqual([119, 1]);
    state.down = [];
    await vi.advanceTimersByTimeAsync(1_000);
    expect(waiting(documents)).toBe(0);
  });

  it.each(['down', 'refused'] as const)('dispatches others at once while one chart alone is %s', async (why) => {
    const { dispatcher, signaled, state, documents } = startTestDispatcher([delivery(0), delivery(1)]);
    state[why] = [chart(0)];
    await vi.advanceTimersByTimeAsync(60_000);
    for (let n = 2; n < 20; n += 1) {
      documents.push(delivery(n));
      dispatcher.wake();
      await vi.advanceTimersByTimeAsync(0);
      expect(signaled.at(-1)).toBe(chart(n));
      await vi.advanceTimersByTimeAsync(60_000);
    }
    state[why] = [];
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(waiting(documents)).toBe(0);
  });

  it('dispatches others at once while the only waiting chart is refused', async () => {
    const { dispatcher, signaled, state, documents } = startTestDispatcher([delivery(0)]);
    state.refused = [chart(0)];
    await vi.advanceTimersByTimeAsync(60_000);
    documents.push(delivery(1));
    dispatcher.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(signaled).toEqual([chart(1)]);
  });

  it('counts the change of a held record and sends no signal, once for deliveries that wait together', async () => {
    const { dispatcher, signaled, state, documents } = startTestDispatcher([]);
    state.held = [chart(1)];
    for (const together of [[0, 1], [2]]) {
      documents.push(...together.map((n) => delivery(n, { casefileId: chart(1) })));
      dispatcher.wake();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect([signaled, waiting(documents), state.counted.size]).toEqual([[], 0, 2]);
  });

  it('signals a record that was unlocked just before its change was counted', async () => {
    const { dispatcher, signaled, state, documents } = startTestDispatcher([]);
    Object.assign(state, { held: [chart(1)], unlockedJustNow: true });
    documents.push(delivery(1));
    dispatcher.wake();
    await vi.advanceTimersByTimeAsync(100);
    expect([signaled, waiting(documents)]).toEqual([[chart(1)], 0]);
  });

  it('removes the deliveries of a chart that was purged, and signals nothing', async () => {
    const { dispatcher, signaled, state, documents } = startTestDispatcher([]);
    state.purged = [chart(1)];
    documents.push(delivery(1), delivery(2));
    dispatcher.wake();
    await vi.advanceTimersByTimeAsync(100);
    expect(signaled).toEqual([chart(2)]);
    expect(documents.map(({ casefileId }) => casefileId)).toEqual([chart(2)]);
  });

  it('leaves the rest for the next start when it is stopped', async () => {
    const { dispatcher, state, signaled, documents } = startTestDispatcher(
      Array.from({ length: 50 }, (_, n) => delivery(n)),
    );
    let stopped: Promise<void> | undefined;
    state.onSignal = () => {
      stopped ??= dispatcher.stop();
    };
    await vi.advanceTimersByTimeAsync(1);
    await stopped;
    expect(signaled).toHaveLength(10);
    expect(waiting(documents)).toBe(40);
  });
});
