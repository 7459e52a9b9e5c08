import { isMainThread } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  addHours,
  daysSince,
  instantIn,
  instantOf,
  isDayOnly,
  isoIn,
  isTimeZone,
  localDate,
  utcDay,
} from '../../../domain/time.ts';
import { instants } from '../../support/chartFixtures.ts';

describe('instantOf', () => {
  it.each([
    ['a day', '2026-02-03', '2026-02-03T00:00:00.000Z'],
    ['a leap day', '2028-02-29', '2028-02-29T00:00:00.000Z'],
    ['the first year', '0001-01-01', '0001-01-01T00:00:00.000Z'],
    ['a clock time, read as UTC', '2026-02-03T23:59:59', '2026-02-03T23:59:59.000Z'],
    ['a clock time that a change of clocks skips', '2026-03-08T02:30:00', '2026-03-08T02:30:00.000Z'],
    ['an instant', '2026-02-03T04:05:06.789Z', '2026-02-03T04:05:06.789Z'],
    ['an instant without milliseconds', '2026-02-03T04:05:06Z', '2026-02-03T04:05:06.000Z'],
    ['the last moment of a year', '2025-12-31T23:59:59.999Z', '2025-12-31T23:59:59.999Z'],
  ])('reads %s', (_what, date, instant) => {
    expect(instantOf(date).toISOString()).toBe(instant);
  });

  it.each([
    '',
    '2026',
    '2026-02',
    '2026-02-30',
    '2026-02-29',
    '2026-02-30T10:00:00',
    '2026-02-30T10:00:00.000Z',
    '0000-00-00',
    '2026-13-01',
    '2026-1-01',
    '2026-02-03 10:00:00',
    '2026-02-03T10:00',
    '2026-02-03T25:00:00',
    '2026-02-03T10:60:00',
    '2026-02-03T10:00:00+02:00',
    '2026-02-03Z',
    'not a date',
    '__proto__',
  ])('throws on %j, without repeating it', (date) => {
    expect(() => instantOf(date)).toThrow(new RangeError('not a canonical date'));
  });

  it('returns the instant that a canonical text was written from', () => {
    fc.assert(fc.property(instants, (at) => instantOf(at.toISOString()).getTime() === at.getTime()));
  });

  // In a thread, as in mutation tests, the zone of the process cannot be changed.
  it.runIf(isMainThread)('does not depend on the time zone of this machine', () => {
    const zone = process.env.TZ;
    try {
      for (const elsewhere of ['Pacific/Kiritimati', 'America/Los_Angeles', 'Etc/GMT+12']) {
        process.env.TZ = elsewhere;
        expect(new Date('2026-03-08T00:00:00').getTimezoneOffset()).not.toBe(0);
        expect(instantOf('2026-03-08T02:30:00').toISOString()).toBe('2026-03-08T02:30:00.000Z');
        expect(instantOf('2026-03-08').toISOString()).toBe('2026-03-08T00:00:00.000Z');
      }
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });
});

describe('utcDay', () => {
  it('returns the day of the instant', () => {
    fc.assert(
      fc.property(instants, (at) => {
        const midnight = instantOf(utcDay(at));
        expect(midnight <= at && at < addDays(midnight, 1)).toBe(true);
      }),
    );
  });
});

describe('addDays and addHours', () => {
  it('add and subtract 24 hours a day, also across clock changes', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: -4000, max: 4000 }), (at, days) => {
        expect(addDays(at, days)).toEqual(addHours(at, days * 24));
        expect(addDays(addDays(at, days), -days)).toEqual(at);
      }),
    );
  });

  it('do not modify their argument', () => {
    const at = new Date('2026-02-03T00:00:00Z');
    addDays(at, 1);
    addHours(at, 1);
    expect(at.toISOString()).toBe('2026-02-03T00:00:00.000Z');
  });
});

describe('isDayOnly', () => {
  it.each([
    ['2026-02-03', true],
    ['2026-02-03T00:00:00', false],
    ['2026-02-03T00:00:00.000Z', false],
  ])('%s: %s', (date, dayOnly) => {
    expect(isDayOnly(date)).toBe(dayOnly);
  });
});

describe('daysSince', () => {
  it.each([
    ['the same day', '2026-03-02', '2026-03-02T23:59:00Z', 'UTC', 0],
    ['the day before', '2026-03-01T23:59:00', '2026-03-02T00:01:00Z', 'UTC', 1],
    ['the day of the place, not of UTC', '2026-03-01', '2026-03-02T07:00:00Z', 'America/Los_Angeles', 0],
    ['an instant, read at the place', '2026-03-02T04:45:00.000Z', '2026-03-02T20:00:00Z', 'America/Los_Angeles', 1],
    ['a change of the clocks between', '2026-03-07', '2026-03-09T12:00:00Z', 'America/Los_Angeles', 2],
    ['a year', '2025-03-02', '2026-03-02T12:00:00Z', 'UTC', 365],
    ['a later day', '2026-03-05', '2026-03-02T12:00:00Z', 'UTC', -3],
  ])('%s', (_, date, now, zone, days) => {
    expect(daysSince(date, new Date(now), zone)).toBe(days);
  });
});

describe('Clocks before standard time', () => {
  it('were off by seconds', () => {
    const at = '1880-01-01T00:00:00.000Z';
    expect(localDate(at, 'America/New_York')).toBe('1879-12-31T19:03:58');
    expect(instantIn('1879-12-31T19:03:58', 'America/New_York').toISOString()).toBe(at);
    expect(isoIn(new Date(at), 'America/New_York')).toBe('1879-12-31T19:04:00-04:56');
  });
});

describe('The name of a time zone', () => {
  it.each([
    ['UTC', true],
    ['America/New_York', true],
    ['America/Argentina/Buenos_Aires', true],
    ['Etc/GMT+5', true],
    ['1America/New_York', false],
    [' America/New_York', false],
    ['America/New_York ', false],
    ['America/New_York\n', false],
    ['EST', false],
    ['+05:00', false],
    ['America/Nowhere', false],
    ['', false],
  ])('%j: %j', (name, is) => {
    expect(isTimeZone(name)).toBe(is);
  });
});

describe('A text that is no canonical date', () => {
  it.each([
    'x2026-03-02',
    '2026-03-02x',
    '2026-03-02T10:00:00+01:00',
    '2026-03-02T10:00',
    '2026-02-30',
    '2026-03-02T25:00:00',
    '',
  ])('is refused without it: %j', (text) => {
    expect(() => instantOf(text)).toThrow(new RangeError('not a canonical date'));
  });
});
