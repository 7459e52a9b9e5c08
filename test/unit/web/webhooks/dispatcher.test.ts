import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../../../../config/logger.ts';
import type { DeliveryDocument } from '../../../../store/documents.ts';
import { type Dispatcher, startDispatcher } from '../../../../web/webhooks/dispatcher.ts';

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

/** Hands over from a store in memory; `announce` fails for the charts in `away`, or for all. */
function handingOver(documents: DeliveryDocument[]) {
  const told: string[] = [];
  const state = { away: [] as string[] | 'all', meanwhile: (_casefileId: string): void => undefined };
  running = startDispatcher({
    store: {
      deliveries: {
        waiting: async (after, limit) =>
          documents
            .filter((one) => one.state === 'waiting' && (after === null || one._id > after._id))
            .slice(0, limit)
            .map((one) => ({ ...one })),
        markDispatched: async (read) => {
          for (const { _id, times } of read) {
            const found = documents.find((one) => one._id === _id && one.times === times);
            if (found !== undefined) found.state = 'dispatched';
          }
        },
      },
      records: { ensureRecord: async (instance, casefileId) => ({ _id: `r-${casefileId}`, instance }) },
    },
    async signalChartChanged({ _id }) {
      const casefileId = _id.slice(2);
      if (state.away === 'all' || state.away.includes(casefileId)) throw new Error('away');
      told.push(casefileId);
      state.meanwhile(casefileId);
    },
    now: () => new Date(),
    logger: createLogger('silent'),
  });
  return { handOver: running, told, state, documents };
}

const waiting = (documents: DeliveryDocument[]) => documents.filter((one) => one.state === 'waiting').length;

describe('handing over', () => {
  it('takes what waits at the start, the oldest first, over several pages', async () => {
    const { told, documents } = handingOver(Array.from({ length: 250 }, (_, n) => delivery(n)));
    await vi.advanceTimersByTimeAsync(1);
    expect(told).toEqual(documents.map(({ casefileId }) => casefileId));
    expect(waiting(documents)).toBe(0);
  });

  it('tells a chart once of all that waits for it', async () => {
    const creation = delivery(2, { casefileId: chart(1), webhook: 'patient-creation' });
    const { told, documents } = handingOver([
      delivery(1),
      creation,
      delivery(3, { casefileId: chart(1), signed: true }),
    ]);
    await vi.advanceTimersByTimeAsync(1);
    expect(told).toEqual([chart(1)]);
    expect(waiting(documents)).toBe(0);
  });

  it('takes what comes as soon as it is kicked', async () => {
    const { handOver, told, documents } = handingOver([]);
    await vi.advanceTimersByTimeAsync(1);
    documents.push(delivery(1));
    handOver.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toEqual([chart(1)]);
  });

  it('takes what another process left, without being kicked', async () => {
    const { told, documents } = handingOver([]);
    await vi.advanceTimersByTimeAsync(1);
    documents.push(delivery(1));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(told).toEqual([chart(1)]);
  });

  it('tells again of a chart that changed while it was told', async () => {
    const { handOver, told, state, documents } = handingOver([delivery(1)]);
    state.meanwhile = () => {
      const [one] = documents;
      if (one !== undefined && one.times === 1) one.times = 2;
      handOver.wake();
    };
    await vi.advanceTimersByTimeAsync(1);
    expect(told).toEqual([chart(1), chart(1)]);
    expect(waiting(documents)).toBe(0);
  });

  it('waits while Temporal is away, asks ever more seldom whoever kicks, and goes on', async () => {
    const { handOver, told, state, documents } = handingOver([]);
    state.away = 'all';
    documents.push(...Array.from({ length: 250 }, (_, n) => delivery(n)));
    for (let second = 0; second < 600; second += 1) {
      handOver.wake();
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect([told, waiting(documents)]).toEqual([[], 250]);
    state.away = [];
    await vi.advanceTimersByTimeAsync(15_000);
    expect(told).toHaveLength(250);
    expect(waiting(documents)).toBe(0);
  });

  it('is not held up by one chart that is refused', async () => {
    const { told, state, documents } = handingOver(Array.from({ length: 120 }, (_, n) => delivery(n)));
    state.away = [chart(0)];
    await vi.advanceTimersByTimeAsync(1);
    expect([told.length, waiting(documents)]).toEqual([119, 1]);
    state.away = [];
    await vi.advanceTimersByTimeAsync(1_000);
    expect(waiting(documents)).toBe(0);
  });

  it('leaves the rest to the next start when it is stopped', async () => {
    const { handOver, state, told, documents } = handingOver(Array.from({ length: 50 }, (_, n) => delivery(n)));
    let stopped: Promise<void> | undefined;
    state.meanwhile = () => {
      stopped ??= handOver.stop();
    };
    await vi.advanceTimersByTimeAsync(1);
    await stopped;
    expect(told).toHaveLength(10);
    expect(waiting(documents)).toBe(40);
  });
});
