import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type FreshnessFacts,
  type FreshnessWarning,
  freshnessText,
  freshnessWarnings,
} from '../../../domain/freshness.ts';

const now = new Date('2026-03-02T10:00:00Z');
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const fresh: FreshnessFacts = {
  lastCompletedAt: minutesAgo(30),
  fullRunsListed: [40, 41],
  now,
  withinMs: 90 * 60_000,
};

describe('freshnessWarnings', () => {
  it.each<[string, Partial<FreshnessFacts>, FreshnessWarning[]]>([
    ['a run half an hour ago', {}, []],
    ['a run just within the time', { lastCompletedAt: minutesAgo(90) }, []],
    ['a run just too long ago', { lastCompletedAt: new Date(minutesAgo(90).getTime() - 1) }, ['not-fresh']],
    ['a run that began after now, by a clock that differs', { lastCompletedAt: minutesAgo(-1) }, []],
    ['no run yet', { lastCompletedAt: null, fullRunsListed: [] }, ['never-completed']],
    ['an instance that was always empty', { fullRunsListed: [0, 0, 0] }, []],
    ['a first run that lists nothing', { fullRunsListed: [0] }, []],
    ['a small instance that became empty', { fullRunsListed: [0, 9] }, []],
    ['no charts where there were many', { fullRunsListed: [0, 10] }, ['no-charts']],
    ['no charts for the third night', { fullRunsListed: [0, 0, 0, 120] }, ['no-charts']],
    ['charts again after an empty night', { fullRunsListed: [1, 0, 120] }, []],
    ['both', { lastCompletedAt: minutesAgo(91), fullRunsListed: [0, 120] }, ['not-fresh', 'no-charts']],
  ])('%s', (_what, facts, warnings) => {
    expect(freshnessWarnings({ ...fresh, ...facts })).toEqual(warnings);
  });

  it('are absent exactly for the configured time', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), fc.integer({ min: 1, max: 10_000_000 }), (age, withinMs) => {
        const lastCompletedAt = new Date(now.getTime() - age);
        const warnings = freshnessWarnings({ ...fresh, lastCompletedAt, withinMs });
        expect(warnings).toEqual(age > withinMs ? ['not-fresh'] : []);
      }),
    );
  });

  it('include an empty listing only if a full run listed many before and the last one none', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (fullRunsListed) => {
        const [last, ...before] = fullRunsListed;
        const expected = last === 0 && Math.max(0, ...before) >= 10;
        expect(freshnessWarnings({ ...fresh, fullRunsListed }).includes('no-charts')).toBe(expected);
      }),
    );
  });

  it('each have a text that says where to look', () => {
    for (const words of Object.values(freshnessText)) expect(words).toMatch(/doctor|credentials/);
  });
});
