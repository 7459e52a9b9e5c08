import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayIn, isoIn, startOfDayIn } from '../../../domain/time.ts';
import { chartDateText, dayText, instantText, isPlanned, utcText } from '../../../domain/timeText.ts';
import { instants } from '../../support/chartFixtures.ts';

const LOS_ANGELES = 'America/Los_Angeles';
const NEW_YORK = 'America/New_York';
const zones = fc.constantFrom(
  ...['UTC', LOS_ANGELES, NEW_YORK, 'America/Phoenix', 'America/St_Johns'],
  ...['Europe/London', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Kiritimati'],
);
const now = new Date('2026-11-24T12:00:00Z');

/** New York: forward on 8 March 2026 at 07:00Z, back on 1 November at 06:00Z. Phoenix keeps -07:00. */
describe('instantText', () => {
  it.each([
    ['an evening that is the next day in UTC', '2026-11-06T04:45:52Z', LOS_ANGELES, 'Nov 5, 8:45 PM PST'],
    ['a summer', '2026-07-06T04:45:52Z', LOS_ANGELES, 'Jul 5, 9:45 PM PDT'],
    ['another year', '2025-07-06T04:45:52Z', LOS_ANGELES, 'Jul 5, 2025, 9:45 PM PDT'],
    ['a year that is over there, not in UTC', '2027-01-01T04:00:00Z', NEW_YORK, 'Dec 31, 11:00 PM EST'],
    ['noon', '2026-11-06T17:00:00Z', NEW_YORK, 'Nov 6, 12:00 PM EST'],
    ['midnight', '2026-11-06T05:00:00Z', NEW_YORK, 'Nov 6, 12:00 AM EST'],
    ['the last minute before the clocks go forward', '2026-03-08T06:59:59Z', NEW_YORK, 'Mar 8, 1:59 AM EST'],
    ['the first one after', '2026-03-08T07:00:00Z', NEW_YORK, 'Mar 8, 3:00 AM EDT'],
    ['the hour that comes twice, the first', '2026-11-01T05:30:00Z', NEW_YORK, 'Nov 1, 1:30 AM EDT'],
    ['the hour that comes twice, the second', '2026-11-01T06:30:00Z', NEW_YORK, 'Nov 1, 1:30 AM EST'],
    ['a place without summer time', '2026-07-06T04:45:00Z', 'America/Phoenix', 'Jul 5, 9:45 PM MST'],
    ['UTC', '2026-07-06T04:45:00Z', 'UTC', 'Jul 6, 4:45 AM UTC'],
  ])('shows %s', (_, at, zone, text) => {
    expect(instantText(new Date(at), zone, now)).toBe(text);
  });

  it('agrees with what Intl formats, for any instant in any of these zones', () => {
    fc.assert(
      fc.property(instants, zones, (at, zone) => {
        const intl = new Intl.DateTimeFormat('en-US', {
          ...{ timeZone: zone, month: 'short', day: 'numeric', year: 'numeric' },
          ...{ hour: 'numeric', minute: '2-digit', timeZoneName: 'short' },
        });
        // Another year than any of these instants, so that the year is shown.
        const text = instantText(at, zone, new Date('1990-06-01T00:00:00Z'));
        expect(text).toBe(intl.format(at).replaceAll('\u202f', ' '));
        expect(instantText(at, zone, at)).toBe(text.replace(/, \d{4},/, ','));
      }),
    );
  });
});

describe('isoIn', () => {
  it.each([
    ['the evening before', '2026-11-06T04:45:52.300Z', LOS_ANGELES, '2026-11-05T20:45:52-08:00'],
    ['the hour that comes twice, the first', '2026-11-01T05:30:00Z', NEW_YORK, '2026-11-01T01:30:00-04:00'],
    ['the hour that comes twice, the second', '2026-11-01T06:30:00Z', NEW_YORK, '2026-11-01T01:30:00-05:00'],
    ['half an hour', '2026-11-01T06:30:00Z', 'Asia/Kolkata', '2026-11-01T12:00:00+05:30'],
    ['a negative half hour', '2026-12-01T06:30:00Z', 'America/St_Johns', '2026-12-01T03:00:00-03:30'],
    ['UTC', '2026-11-01T06:30:00Z', 'UTC', '2026-11-01T06:30:00+00:00'],
  ])('writes %s', (_, at, zone, text) => {
    expect(isoIn(new Date(at), zone)).toBe(text);
  });

  it('is the same instant, to the second', () => {
    fc.assert(
      fc.property(instants, zones, (at, zone) => {
        expect(Date.parse(isoIn(at, zone))).toBe(Math.floor(at.getTime() / 1_000) * 1_000);
        expect(isoIn(at, zone).slice(0, 10)).toBe(dayIn(at, zone));
      }),
    );
  });
});

describe('startOfDayIn', () => {
  it.each([
    ['4 PM Pacific, midnight in UTC', '2026-11-06T00:00:00Z', LOS_ANGELES, '2026-11-05T08:00:00.000Z'],
    ['the day of 23 hours', '2026-03-09T03:59:59Z', NEW_YORK, '2026-03-08T05:00:00.000Z'],
    ['the day of 25 hours', '2026-11-02T04:59:59Z', NEW_YORK, '2026-11-01T04:00:00.000Z'],
    ['the first moment of a day', '2026-11-02T05:00:00Z', NEW_YORK, '2026-11-02T05:00:00.000Z'],
  ])('finds the midnight of %s', (_, at, zone, began) => {
    expect(startOfDayIn(new Date(at), zone).toISOString()).toBe(began);
  });
});

describe('chartDateText', () => {
  it.each([
    ['a day', '2026-11-08', LOS_ANGELES, 'Nov 8'],
    ['a day of another year', '2025-11-08', LOS_ANGELES, 'Nov 8, 2025'],
    ['an instant of the next day in UTC', '2026-11-06T04:45:52.000Z', LOS_ANGELES, 'Nov 5, 8:45 PM PST'],
    ['a time without a zone, as it is', '2026-11-05T22:41:25', LOS_ANGELES, 'Nov 5, 10:41 PM PST'],
    ['an instant that is midnight there', '2026-11-06T08:00:00.000Z', LOS_ANGELES, 'Nov 6'],
    ['a time that the clocks skip, as it is', '2026-03-08T02:30:00', NEW_YORK, 'Mar 8, 2:30 AM EST'],
    ['a time that comes twice', '2026-11-01T01:30:00', NEW_YORK, 'Nov 1, 1:30 AM EDT'],
  ])('shows %s', (_, date, zone, text) => {
    expect(chartDateText(date, zone, now)).toBe(text);
  });
});

describe('dayText', () => {
  it.each([
    ['a day', '1991-11-20'],
    ['a day with a time', '1991-11-20T00:00:00'],
    ['a day with a time in UTC', '1991-11-20T08:00:00.000Z'],
  ])('shows %s as the day', (_, date) => {
    expect(dayText(date)).toBe('Nov 20, 1991');
  });
});

describe('isPlanned', () => {
  it.each([
    ['nothing', null, LOS_ANGELES, false],
    ['a later day', '2026-11-25', LOS_ANGELES, true],
    ['today, which has begun', '2026-11-24', LOS_ANGELES, false],
    ['today, which has not begun there', '2026-11-24', 'Pacific/Pago_Pago', false],
    ['tomorrow, which has begun there', '2026-11-25', 'Pacific/Kiritimati', false],
    ['a later time of today', '2026-11-24T05:00:00', LOS_ANGELES, true],
    ['an earlier time of today', '2026-11-24T03:59:59', LOS_ANGELES, false],
  ])('of %s', (_, date, zone, planned) => {
    expect(isPlanned(date, zone, now)).toBe(planned);
  });

  it('agrees with UTC in the title', () => {
    expect(utcText(new Date('2026-11-06T04:45:52.300Z'))).toBe('2026-11-06 04:45:52 UTC');
  });
});

describe('The moment itself', () => {
  it('is not planned any more', () => {
    const at = new Date('2026-03-02T10:00:00.000Z');
    expect(isPlanned(at.toISOString(), 'UTC', at)).toBe(false);
    expect(isPlanned('2026-03-02T10:00:00.001Z', 'UTC', at)).toBe(true);
    expect(isPlanned(null, 'UTC', at)).toBe(false);
  });
});
