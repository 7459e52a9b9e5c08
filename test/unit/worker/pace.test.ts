import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { paced } from '../../../worker/pace.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A plan like the database's: each stretch begins where the one before ends. */
function plan() {
  let next = 0;
  const reserved: number[] = [];
  return {
    reserved,
    async reserve(lengthMs: number): Promise<number> {
      const first = Math.max(next, performance.now());
      next = first + lengthMs;
      reserved.push(lengthMs);
      return first - performance.now();
    },
  };
}

describe('Requests to KIPU', () => {
  it('of several workers are sent in slots that keep the limit in every second', async () => {
    const { reserve } = plan();
    const workers = [paced(reserve, 20), paced(reserve, 20), paced(reserve, 20)];
    const sentAt: number[] = [];
    const all = Array.from({ length: 90 }, async (_, place) => {
      await workers[place % workers.length]?.();
      sentAt.push(performance.now());
    });
    await vi.advanceTimersByTimeAsync(10_000);
    await Promise.all(all);
    sentAt.sort((a, b) => a - b);
    const most = Math.max(
      ...sentAt.map((first, place) => sentAt.slice(place).filter((at) => at < first + 1_000).length),
    );
    expect(most).toBeLessThanOrEqual(20);
    expect(most).toBeGreaterThanOrEqual(18);
  });

  it('of one moment are planned by one write', async () => {
    const { reserve, reserved } = plan();
    const before = paced(reserve, 100);
    const all = Array.from({ length: 30 }, () => before());
    await vi.advanceTimersByTimeAsync(1_000);
    await Promise.all(all);
    expect(reserved).toEqual([Math.ceil(30 * 10.5)]);
  });

  it('whose process was frozen get another slot', async () => {
    const { reserve, reserved } = plan();
    await reserve(5_000);
    const before = paced(reserve, 20);
    let sent = false;
    const request = before().then(() => (sent = true));
    await vi.advanceTimersByTimeAsync(4_000);
    // The process is stopped for five seconds, and its timer ends late.
    const running = performance.now.bind(performance);
    const stopped = vi.spyOn(performance, 'now').mockImplementation(() => running() + 5_000);
    await vi.advanceTimersByTimeAsync(1_001);
    expect([sent, reserved.length]).toEqual([false, 2]);
    await vi.advanceTimersByTimeAsync(10);
    expect(reserved.length).toBe(3);
    await vi.advanceTimersByTimeAsync(1_000);
    await request;
    stopped.mockRestore();
  });
});
