import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instantIn, isTimeZone, localDate, zoneAt } from '../../../domain/time.ts';
import { instants } from '../../support/chartFixtures.ts';

const NEW_YORK = 'America/New_York';
const LONDON = 'Europe/London';
const LORD_HOWE = 'Australia/Lord_Howe';

/** The clock changes are those of the IANA tz database (files northamerica, europe, australasia, asia). */
describe('instantIn', () => {
  it.each([
    // New York, forward on 8 March 2026 at 07:00Z (02:00 to 03:00), back on 1 November at 06:00Z (02:00 to 01:00).
    ['a day in winter', '2026-02-03', NEW_YORK, '2026-02-03T05:00:00.000Z'],
    ['a day in summer', '2026-07-03', NEW_YORK, '2026-07-03T04:00:00.000Z'],
    ['a clock time in winter', '2026-02-03T23:59:59', NEW_YORK, '2026-02-04T04:59:59.000Z'],
    ['an instant', '2026-02-03T04:05:06.789Z', NEW_YORK, '2026-02-03T04:05:06.789Z'],
    ['the day of 23 hours', '2026-03-08', NEW_YORK, '2026-03-08T05:00:00.000Z'],
    ['the day after it', '2026-03-09', NEW_YORK, '2026-03-09T04:00:00.000Z'],
    ['the last second before the skipped hour', '2026-03-08T01:59:59', NEW_YORK, '2026-03-08T06:59:59.000Z'],
    ['a skipped time: the earlier reading', '2026-03-08T02:30:00', NEW_YORK, '2026-03-08T06:30:00.000Z'],
    ['the first second after the skipped hour', '2026-03-08T03:00:00', NEW_YORK, '2026-03-08T07:00:00.000Z'],
    ['the day of 25 hours', '2026-11-01', NEW_YORK, '2026-11-01T04:00:00.000Z'],
    ['the day after that', '2026-11-02', NEW_YORK, '2026-11-02T05:00:00.000Z'],
    ['the last second before the hour that comes twice', '2026-11-01T00:59:59', NEW_YORK, '2026-11-01T04:59:59.000Z'],
    ['a time that comes twice: the first', '2026-11-01T01:30:00', NEW_YORK, '2026-11-01T05:30:00.000Z'],
    ['the first second that comes once again', '2026-11-01T02:00:00', NEW_YORK, '2026-11-01T07:00:00.000Z'],
    // Phoenix keeps -07:00 all year.
    ['the day on which others go forward', '2026-03-08', 'America/Phoenix', '2026-03-08T07:00:00.000Z'],
    ['what others skip', '2026-03-08T02:30:00', 'America/Phoenix', '2026-03-08T09:30:00.000Z'],
    ['what comes twice elsewhere', '2026-11-01T01:30:00', 'America/Phoenix', '2026-11-01T08:30:00.000Z'],
    // London, forward on 29 March 2026 at 01:00Z (01:00 to 02:00), back on 25 October at 01:00Z (02:00 to 01:00).
    ['the day of 23 hours', '2026-03-29', LONDON, '2026-03-29T00:00:00.000Z'],
    ['the day after it', '2026-03-30', LONDON, '2026-03-29T23:00:00.000Z'],
    ['a skipped time: the earlier reading', '2026-03-29T01:30:00', LONDON, '2026-03-29T00:30:00.000Z'],
    ['the day of 25 hours', '2026-10-25', LONDON, '2026-10-24T23:00:00.000Z'],
    ['a time that comes twice: the first', '2026-10-25T01:30:00', LONDON, '2026-10-25T00:30:00.000Z'],
    ['the day after that', '2026-10-26', LONDON, '2026-10-26T00:00:00.000Z'],
    // Lord Howe moves by half an hour: back on 4 April 2026 at 15:00Z (02:00 to 01:30), forward on 3 October at 15:30Z.
    ['a time that comes twice: the first', '2026-04-05T01:45:00', LORD_HOWE, '2026-04-04T14:45:00.000Z'],
    ['a time before that half hour', '2026-04-05T01:15:00', LORD_HOWE, '2026-04-04T14:15:00.000Z'],
    ['a time behind it', '2026-04-05T02:00:00', LORD_HOWE, '2026-04-04T15:30:00.000Z'],
    ['a skipped time: the earlier reading', '2026-10-04T02:15:00', LORD_HOWE, '2026-10-03T15:15:00.000Z'],
    ['the first second after it', '2026-10-04T02:30:00', LORD_HOWE, '2026-10-03T15:30:00.000Z'],
    ['the day after it', '2026-10-05', LORD_HOWE, '2026-10-04T13:00:00.000Z'],
    // Kolkata keeps +05:30 all year.
    ['a day', '2026-03-29', 'Asia/Kolkata', '2026-03-28T18:30:00.000Z'],
    ['a clock time', '2026-10-25T01:30:00', 'Asia/Kolkata', '2026-10-24T20:00:00.000Z'],
    // Clocks that skip or repeat midnight: Havana on 8 March (05:00Z) and 1 November 2026; Toronto in 1919, at 23:30.
    ['a day without a midnight: its first moment', '2026-03-08', 'America/Havana', '2026-03-08T05:00:00.000Z'],
    ['a day with two midnights: the first', '2026-11-01', 'America/Havana', '2026-11-01T04:00:00.000Z'],
    ['a day that begins half an hour late', '1919-03-31', 'America/Toronto', '1919-03-31T04:30:00.000Z'],
    // Apia crossed the date line and skipped 30 December 2011.
    ['a day that did not come: where the next begins', '2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
    ['the first day that there is', '0001-01-01', 'Asia/Kolkata', '0001-01-01T00:00:00.000Z'],
    ['the last second that there is', '9999-12-31T23:59:59', NEW_YORK, '9999-12-31T23:59:59.999Z'],
    ['a day', '2026-02-03', 'UTC', '2026-02-03T00:00:00.000Z'],
  ])('%s: %s in %s', (_what, date, zone, instant) => {
    expect(instantIn(date, zone).toISOString()).toBe(instant);
  });

  it('throws on a text that is not a canonical date', () => {
    expect(() => instantIn('2026-02-30', NEW_YORK)).toThrow(new RangeError('not a canonical date'));
  });
});

describe('localDate', () => {
  it.each([
    ['nothing', null, NEW_YORK, null],
    ['a day', '2026-03-03', 'Pacific/Kiritimati', '2026-03-03'],
    ['a clock time', '2026-03-03T23:30:00', NEW_YORK, '2026-03-03T23:30:00'],
    ['a clock time that is midnight', '2026-03-03T00:00:00', NEW_YORK, '2026-03-03'],
    ['local midnight, as KIPU admits', '2026-03-03T05:00:00.000Z', NEW_YORK, '2026-03-03'],
    ['local midnight ahead of UTC', '2026-03-02T18:30:00.000Z', 'Asia/Kolkata', '2026-03-03'],
    ['an evening that is the next day in UTC', '2026-03-04T04:30:00.000Z', NEW_YORK, '2026-03-03T23:30:00'],
    ['the first of two half hours', '2026-11-01T05:30:00.000Z', NEW_YORK, '2026-11-01T01:30:00'],
    ['the second of them', '2026-11-01T06:30:00.000Z', NEW_YORK, '2026-11-01T01:30:00'],
    ['the last second that there is', '9999-12-31T23:59:59.000Z', 'Asia/Kolkata', '9999-12-31T23:59:59'],
    ['a moment after midnight', '2026-03-03T05:00:01.000Z', NEW_YORK, '2026-03-03T00:00:01'],
  ])('%s', (_what, date, zone, local) => {
    expect(localDate(date, zone)).toBe(local);
  });
});

describe('Any instant in any of ten zones', () => {
  const zones = fc.constantFrom(
    ...[NEW_YORK, 'America/Phoenix', 'America/Los_Angeles', 'America/St_Johns', 'America/Havana', LONDON, LORD_HOWE],
    ...['Asia/Kolkata', 'Pacific/Kiritimati', 'Pacific/Pago_Pago'],
  );
  const day = (at: Date, zone: string) => {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    const part = (wanted: string) => format.formatToParts(at).find(({ type }) => type === wanted)?.value;
    return `${part('year')}-${part('month')}-${part('day')}`;
  };

  it('has the day that Intl formats, which has begun by then', () => {
    fc.assert(
      fc.property(instants, zones, (at, zone) => {
        const today = localDate(at.toISOString(), zone)?.slice(0, 10) ?? '';
        expect(today).toBe(day(at, zone));
        const began = instantIn(today, zone);
        expect(began <= at).toBe(true);
        expect([day(began, zone), day(new Date(began.getTime() - 1), zone)]).toEqual([
          today,
          expect.not.stringContaining(today),
        ]);
      }),
    );
  });

  it('is the result for its clock time, or up to an hour earlier if that time occurs twice', () => {
    fc.assert(
      fc.property(instants, zones, (some, zone) => {
        const at = new Date(Math.floor(some.getTime() / 1_000) * 1_000);
        const clock = localDate(at.toISOString(), zone) ?? '';
        const named = instantIn(clock, zone);
        expect(localDate(named.toISOString(), zone)).toBe(clock);
        expect([0, 30, 60]).toContain((at.getTime() - named.getTime()) / 60_000);
      }),
    );
  });
});

describe('isTimeZone', () => {
  it.each([
    ...['UTC', NEW_YORK, 'America/Argentina/Buenos_Aires', 'America/Port-au-Prince', 'Asia/Kolkata', 'Asia/Calcutta'],
    ...['US/Pacific', 'Etc/GMT+5'],
  ])('accepts %s', (name) => expect(isTimeZone(name)).toBe(true));

  it.each([
    '',
    'EST',
    'EST5EDT',
    'GMT',
    '-05:00',
    '+02',
    'America/New York',
    'America/Nowhere',
    'America',
    '/',
    'a/b/c',
  ])('refuses %j', (name) => expect(isTimeZone(name)).toBe(false));
});

describe('zoneAt', () => {
  const locationTimeZones = { 7: 'America/Denver' };
  it.each([
    ['the location', { timeZone: NEW_YORK, locationTimeZones }, '7', 'America/Denver'],
    ['the instance', { timeZone: NEW_YORK, locationTimeZones }, '8', NEW_YORK],
    ['the instance, where the chart names no location', { timeZone: NEW_YORK, locationTimeZones }, null, NEW_YORK],
    ['the location alone', { locationTimeZones }, '7', 'America/Denver'],
    ['nothing', {}, '7', 'UTC'],
    ['a location named like a part of JavaScript', { timeZone: NEW_YORK, locationTimeZones }, 'constructor', NEW_YORK],
  ])('is that of %s', (_, zones, location, zone) => {
    expect(zoneAt(zones, location)).toBe(zone);
  });
});
