import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../../../../config/logger.ts';
import { covers } from '../../../../store/receiverUptime.ts';
import { startHeartbeat } from '../../../../web/webhooks/heartbeat.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 2, 2, 10, minute));
const interval = (from: number, to: number) => ({ from: at(from), to: at(to) });

describe('covers', () => {
  it.each<[string, ReturnType<typeof interval>[], boolean]>([
    ['one longer interval', [interval(0, 30)], true],
    ['one equal interval', [interval(10, 20)], true],
    ['two intervals that touch', [interval(0, 15), interval(15, 30)], true],
    ['two intervals that overlap', [interval(0, 16), interval(14, 30)], true],
    ['one interval inside another', [interval(0, 30), interval(12, 13)], true],
    [
      'a short interval inside a long one that another follows',
      [interval(0, 15), interval(11, 12), interval(15, 20)],
      true,
    ],
    ['no interval', [], false],
    ['an interval that starts late', [interval(11, 30)], false],
    ['an interval that ends early', [interval(0, 19)], false],
    ['two intervals with a gap', [interval(0, 14), interval(15, 30)], false],
  ])('decides for %s', (_, intervals, expected) => {
    expect(covers(intervals, at(10), at(20))).toBe(expected);
  });
});

describe('The heartbeat', () => {
  afterEach(() => void vi.useRealTimers());

  /** Starts a heartbeat with one beat a minute and returns the stored intervals. */
  function startTestHeartbeat() {
    vi.useFakeTimers({ now: at(0) });
    const stored = new Map<string, { from: Date; to: Date }>();
    const state = { down: false };
    const heartbeat = startHeartbeat({
      uptime: {
        async beat(id, from, to) {
          if (state.down) throw new Error('down');
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

  it('extends one interval until it is stopped', async () => {
    const { heartbeat, intervals } = startTestHeartbeat();
    await vi.advanceTimersByTimeAsync(10 * 60_000 + 30_000);
    await heartbeat.stop();
    expect(intervals()).toEqual([{ from: at(0), to: new Date(at(10).getTime() + 30_000) }]);
  });

  it('leaves a gap while the store is down', async () => {
    const { heartbeat, state, intervals } = startTestHeartbeat();
    await vi.advanceTimersByTimeAsync(3 * 60_000);
    state.down = true;
    await vi.advanceTimersByTimeAsync(2 * 60_000);
    state.down = false;
    await vi.advanceTimersByTimeAsync(2 * 60_000);
    await heartbeat.stop();
    expect(intervals()).toEqual([interval(0, 3), interval(6, 7)]);
  });

  it('leaves a gap when a delivery was not accepted', async () => {
    const { heartbeat, intervals } = startTestHeartbeat();
    await vi.advanceTimersByTimeAsync(3 * 60_000 + 1);
    heartbeat.interrupted();
    await vi.advanceTimersByTimeAsync(2 * 60_000);
    await heartbeat.stop();
    // The delivery may have arrived some time before it was refused.
    const first = { from: at(0), to: new Date(at(3).getTime() + 1 - 10_000) };
    expect(intervals()).toEqual([first, { from: at(4), to: new Date(at(5).getTime() + 1) }]);
  });

  it('leaves a gap while the machine is suspended', async () => {
    const { heartbeat, intervals } = startTestHeartbeat();
    await vi.advanceTimersByTimeAsync(60_000);
    vi.setSystemTime(at(31));
    await vi.advanceTimersByTimeAsync(60_000);
    await heartbeat.stop();
    expect(intervals()).toEqual([interval(0, 1), interval(32, 32)]);
  });
});
