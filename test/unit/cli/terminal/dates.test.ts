import { describe, expect, it } from 'vitest';
import { shortDate, shortTime, zonesOf } from '../../../../cli/terminal/dates.ts';

const now = new Date('2026-01-01T05:00:00Z');

describe('shortTime', () => {
  it.each([
    ['America/Los_Angeles', '2025-12-31T23:45:52Z', 'Dec 31, 3:45 PM'],
    ['America/New_York', '2025-11-06T04:45:52Z', 'Nov 5, 2025, 11:45 PM'],
    ['America/New_York', '2026-11-06T04:45:52Z', 'Nov 5, 11:45 PM'],
    ['UTC', '2026-11-06T00:05:00Z', 'Nov 6, 12:05 AM'],
  ])('formats on the clocks of %s the instant %s as %s', (zone, at, expected) => {
    expect(shortTime(new Date(at), { zone, named: false }, now)).toBe(expected);
    expect(shortTime(new Date(at), { zone, named: true }, now)).toMatch(new RegExp(`^${expected} (PST|EST|UTC)$`));
    expect(shortTime(null, { zone, named: true }, now)).toBeNull();
  });
});

describe('shortDate', () => {
  it.each([
    [null, null],
    ['2026-11-08', 'Nov 8'],
    ['2025-11-08', 'Nov 8, 2025'],
    ['2026-11-05T20:45:52', 'Nov 5, 8:45 PM'],
  ])('formats the date %j of a chart as %j', (date, expected) => {
    expect(shortDate(date, now)).toBe(expected);
  });
});

describe('zonesOf', () => {
  it('finds the time zone of an instance, and UTC for one without or unknown', () => {
    const zoneOf = zonesOf([{ name: 'north', timeZone: 'America/Chicago' }, { name: 'south' }]);
    const zones = ['north', 'south', 'gone', null].map((name) => zoneOf(name).zone);
    expect(zones).toEqual(['America/Chicago', 'UTC', 'UTC', 'UTC']);
  });

  it.each([
    [['America/Chicago', 'America/Chicago'], false],
    [['America/Chicago', 'America/Denver'], true],
    [['America/Chicago', undefined], true],
    [['UTC', undefined], true],
  ])('names the zones of instances in %j: %s', (zones, named) => {
    const instances = zones.map((timeZone, at) => ({ name: `${at}`, timeZone }));
    expect(zonesOf(instances)('0').named).toBe(named);
  });
});
