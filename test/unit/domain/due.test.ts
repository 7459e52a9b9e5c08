import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  behindList,
  dueReason,
  type Freshness,
  isChanged,
  isUnknownChart,
  lookAgainAt,
  retryAfterFailure,
  retryAfterRefusal,
  retryBehindList,
} from '../../../domain/due.ts';
import { addHours } from '../../../domain/time.ts';
import { instants, localDay, zoneOffsets } from '../../support/chartFixtures.ts';

const now = new Date('2026-02-03T12:00:00Z');
const VERSION = '2026-02-03T10:00:00.000Z';
const pulled: Freshness = {
  pulledVersion: VERSION,
  chartVersion: VERSION,
  pulledAt: new Date('2026-02-03T11:00:00Z'),
  pending: false,
  retryAt: null,
  held: false,
};

describe('dueReason', () => {
  it.each<[string, Partial<Freshness> | null, string | null, string | null]>([
    ['never seen', null, VERSION, 'new'],
    ['never seen, without a version', null, null, 'new'],
    [
      'seen but never pulled',
      { pulledVersion: null, chartVersion: null, pulledAt: null, pending: true },
      VERSION,
      'changed',
    ],
    ['pulled at a webhook before it was listed', { pulledVersion: '2026-02-01T07:00:00' }, VERSION, null],
    ['same version', {}, VERSION, null],
    ['newer version', {}, '2026-02-03T10:00:00.001Z', 'changed'],
    ['older version', {}, '2026-01-01T00:00:00.000Z', 'changed'],
    ['same instant in another form', {}, '2026-02-03T10:00:00', 'changed'],
    ['no version', {}, null, 'changed'],
    ['owed at once', { pending: true }, VERSION, 'owed'],
    ['owed, its time just come', { pending: true, retryAt: now }, VERSION, 'owed'],
    ['owed later', { pending: true, retryAt: addHours(now, 1) }, VERSION, null],
    ['owed later, but changed', { pending: true, retryAt: addHours(now, 1) }, '2026-02-03T11:30:00.000Z', 'changed'],
    ['a time to retry, but nothing owed', { retryAt: addHours(now, -1) }, VERSION, null],
    ['held', { held: true }, VERSION, null],
    ['held, changed and owed', { held: true, pending: true }, '2026-02-03T11:30:00.000Z', null],
  ])('%s', (_what, changes, listed, reason) => {
    expect(dueReason(changes === null ? null : { ...pulled, ...changes }, listed, now)).toBe(reason);
  });

  it.each<[string, Partial<Freshness>, string | null, string | null]>([
    ['a day, and pulled since', days('2026-02-03'), '2026-02-03', null],
    ['a day, and still owed', { ...days('2026-02-03'), pending: true }, '2026-02-03', 'changed'],
    ['a day, pulled by a webhook for another one', { ...days('2026-02-03'), pulledVersion: null }, '2026-02-03', null],
    ['a later day', days('2026-02-02'), '2026-02-03', 'changed'],
    ['no version, and pulled since', {}, null, null],
    ['no version, and still owed', { pending: true }, null, 'changed'],
    ['no version, and failed since', { pending: true, retryAt: addHours(now, 1) }, null, 'changed'],
    ['another version', {}, '2026-02-03T11:30:00.000Z', 'changed'],
    ['the version of before its deletion', { pulledVersion: null, chartVersion: null }, VERSION, 'changed'],
    ['held', { held: true, pending: true }, null, null],
  ])('of a chart that the run listed before: %s', (_what, changes, listed, reason) => {
    expect(dueReason({ ...pulled, ...changes }, listed, now, true)).toBe(reason);
  });

  function days(version: string): Partial<Freshness> {
    return { pulledVersion: version, chartVersion: version };
  }

  const versions = fc.option(
    fc.oneof(
      instants.map((at) => at.toISOString()),
      instants.map((at) => at.toISOString().slice(0, 19)),
      instants.map((at) => at.toISOString().slice(0, 10)),
    ),
  );
  const records: fc.Arbitrary<Freshness> = fc.record({
    pulledVersion: versions,
    chartVersion: fc.constant(null),
    pulledAt: fc.option(instants),
    pending: fc.boolean(),
    retryAt: fc.option(instants),
    held: fc.boolean(),
  });

  it('is null for a held record, and set for one that is new or was never pulled', () => {
    fc.assert(
      fc.property(records, versions, instants, (record, listed, at) => {
        expect(dueReason({ ...record, held: true }, listed, at)).toBeNull();
        expect(dueReason(null, listed, at)).toBe('new');
        expect(dueReason({ ...record, held: false, pulledVersion: null, pulledAt: null }, listed, at)).toBe('changed');
      }),
    );
  });

  it('is set for another version, whatever is owed or waits', () => {
    fc.assert(
      fc.property(records, versions, instants, (record, listed, at) => {
        fc.pre(listed !== record.pulledVersion);
        expect(dueReason({ ...record, held: false }, listed, at)).toBe('changed');
      }),
    );
  });

  it('is set for an owed record in the end', () => {
    fc.assert(
      fc.property(records, versions, instants, (record, listed, at) => {
        const open = { ...record, held: false, pending: true };
        const later = record.retryAt !== null && record.retryAt > at ? record.retryAt : at;
        expect(dueReason(open, listed, later)).not.toBeNull();
      }),
    );
  });
});

describe('isChanged', () => {
  it.each([
    ['pulled on that day', '2026-02-03T23:59:59Z', true],
    ['pulled the day after, when it is still that day in the west', '2026-02-04T11:59:59Z', true],
    ['pulled a moment before two days are over', '2026-02-04T23:59:59.999Z', true],
    ['pulled when that day is over everywhere', '2026-02-05T00:00:00Z', false],
  ])('for a version of day precision, %s: %s', (_what, pulledAt, changed) => {
    expect(
      isChanged({ chartVersion: null, pulledVersion: '2026-02-03', pulledAt: new Date(pulledAt) }, '2026-02-03'),
    ).toBe(changed);
  });

  it('is true for a version of day precision if the pull has no time', () => {
    expect(isChanged({ chartVersion: null, pulledVersion: '2026-02-03', pulledAt: null }, '2026-02-03')).toBe(true);
  });

  it.each(['2026-02-03T10:00:00', VERSION])('for a version with a time of day: %s', (version) => {
    expect(
      isChanged({ chartVersion: null, pulledVersion: version, pulledAt: new Date('2026-02-03T10:00:05Z') }, version),
    ).toBe(false);
  });

  it('never misses a change after a pull, in any time zone, if versions are days', () => {
    const times = fc.tuple(instants, fc.integer({ min: 0, max: 96 * 60 }), fc.integer({ min: 1, max: 72 * 60 }));
    fc.assert(
      fc.property(times, zoneOffsets, ([first, toPull, toChange], offset) => {
        const pulledAt = new Date(first.getTime() + toPull * 60_000);
        const changedAt = new Date(pulledAt.getTime() + toChange * 60_000);
        const record = { chartVersion: null, pulledVersion: localDay(first, offset), pulledAt };
        expect(isChanged(record, localDay(changedAt, offset))).toBe(true);
      }),
    );
  });

  it('ends if versions are days: with hourly pulls, an unchanged chart is due for two and a half days at most', () => {
    fc.assert(
      fc.property(instants, zoneOffsets, (changedAt, offset) => {
        const version = localDay(changedAt, offset);
        expect(
          isChanged({ chartVersion: null, pulledVersion: version, pulledAt: addHours(changedAt, 62) }, version),
        ).toBe(false);
      }),
    );
  });
});

describe('retryAfterFailure', () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 4],
    [4, 8],
    [5, 16],
    [6, 24],
    [7, 24],
    [10_000, 24],
    [0, 1],
    [-3, 1],
  ])('after %d failures waits for the run of %d hours later', (failures, hours) => {
    const at = retryAfterFailure(failures, now);
    expect(at <= addHours(now, hours)).toBe(true);
    expect(at > addHours(now, hours - 1)).toBe(true);
  });

  it('never waits less than after fewer failures, and always less than a day', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), instants, (failures, at) => {
        const next = retryAfterFailure(failures, at);
        expect(next <= retryAfterFailure(failures + 1, at)).toBe(true);
        expect(next > at && next < addHours(at, 24)).toBe(true);
      }),
    );
  });
});

describe('behindList', () => {
  it.each<[string, string | null, string | null, number | null]>([
    ['the same version', VERSION, VERSION, null],
    ['a newer version', VERSION, '2026-02-03T10:00:00.001Z', null],
    ['an older version', VERSION, '2026-02-03T09:59:59.999Z', 1],
    ['an older clock time', '2026-02-03T10:00:00', '2026-02-03T09:00:00', 1],
    ['an older day', '2026-02-03', '2026-02-02', 1],
    ['an older version in another form', VERSION, '2026-02-01', null],
    ['no version', VERSION, null, null],
    ['a version without a listed one', null, VERSION, null],
  ])('counts a chart that shows %s', (_what, listed, shown, times) => {
    expect(behindList(listed, shown, null)?.times ?? null).toBe(times);
  });

  it('counts on for the same listed version, and from 1 for another one', () => {
    const older = '2026-02-01T00:00:00.000Z';
    expect(behindList(VERSION, older, { version: VERSION, times: 3 })).toEqual({ version: VERSION, times: 4 });
    expect(behindList(VERSION, older, { version: older, times: 3 })).toEqual({ version: VERSION, times: 1 });
  });

  it('has the chart pulled again within the hour, four times', () => {
    const waits = [1, 2, 3, 4, 5, 6].map((times) => retryBehindList({ version: VERSION, times }, now));
    expect(waits.filter((at) => at !== null && at > now && at < addHours(now, 1))).toHaveLength(4);
    expect(waits.slice(4)).toEqual([null, null]);
  });
});

describe('retryAfterRefusal', () => {
  it('has the next three runs try again, and then waits longer each time', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7].map((times) => retryAfterRefusal(times, now));
    expect(waits.slice(0, 3)).toEqual([null, null, null]);
    expect(waits.slice(3)).toEqual([4, 5, 6, 7].map((times) => retryAfterFailure(times, now)));
  });
});

describe('isUnknownChart', () => {
  const announced = { listedVersion: null, chartVersion: null, hold: null, unlocked: null };

  it.each<[string, Partial<Record<keyof typeof announced, unknown>>, number, boolean]>([
    ['only announced, not found twice', {}, 2, false],
    ['only announced, not found three times', {}, 3, true],
    ['listed', { listedVersion: VERSION }, 9, false],
    ['read before', { chartVersion: VERSION }, 9, false],
    ['held', { hold: {} }, 9, false],
    ['unlocked by staff', { unlocked: {} }, 9, false],
  ])('of a record that is %s', (_, facts, notFound, unknown) => {
    expect(isUnknownChart({ ...announced, ...facts } as typeof announced, notFound)).toBe(unknown);
  });
});

describe('lookAgainAt', () => {
  const inDays = (days: number, ms = 0) => new Date(now.getTime() + days * 86_400_000 + ms);

  it.each<[string, Date | null, Date | null]>([
    ['no discharge', null, null],
    ['a discharge that came', inDays(-1), null],
    ['a discharge at this moment', now, null],
    ['the next moment', inDays(0, 1), inDays(0, 1)],
    ['a discharge within 60 days', inDays(59), inDays(59)],
    ['a discharge in exactly 60 days', inDays(60), inDays(60)],
    ['a discharge after 60 days: looked at again then', inDays(60, 1), inDays(60)],
    ['a typing error of decades', inDays(20_000), inDays(60)],
  ])('%s', (_, at, again) => {
    expect(lookAgainAt(at, now)).toEqual(again);
  });
});
