import { describe, expect, it } from 'vitest';
import { signalFilter } from '../../../../dev/setup/child.js';

describe('signalFilter', () => {
  it('takes the echo of a signal for the same one, and a later one for new', () => {
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
