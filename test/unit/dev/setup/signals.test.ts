import { describe, expect, it } from 'vitest';
import { signalFilter } from '../../../../dev/setup/child.js';

describe('signalFilter', () => {
  it('ignores a repeated signal within a second, and accepts a later one', () => {
    let now = 0;
    const isNew = signalFilter(() => now);
    const at = (time: number, signal: string) => {
      now = time;
      return isNew(signal);
    };
    expect(at(0, 'SIGINT')).toBe(true);
    expect(at(5, 'SIGINT')).toBe(false);
    expect(at(6, 'SIGTERM')).toBe(true);
    expect(at(1500, 'SIGINT')).toBe(true);
  });
});
