import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Discharge } from '../../../domain/day.ts';
import { addHours, HOUR_MS } from '../../../domain/time.ts';
import { quantile, trendsOf } from '../../../domain/trends.ts';

const at = new Date('2026-11-24T20:00:00Z');

function discharge(change: Partial<Discharge> & { after?: number } = {}): Discharge {
  const { after = 1, ...others } = change;
  return {
    ...{ record: 'r-1', instance: 'north', location: 'Detox', status: 'synced', at, day: '2026-11-24', timed: true },
    ...{ destination: 'Copper Vale', isInternal: false, referredAt: addHours(at, after) },
    ...{ wasLocked: false, ...others },
  };
}

const last30 = { until: '2026-11-24', days: 30, measuredFrom: new Date('2026-10-01T00:00:00Z') };

describe('The quantile', () => {
  it.each([
    [[], 0.5, null],
    [[7], 0.5, 7],
    [[7], 0.9, 7],
    [[1, 2], 0.5, 1],
    [[1, 2, 3], 0.5, 2],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9, 9],
  ])('of %j at %d is %d', (values, share, expected) => {
    expect(quantile(values, share)).toBe(expected);
  });

  it('is one of the values, that at least this share does not exceed', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1 }), fc.constantFrom(0.5, 0.9), (values, share) => {
        const sorted = [...values].sort((a, b) => a - b);
        const found = quantile(sorted, share) ?? -1;
        expect(sorted).toContain(found);
        expect(sorted.filter((value) => value <= found).length).toBeGreaterThanOrEqual(share * sorted.length);
      }),
    );
  });
});

describe('Trends', () => {
  it('have the time from discharge to referral, never below nothing', () => {
    const { whole } = trendsOf([discharge({ after: 3 }), discharge({ after: -5 }), discharge({ after: 1 })], last30);
    expect(whole.times).toEqual({ measured: 3, median: HOUR_MS, p90: 3 * HOUR_MS });
  });

  it.each([
    ['without a referral', { referredAt: null }],
    ['without a time of day', { timed: false }],
    ['locked, with a referral from before,', { status: 'held' as const }],
    ['from before the first run', { at: new Date('2026-09-30T00:00:00Z') }],
  ])('leave discharges %s out of the times, but count them', (_what, change) => {
    const { whole } = trendsOf([discharge(change)], last30);
    expect(whole).toMatchObject({ discharged: 1, times: { measured: 0, median: null, p90: null } });
  });

  it('have weeks that end on the last day, and cover all days once', () => {
    const { weeks } = trendsOf([], last30);
    expect(weeks.map(({ from, to }) => [from, to])).toEqual([
      ['2026-10-26', '2026-10-27'],
      ['2026-10-28', '2026-11-03'],
      ['2026-11-04', '2026-11-10'],
      ['2026-11-11', '2026-11-17'],
      ['2026-11-18', '2026-11-24'],
    ]);
  });

  it('count each discharge in its week, and none of other days', () => {
    const days = ['2026-10-25', '2026-10-26', '2026-11-10', '2026-11-24', '2026-11-25'];
    const { weeks, whole } = trendsOf(
      days.map((day) => discharge({ day, wasLocked: day === '2026-11-10' })),
      last30,
    );
    expect(weeks.map(({ discharged, locked }) => [discharged, locked])).toEqual([
      [1, 0],
      [0, 0],
      [1, 1],
      [0, 0],
      [1, 0],
    ]);
    expect([whole.discharged, whole.locked]).toEqual([3, 1]);
  });

  it('have destinations, most first, spellings together, transfers left out, and the rest as one', () => {
    const names = [
      'copper vale',
      'Copper Vale',
      'COPPER VALE',
      'Aster',
      'Briar',
      'Cedar',
      'Dune',
      'Elm',
      'Fir',
      'Gorse',
    ];
    const all = [...names, 'Hazel', 'Iris', ''].map((destination) => discharge({ destination }));
    const { destinations } = trendsOf([...all, discharge({ destination: 'Manor', isInternal: true })], last30);
    expect(destinations).toEqual([
      { name: 'copper vale', n: 3 },
      ...['Aster', 'Briar', 'Cedar', 'Dune', 'Elm', 'Fir', 'Gorse'].map((name) => ({ name, n: 1 })),
      { name: null, n: 2 },
    ]);
  });
});

describe('Destinations', () => {
  const named = (...names: string[]) =>
    trendsOf(
      names.map((destination) => discharge({ destination })),
      last30,
    ).destinations.map(({ name, n }) => `${name} ${n}`);

  it('are sorted by how many went there, then by name', () => {
    expect(named('Elm', 'Fir', 'Dune', 'Fir', 'Aster')).toEqual(['Fir 2', 'Aster 1', 'Dune 1', 'Elm 1']);
    expect(named('Aster', 'Elm', 'Elm', 'Elm', 'Fir', 'Fir')).toEqual(['Elm 3', 'Fir 2', 'Aster 1']);
    expect(named('STRASSE', 'straße', 'Strasse')).toEqual(['STRASSE 2', 'straße 1']);
    expect(named('Aster')).toEqual(['Aster 1']);
    expect(named()).toEqual([]);
  });

  it('of the days before and after are not counted', () => {
    const days = ['2026-10-25', '2026-10-26', '2026-11-24', '2026-11-25'];
    const { destinations } = trendsOf(
      days.map((day) => discharge({ day, destination: day })),
      last30,
    );
    expect(destinations).toEqual([
      { name: '2026-10-26', n: 1 },
      { name: '2026-11-24', n: 1 },
    ]);
  });
});

describe('The limits of trends', () => {
  it('a last week of one day is a week', () => {
    const { weeks } = trendsOf([], { ...last30, days: 8 });
    expect(weeks.map(({ from, to }) => [from, to])).toEqual([
      ['2026-11-17', '2026-11-17'],
      ['2026-11-18', '2026-11-24'],
    ]);
  });

  it('a discharge at the moment of the first run is measured; without a run nothing is', () => {
    const measured = (measuredFrom: Date | null) =>
      trendsOf([discharge()], { ...last30, measuredFrom }).whole.times.measured;
    expect([measured(at), measured(addHours(at, 1)), measured(null)]).toEqual([1, 0, 0]);
  });
});
