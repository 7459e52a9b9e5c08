import { describe, expect, it } from 'vitest';
import type { RowsTrust } from '../../../domain/listing.ts';
import {
  differingFields,
  isComparisonDue,
  mostTellingFirst,
  type RowsCarryChart,
  rowsTrust,
} from '../../../domain/rowCharts.ts';
import type { RunMode } from '../../../domain/run.ts';
import { addDays, addHours } from '../../../domain/time.ts';
import { aChart } from '../../support/chartFixtures.ts';

const now = new Date('2026-02-03T10:00:00Z');
const sound: RowsCarryChart = { value: true, seenAt: now, pages: 3, comparedAt: addHours(now, -1), differs: null };
const differing = (daysAgo: number): RowsCarryChart => ({
  ...sound,
  differs: { at: addDays(now, -daysAgo), fields: ['destination'] },
});

describe('rowsTrust', () => {
  it.each<[string, RowsCarryChart | null, RunMode, number | null, RowsTrust]>([
    ['never seen, full', null, 'full', null, 'try'],
    ['never seen, incremental', null, 'incremental', null, 'no'],
    ['seen with charts, full', sound, 'full', null, 'use'],
    ['seen with charts, incremental', sound, 'incremental', null, 'use'],
    ['seen without charts, full', { ...sound, value: false }, 'full', null, 'try'],
    ['seen without charts, incremental', { ...sound, value: false }, 'incremental', null, 'no'],
    ['differed yesterday, full', differing(1), 'full', null, 'no'],
    ['differed yesterday, and somebody asked for a full run since', differing(1), 'full', 0, 'try'],
    ['differed yesterday, and somebody asked before that', differing(1), 'full', 2, 'no'],
    ['differed a week ago, full', differing(7), 'full', null, 'try'],
    ['differed a week ago, incremental', differing(7), 'incremental', null, 'no'],
  ])('%s', (_, known, mode, askedDaysAgo, trust) => {
    const fullRequestedAt = askedDaysAgo === null ? null : addDays(now, -askedDaysAgo);
    expect(rowsTrust(known, { mode, fullRequestedAt, now })).toBe(trust);
  });
});

describe('isComparisonDue', () => {
  it.each<[string, RowsCarryChart | null, boolean]>([
    ['nothing known', null, true],
    ['never compared', { ...sound, comparedAt: null }, true],
    ['compared an hour ago', sound, false],
    ['compared a day ago', { ...sound, comparedAt: addHours(now, -24) }, true],
    ['compared in the future, by a clock that was wrong', { ...sound, comparedAt: addHours(now, 5) }, true],
    ['differed when it was compared', differing(0), true],
  ])('%s', (_, known, due) => {
    expect(isComparisonDue(known, now)).toBe(due);
  });
});

describe('differingFields', () => {
  const chart = aChart({ lastUpdatedAt: '2026-02-01', destination: 'Amber Ridge', nextLevelOfCare: null });

  it.each([
    ['equal', chart, []],
    ['another destination', { ...chart, destination: 'Copper Vale' }, ['destination']],
    ['two fields', { ...chart, nextLevelOfCare: 'IOP', dob: null }, ['dob', 'nextLevelOfCare']],
    ['another version: edited between the requests', { ...chart, lastUpdatedAt: '2026-02-02', dob: null }, null],
  ])('%s', (_, row, fields) => {
    expect(differingFields(row, chart)).toEqual(fields);
  });
});

it('compares first the row that is most likely an old copy', () => {
  const row = (name: string, destination: string | null, sameAsBefore: boolean) => ({
    ...{ name, sameAsBefore, chart: aChart({ destination }) },
  });
  const rows = [row('d', null, false), row('c', 'A', false), row('b', null, true), row('a', 'A', true)];
  expect(mostTellingFirst(rows).map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
});
