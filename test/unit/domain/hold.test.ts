import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reminderDelayMs } from '../../../domain/lock.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

describe('reminderDelayMs', () => {
  it.each([
    [0, 1],
    [1, 2],
    [2, 4],
    [3, 7],
    [4, 7],
    [1000, 7],
  ])('after %d reminders waits %d days', (reminders, days) => {
    expect(reminderDelayMs(reminders)).toBe(days * DAY_MS);
  });

  it('never decreases, and leads to at most six reminders in a month', () => {
    fc.assert(fc.property(fc.nat(10_000), (n) => reminderDelayMs(n) <= reminderDelayMs(n + 1)));
    let sent = 0;
    for (let waited = reminderDelayMs(0); waited <= 30 * DAY_MS; waited += reminderDelayMs(sent)) sent += 1;
    expect(sent).toBe(6);
  });
});
