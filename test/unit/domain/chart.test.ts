import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Chart, sameContent } from '../../../domain/chart.ts';
import { aChart } from '../../support/chartFixtures.ts';

const facts = Object.keys(aChart()).filter((key) => key !== 'lastUpdatedAt');

describe('sameFacts', () => {
  it('is true for the same chart with fields in any order', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(Object.entries(aChart()), { minLength: Object.keys(aChart()).length }),
        (pairs) => {
          // Every field is there: only their order differs.
          const shuffled = Object.fromEntries(pairs) as unknown as Chart;
          expect(sameContent(shuffled, aChart())).toBe(true);
        },
      ),
    );
  });

  it('ignores a new last_updated_at', () => {
    expect(sameContent(aChart({ lastUpdatedAt: null }), aChart({ lastUpdatedAt: '2026-02-09' }))).toBe(true);
  });

  it.each(facts)('detects another %s', (fact) => {
    expect(sameContent(aChart(), aChart({ [fact]: 'something else' }))).toBe(false);
  });

  it('distinguishes null from an empty string, and one number-like string from another', () => {
    expect(sameContent(aChart({ program: null }), aChart({ program: '' }))).toBe(false);
    expect(sameContent(aChart({ mrNumber: '07' }), aChart({ mrNumber: '7' }))).toBe(false);
  });

  it('is false without a chart to compare with', () => {
    expect(sameContent(null, aChart())).toBe(false);
  });

  it('is symmetric', () => {
    const charts = fc
      .record({
        destination: fc.constantFrom(null, 'Harbor House', '$where'),
        mrNumber: fc.constantFrom(null, '1', '2'),
      })
      .map(aChart);
    fc.assert(fc.property(charts, charts, (a, b) => sameContent(a, b) === sameContent(b, a)));
  });
});
