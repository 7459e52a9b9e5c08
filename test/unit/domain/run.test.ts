import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pullOutcomes } from '../../../domain/pull.ts';
import {
  countsAddUp,
  hasVanished,
  isListedByWindow,
  listingWindow,
  type RunMode,
  runMode,
  runWarning,
  usualListed,
  zeroCounts,
} from '../../../domain/run.ts';
import { addDays, addHours } from '../../../domain/time.ts';
import { instants, localDay, zoneOffsets } from '../../support/chartFixtures.ts';

const modes = fc.constantFrom<RunMode>('incremental', 'full');

describe('noCounts and addsUp', () => {
  it('start at zero, in a new object each time', () => {
    const counts = zeroCounts();
    counts.saved += 1;
    expect(Object.values(zeroCounts()).every((count) => count === 0)).toBe(true);
  });

  it('add up exactly if every due chart has one outcome', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pullOutcomes)), fc.constantFrom(...pullOutcomes), (ended, another) => {
        const counts = zeroCounts();
        for (const outcome of ended) {
          counts.due += 1;
          counts[outcome] += 1;
        }
        expect(countsAddUp(counts)).toBe(true);
        expect(countsAddUp({ ...counts, due: counts.due + 1 })).toBe(false);
        expect(countsAddUp({ ...counts, [another]: counts[another] + 1 })).toBe(false);
      }),
    );
  });

  it('ignore rows that were listed, refused or not due', () => {
    expect(countsAddUp({ ...zeroCounts(), listed: 50, refused: 2, kipuCalls: 3 })).toBe(true);
  });
});

describe('listingWindow', () => {
  const now = new Date('2026-02-03T00:30:00Z');

  it.each<[string, RunMode, string | null, number, string, string]>([
    ['the first run', 'full', null, 30, '2026-01-04', '2026-02-04'],
    ['an hour after the last', 'incremental', '2026-02-02T23:30:00Z', 30, '2026-02-01', '2026-02-04'],
    ['after three hours down', 'incremental', '2026-02-02T21:30:00Z', 30, '2026-02-01', '2026-02-04'],
    [
      'after weeks down, further than it looks back',
      'incremental',
      '2025-12-20T12:00:00Z',
      30,
      '2025-12-19',
      '2026-02-04',
    ],
    ['full', 'full', '2026-02-02T23:30:00Z', 30, '2026-01-04', '2026-02-04'],
    ['full, after longer than it looks back', 'full', '2025-12-20T12:00:00Z', 30, '2025-12-19', '2026-02-04'],
    ['over the change of clocks', 'incremental', '2025-11-02T06:30:00Z', 1, '2025-11-01', '2026-02-04'],
    ['a cursor from a clock that ran ahead', 'incremental', '2026-08-01T00:00:00Z', 30, '2026-01-04', '2026-02-04'],
    ['looking back no day at all', 'full', null, 0, '2026-02-02', '2026-02-04'],
  ])('%s', (_what, mode, cursor, lookBackDays, startDay, endDay) => {
    const from = cursor === null ? null : new Date(cursor);
    expect(listingWindow(mode, from, now, lookBackDays)).toEqual({ startDay, endDay });
  });

  it('contains every change between the cursor and now, in any time zone', () => {
    const minutes = fc.integer({ min: 0, max: 200 * 24 * 60 });
    fc.assert(
      fc.property(modes, instants, minutes, minutes, zoneOffsets, fc.nat(60), (mode, cursor, a, b, offset, back) => {
        const changedAt = new Date(cursor.getTime() + Math.min(a, b) * 60_000);
        const run = new Date(cursor.getTime() + Math.max(a, b) * 60_000);
        const window = listingWindow(mode, cursor, run, back);
        const day = localDay(changedAt, offset);
        expect(window.startDay <= day && day <= window.endDay).toBe(true);
      }),
    );
  });

  it('contains the current day of every time zone, even without a cursor or with an invalid one', () => {
    fc.assert(
      fc.property(modes, fc.option(instants), instants, zoneOffsets, fc.nat(60), (mode, cursor, run, offset, back) => {
        const window = listingWindow(mode, cursor, run, back);
        const today = localDay(run, offset);
        expect(window.startDay <= today && today <= window.endDay).toBe(true);
      }),
    );
  });

  it('has at least as many days for a full run as for an incremental one', () => {
    fc.assert(
      fc.property(fc.option(instants), instants, fc.nat(400), (cursor, run, back) => {
        const full = listingWindow('full', cursor, run, back);
        const incremental = listingWindow('incremental', cursor, run, back);
        expect(full.startDay <= incremental.startDay && full.endDay === incremental.endDay).toBe(true);
      }),
    );
  });
});

describe('isListedByWindow', () => {
  const window = { startDay: '2026-02-01', endDay: '2026-02-04' };

  it.each([
    ['no version', null, false],
    ['before', '2026-01-31', false],
    ['the first day', '2026-02-01', false],
    ['the first day, late', '2026-02-01T23:59:59.999Z', false],
    ['inside', '2026-02-02', true],
    ['inside, early', '2026-02-02T00:00:00.000Z', true],
    ['inside, a clock time', '2026-02-03T23:59:59', true],
    ['the last day', '2026-02-04', false],
    ['after', '2026-02-05T00:00:00', false],
  ])('%s', (_what, version, listed) => {
    expect(isListedByWindow(version, window)).toBe(listed);
  });

  it('is true only for a row whose day is in the window in every time zone', () => {
    const asked = fc.tuple(instants, fc.integer({ min: -120, max: 120 }));
    const forms = [
      (at: Date) => at.toISOString(),
      (at: Date, offset: number) => new Date(at.getTime() + offset).toISOString().slice(0, 19),
      localDay,
    ];
    fc.assert(
      fc.property(asked, zoneOffsets, fc.constantFrom(...forms), ([run, hours], offset, form) => {
        const asks = listingWindow('incremental', addDays(run, -2), run, 1);
        const changedAt = addHours(run, hours);
        fc.pre(isListedByWindow(form(changedAt, offset), asks));
        const day = localDay(changedAt, offset);
        expect(asks.startDay <= day && day <= asks.endDay).toBe(true);
      }),
    );
  });
});

describe('runMode', () => {
  const facts = {
    cursor: new Date('2026-02-03T11:00:00Z'),
    lastFullAt: new Date('2026-02-03T03:04:00Z'),
    fullRequestedAt: null,
    now: new Date('2026-02-03T12:00:00Z'),
    fullRunHour: 3,
  };
  const at = (text: string) => new Date(text);
  const lastNight = { lastFullAt: at('2026-02-02T03:10:00Z'), cursor: at('2026-02-03T02:00:00Z') };

  it.each<[string, Partial<Parameters<typeof runMode>[0]>, RunMode]>([
    ['full was done tonight', {}, 'incremental'],
    ['the first run', { cursor: null, lastFullAt: null }, 'full'],
    ['no full run completed yet', { lastFullAt: null }, 'full'],
    ['no cursor', { cursor: null }, 'full'],
    ['the last full one was last night', { lastFullAt: at('2026-02-02T03:10:00Z') }, 'full'],
    ['just before the hour', { ...lastNight, now: at('2026-02-03T02:59:59.999Z') }, 'incremental'],
    ['at the hour', { ...lastNight, now: at('2026-02-03T03:00:00Z') }, 'full'],
    ['full exactly at the hour', { lastFullAt: at('2026-02-03T03:00:00Z') }, 'incremental'],
    ['full shortly before the hour', { lastFullAt: at('2026-02-03T02:59:00Z') }, 'full'],
    ['asked for since', { fullRequestedAt: at('2026-02-03T11:59:00Z') }, 'full'],
    ['asked for while the last full run went on', { fullRequestedAt: at('2026-02-03T03:05:00Z') }, 'full'],
    ['asked for and done', { fullRequestedAt: at('2026-02-03T03:03:00Z') }, 'incremental'],
    ['midnight as the hour', { fullRunHour: 0, lastFullAt: at('2026-02-02T23:30:00Z') }, 'full'],
    ['a late hour not yet come today', { fullRunHour: 23, lastFullAt: at('2026-02-02T23:05:00Z') }, 'incremental'],
    ['down for a week', { cursor: at('2026-01-27T11:00:00Z'), lastFullAt: at('2026-01-27T03:00:00Z') }, 'full'],
    ['a clock that ran ahead at the last full run', { lastFullAt: at('2026-08-01T03:00:00Z') }, 'full'],
    ['a clock that ran ahead at the last run', { cursor: at('2026-08-01T03:00:00Z') }, 'full'],
  ])('%s', (_what, changes, mode) => {
    expect(runMode({ ...facts, ...changes })).toBe(mode);
  });

  it('leads to exactly one full run a night over hourly runs with jitter', () => {
    const jitters = fc.array(fc.integer({ min: 0, max: 600 }), { minLength: 24 * 5, maxLength: 24 * 5 });
    fc.assert(
      fc.property(instants, jitters, fc.integer({ min: 0, max: 23 }), (first, jitter, fullRunHour) => {
        const nights = new Map<number, number>();
        let lastFullAt: Date | null = null;
        let cursor: Date | null = null;
        for (const [hour, seconds] of jitter.entries()) {
          const now = new Date(addHours(first, hour).getTime() + seconds * 1000);
          const mode = runMode({ cursor, lastFullAt, fullRequestedAt: null, now, fullRunHour });
          const night = Math.floor(addHours(now, -fullRunHour).getTime() / 86_400_000);
          nights.set(night, (nights.get(night) ?? 0) + (mode === 'full' ? 1 : 0));
          if (mode === 'full') lastFullAt = now;
          cursor = now;
        }
        expect([...nights.values()].every((fulls) => fulls === 1)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('repeats a full run each hour until one completes', () => {
    const lastFullAt = at('2026-02-02T03:00:00Z');
    for (let hour = 3; hour < 24 + 3; hour += 1) {
      const now = addHours(at('2026-02-03T00:05:00Z'), hour);
      expect(runMode({ ...facts, cursor: addHours(now, -1), lastFullAt, now })).toBe('full');
    }
  });
});

describe('The moment itself', () => {
  const now = new Date('2026-02-03T12:00:00Z');
  const lastFullAt = new Date('2026-02-03T09:00:00Z');

  it('counts as a usable cursor', () => {
    expect(listingWindow('incremental', now, now, 30)).toEqual({ startDay: '2026-02-02', endDay: '2026-02-04' });
  });

  it.each<[string, Partial<Parameters<typeof runMode>[0]>, RunMode]>([
    ['a cursor', { cursor: now }, 'incremental'],
    ['a cursor a moment later', { cursor: new Date(now.getTime() + 1) }, 'full'],
    ['a full run', { lastFullAt: now }, 'incremental'],
    ['a full run a moment later', { lastFullAt: new Date(now.getTime() + 1) }, 'full'],
    ['no full run', { lastFullAt: null }, 'full'],
    ['a full run requested when the last one started', { fullRequestedAt: lastFullAt }, 'full'],
    [
      'a full run requested before the last one',
      { fullRequestedAt: new Date(lastFullAt.getTime() - 1) },
      'incremental',
    ],
    ['no request', { fullRequestedAt: null }, 'incremental'],
  ])('decides the mode by %s', (_, change, mode) => {
    const facts = { cursor: lastFullAt, lastFullAt, fullRequestedAt: null, now, fullRunHour: 8 };
    expect(runMode({ ...facts, ...change })).toBe(mode);
  });
});

describe('The usual number of charts', () => {
  const vanished = [runWarning('roster-vanished')];
  const other = [runWarning('no-locations')];

  it.each<[string, Parameters<typeof usualListed>[0], number | null]>([
    ['none without a full run', [], null],
    [
      'of the newest',
      [
        { listed: 9, warnings: other },
        { listed: 8, warnings: [] },
      ],
      9,
    ],
    [
      'of the newest that was not suspicious',
      [
        { listed: 1, warnings: vanished },
        { listed: 8, warnings: [] },
        { listed: 7, warnings: [] },
      ],
      8,
    ],
    [
      'of the oldest where all were',
      [
        { listed: 1, warnings: vanished },
        { listed: 2, warnings: vanished },
        { listed: 3, warnings: [...other, ...vanished] },
      ],
      3,
    ],
  ])('is %s', (_, runs, usual) => {
    expect(usualListed(runs)).toBe(usual);
  });

  it('is not missed where there is none', () => {
    expect([hasVanished(0, null), hasVanished(0, 0), hasVanished(0, 100), hasVanished(50, 100)]).toEqual([
      false,
      false,
      true,
      false,
    ]);
  });
});
