import { describe, expect, it } from 'vitest';
import { dateShape } from '../../../kipu/shape.ts';
import { ZoneEvidence, type ZoneFacts } from '../../../kipu/zoneEvidence.ts';

type Dates = [key: string, text: string][];

function zoneOf(dates: Dates, configured: string[] = []): ZoneFacts {
  const evidence = new ZoneEvidence();
  dates.forEach(([key, text], index) => {
    const shape = dateShape(text);
    if (shape !== null) evidence.add(key, shape, `chart ${index}`);
  });
  return evidence.facts(configured);
}
const updated = (...texts: string[]): Dates => texts.map((text) => ['last_updated_at', text]);
const admitted = (...texts: string[]): Dates => texts.map((text) => ['admission_date', text]);
const names = ({ candidates }: ZoneFacts) => candidates.map(({ zone }) => zone);

describe('The time zone that dates suggest', () => {
  it.each<[string, Dates, ZoneFacts['source'], string[]]>([
    ['nothing', [], null, []],
    ['days and clock times', updated('2026-01-05', '2026-07-05 10:00:00'), null, []],
    ['times in UTC', updated('2026-01-05T10:00:00Z', '2026-07-05T10:00:00+00:00'), null, []],
    [
      'offsets of both seasons',
      updated('2026-01-05T10:00:00-05:00', '2026-07-05T10:00:00-04:00'),
      'offsets',
      ['America/New_York'],
    ],
    [
      'offsets of one season, which several zones have',
      updated('2026-01-05T10:00:00-07:00'),
      'offsets',
      ['America/Denver', 'America/Phoenix'],
    ],
    [
      'an offset of no summer time',
      updated('2026-01-05T10:00:00-07:00', '2026-07-05T10:00:00-07:00'),
      'offsets',
      ['America/Phoenix'],
    ],
    ['an offset of half an hour', updated('2026-01-05T10:00:00+05:30'), 'offsets', ['Asia/Kolkata']],
    ['an offset that only a rare zone has', updated('2026-01-05T10:00:00+05:45'), 'offsets', ['Asia/Katmandu']],
    [
      'offsets of two zones, the more frequent first',
      updated('2026-01-05T10:00:00-06:00', '2026-01-06T10:00:00-05:00', '2026-01-07T10:00:00-05:00'),
      'offsets',
      ['America/New_York', 'America/Chicago'],
    ],
    ['an offset that no zone has', updated('2026-01-05T10:00:00-13:30'), 'offsets', []],
    [
      'admissions at local midnight, in UTC without a zone',
      admitted('2026-01-05 05:00:00', '2026-01-06 05:00:00', '2026-07-05 04:00:00'),
      'admission-midnights',
      ['America/New_York'],
    ],
    [
      'admissions at local midnight, in UTC with a Z',
      admitted('2026-01-05T08:00:00Z', '2026-01-06T08:00:00Z', '2026-07-05T07:00:00Z'),
      'admission-midnights',
      ['America/Los_Angeles'],
    ],
    [
      'admissions at the midnight of a place ahead of UTC',
      admitted('2026-01-05 18:30:00', '2026-01-06 18:30:00', '2026-07-05 18:30:00'),
      'admission-midnights',
      ['Asia/Kolkata'],
    ],
    [
      'admissions at the midnight of a place that is at UTC in winter',
      admitted('2026-07-05 23:00:00', '2026-07-06 23:00:00', '2026-07-07 23:00:00'),
      'admission-midnights',
      ['Europe/London'],
    ],
    [
      'admissions at midnight as written',
      admitted('2026-01-05 00:00:00', '2026-01-06 00:00:00', '2026-07-05 00:00:00'),
      null,
      [],
    ],
    [
      'admissions at true times',
      admitted('2026-01-05 05:00:00', '2026-01-06 14:15:00', '2026-07-05 09:30:00'),
      null,
      [],
    ],
    [
      'admissions at minutes that no offset has',
      admitted('2026-01-05 05:07:00', '2026-01-06 05:07:00', '2026-07-05 05:07:00'),
      null,
      [],
    ],
    ['too few admissions', admitted('2026-01-05 05:00:00', '2026-01-06 05:00:00'), null, []],
    [
      'dates of birth and death',
      [
        ['dob', '1961-01-05T10:00:00-05:00'],
        ['date_of_death', '2026-01-05T10:00:00-05:00'],
      ],
      null,
      [],
    ],
  ])('is found from %s', (_, dates, source, zones) => {
    const facts = zoneOf(dates);
    expect({ source: facts.source, zones: names(facts) }).toEqual({ source, zones });
  });

  it('is based on offsets of different instants, and on admissions at midnight', () => {
    const twice = updated('2026-01-05T10:00:00-05:00', '2026-01-05T10:00:00-05:00', '2026-07-05T10:00:00-04:00');
    const { offsets, values, admissions } = zoneOf([
      ...twice,
      ...admitted('2026-01-05 00:00:00', '2026-01-05 13:20:00'),
    ]);
    expect({ offsets, values, admissions }).toEqual({
      ...{ offsets: { '-04:00': 1, '-05:00': 1 }, values: 2 },
      admissions: { timed: 2, midnight: 1 },
    });
  });

  it.each<[string[], number | null]>([
    [[], null],
    [['America/New_York'], 2],
    [['UTC'], 0],
    [['America/New_York', 'America/Chicago'], 3],
  ])('comes with the number of values that fit one of the zones %j', (configured, fit) => {
    const dates = updated('2026-01-05T10:00:00-05:00', '2026-07-05T10:00:00-04:00', '2026-01-05T10:00:00-06:00');
    expect(zoneOf(dates, configured).fitConfigured).toBe(fit);
  });
});
