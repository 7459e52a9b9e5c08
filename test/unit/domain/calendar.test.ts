import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { earlierDay, isDay, laterDay, monthDays, monthOf, monthWeeks, shiftDay } from '../../../domain/calendar.ts';
import { utcDay } from '../../../domain/time.ts';

const days = fc
  .date({ min: new Date('1970-02-01T00:00:00Z'), max: new Date('9990-12-31T00:00:00Z'), noInvalidDate: true })
  .map(utcDay);

describe('A day', () => {
  it.each([
    ['2026-11-24', true],
    ['2024-02-29', true],
    ['2026-02-29', false],
    ['2026-11-31', false],
    ['2026-13-01', false],
    ['2026-1-1', false],
    ['1969-12-31', false],
    ['9999-01-01', false],
    ['2026-11-24T00:00:00Z', false],
    ['', false],
    ['x2026-11-24', false],
    ['12026-11-24', false],
    ['2026-11-24x', false],
    ['1970-01-01', true],
    ['1999-12-31', true],
    ['8999-12-31', true],
    ['9000-01-01', true],
    ['9899-12-31', true],
    ['9989-12-31', true],
    ['9998-12-31', true],
  ])('%s is one or not', (text, expected) => {
    expect(isDay(text)).toBe(expected);
  });

  it.each([
    ['2026-11-30', 1, '2026-12-01'],
    ['2026-01-01', -1, '2025-12-31'],
    ['2024-02-28', 1, '2024-02-29'],
    ['2026-03-07', 2, '2026-03-09'],
  ])('%s and %d days is %s', (day, n, expected) => {
    expect(shiftDay(day, n)).toBe(expected);
    expect(laterDay(day, expected)).toBe(n > 0 ? expected : day);
    expect(earlierDay(day, expected)).toBe(n > 0 ? day : expected);
  });
});

describe('A month', () => {
  it('begins its weeks on Sunday', () => {
    expect(monthDays('2026-11')).toEqual({ first: '2026-11-01', last: '2026-11-30' });
    const weeks = monthWeeks('2026-11');
    expect(weeks[0]).toEqual(Array.from({ length: 7 }, (_, n) => `2026-11-0${n + 1}`));
    expect(weeks.at(-1)).toEqual(['2026-11-29', '2026-11-30', null, null, null, null, null]);
  });

  it('has every one of its days once, in weeks of seven', () => {
    fc.assert(
      fc.property(days, (day) => {
        const { first, last } = monthDays(monthOf(day));
        const weeks = monthWeeks(monthOf(day));
        expect(weeks.every((week) => week.length === 7)).toBe(true);
        const all = weeks.flat().filter((one) => one !== null);
        expect([all[0], all.at(-1)]).toEqual([first, last]);
        expect(all).toContain(day);
        for (const [n, one] of all.entries()) expect(one).toBe(shiftDay(first, n));
      }),
    );
  });
});
