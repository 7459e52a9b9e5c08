import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../../../../config/logger.ts';
import { covers } from '../../../../store/receiverUptime.ts';
import { startHeartbeat } from '../../../../web/webhooks/heartbeat.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 2, 2, 10, minute));
const stretch = (from: number, to: number) => ({ from: at(from), to: at(to) });

describe('covers', () => {
  it.each<[string, ReturnType<typeof stretch>[], boolean]>([
    ['one that is longer', [stretch(0, 30)], true],
    ['one that fits', [stretch(10, 20)], true],
    ['two that touch', [stretch(0, 15), stretch(15, 30)], true],
    ['two that overlap', [stretch(0, 16), stretch(14, 30)], true],
    ['one inside another', [stretch(0, 30), stretch(12, 13)], true],
    ['a short one inside, and what follows the long one', [stretch(0, 15), stretch(11, 12), stretch(15, 20)], true],
    ['none', [], false],
    ['one that begins late', [stretch(11, 30)], false],
    ['one that ends early', [stretch(0, 19)], false],
    ['two with a gap between', [stretch(0, 14), stretch(15, 30)], false],
  ])('%s', (_, intervals, expected) => {
    expect(covers(intervals, at(10), at(20))).toBe(expected);
  });
});

describe('the heartbeat', () => {
  afterEach(() => void vi.useRealTimers());

  /** A heartbeat each minute, and the intervals that were stored. */
  function beating() {
    vi.useFakeTimers({ now: at(0) });
    const stored = new Map<string, { from: Date; to: Date }>();
    const state = { away: false };
    const heartbeat = startHeartbeat({
      uptime: {
        async beat(id, from, to) {
          if (state.away) throw new Error('away');
          stored.set(id, { from, to });
        },
        async cut(id, to) {
          const { from } = stored.get(id) ?? { from: to };
          stored.set(id, { from, to });
        },
      },
      now: () => new Date(),
      logger: createLogger('silent'),
      everyMs: 60_000,
    });
    return { heartbeat, state, intervals: () => [...stored.values()] };
  }

  it('prolongs one interval, to the very end', async () => {
    const { heartbeat, intervals } = beating();
    await vi.advanceTimersByTimeAsync(10 * 60_000 + 30_000);
    await heartbeat.stop();
    expect(intervals()).toEqual([{ from: at(0), to: new Date(at(10).getTime() + 30_000) }]);
  });

  it('leaves out the time in which nothing could be stored', async () => {
    const { heartbeat, state, intervals } = beating();
    await vi.advanceTimersByTimeAsync(3 * 60_000);
    state.away = true;
    await vi.advanceTimersByTimeAsync(2 * 60_000);
    state.away = false;
    await vi.advanceTimersByTimeAsync(2 * 60_000);
    await heartbeat.stop();
    expect(intervals()).toEqual([stretch(0, 3), stretch(6, 7)]);
  });

  it('leaves out the time in which a delivery was sent away', async () => {
    const { heartbeat, intervals } = beating();
    await vi.advanceTimersByTimeAsync(3 * 60_000 + 1);
    heartbeat.interrupted();
    await vi.advanceTimersByTimeAsync(2 * 60_000);
    await heartbeat.stop();
    // The delivery may have come a while before it was sent away.
    const first = { from: at(0), to: new Date(at(3).getTime() + 1 - 10_000) };
    expect(intervals()).toEqual([first, { from: at(4), to: new Date(at(5).getTime() + 1) }]);
  });

  it('leaves out the time in which the machine slept', async () => {
    const { heartbeat, intervals } = beating();
    await vi.advanceTimersByTimeAsync(60_000);
    vi.setSystemTime(at(31));
    await vi.advanceTimersByTimeAsync(60_000);
    await heartbeat.stop();
    expect(intervals()).toEqual([stretch(0, 1), stretch(32, 32)]);
  });
});
