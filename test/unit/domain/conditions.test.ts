import { describe, expect, it } from 'vitest';
import {
  type Condition,
  type ConditionKind,
  conditionChanges,
  conditionKinds,
  type EndedRun,
  type KnownCondition,
  lateAfterMs,
  later,
  notInSettings,
  overText,
  recordsFailing,
  runsFailing,
  type ScheduleFacts,
  scheduleConditions,
} from '../../../domain/conditions.ts';
import { HOUR_MS, MINUTE_MS } from '../../../domain/time.ts';

const now = new Date('2026-05-04T12:00:00Z');
const ago = (hours: number) => new Date(now.getTime() - hours * HOUR_MS);

const completed: EndedRun = { status: 'completed', fault: null };
const running: EndedRun = { status: 'running', fault: null };
const incomplete: EndedRun = {
  status: 'incomplete',
  fault: { code: 'given-up', text: 'Some charts were not pulled.' },
};
const cancelled: EndedRun = { status: 'incomplete', fault: { code: 'cancelled', text: 'The sync was canceled.' } };
const terminated: EndedRun = { status: 'incomplete', fault: { code: 'terminated', text: 'It was terminated.' } };
const refused: EndedRun = { status: 'failed', fault: { code: 'authentication-failed', text: 'KIPU refuses the key.' } };
const unknownCode: EndedRun = { status: 'failed', fault: { code: 'of-another-version', text: 'Something.' } };

describe('runsFailing', () => {
  it.each<[string, EndedRun[], boolean, RegExp | null]>([
    ['no run', [], false, null],
    ['a completed run', [completed], false, null],
    ['one incomplete run', [incomplete, completed], false, null],
    ['one incomplete run, the first of all', [incomplete], false, null],
    [
      'two incomplete runs',
      [incomplete, incomplete, completed],
      false,
      /^the last 2 syncs did not finish\. Some charts/,
    ],
    ['two runs that were terminated', [terminated, terminated], false, /^the last 2 syncs/],
    ['an incomplete run and one in progress', [running, incomplete, completed], false, null],
    ['two incomplete runs and one in progress', [running, incomplete, incomplete], false, /^the last 2 syncs/],
    [
      'a refusal',
      [refused, completed],
      false,
      /^the last sync did not finish\. KIPU refuses the key\. Compare secretKey/,
    ],
    ['an unknown fault', [unknownCode, completed], false, null],
    ['unknown faults', [unknownCode, unknownCode], false, /tell your administrator/],
    ['canceled runs', [cancelled, cancelled, completed], false, null],
    [
      'canceled runs between incomplete ones',
      [cancelled, incomplete, cancelled, incomplete],
      false,
      /^the last 2 syncs/,
    ],
    ['one incomplete run, while people know of it', [incomplete, completed], true, /^the last sync/],
    ['a completed run, while people know of it', [completed, incomplete, incomplete], true, null],
    ['a canceled run, while people know of it', [cancelled, incomplete, completed], true, /^the last sync/],
  ])('%s', (_what, runs, isOpen, text) => {
    const expected = text && [{ kind: 'runs-failing', detail: null, text: expect.stringMatching(text) }];
    expect(runsFailing(runs, isOpen)).toEqual(expected ?? []);
  });
});

describe('recordsFailing', () => {
  const of = (...codes: string[]) => codes.map((code, at) => ({ record: `r-${at}`, code }));

  it.each<[string, string[], boolean, [string, string][]]>([
    ['no record', [], false, []],
    [
      'one',
      ['not-found'],
      false,
      [['not-found', '1 record has failed for a day or longer (not-found): r-0. This chart']],
    ],
    [
      'two',
      ['refused', 'refused'],
      false,
      [['refused', '2 records have failed for a day or longer (refused): r-0, r-1. ']],
    ],
    ['of many the first', Array(5).fill('refused'), false, [['refused', 'r-0, r-1, r-2 and others. ']]],
    ['more than were read', ['refused', 'refused'], true, [['refused', 'at least 2 records']]],
    ['what was given up because KIPU is down', ['given-up'], false, []],
    [
      'two codes',
      ['too-large', 'refused'],
      false,
      [
        ['refused', ': r-1. '],
        ['too-large', ': r-0. '],
      ],
    ],
  ])('%s', (_what, codes, more, expected) => {
    expect(recordsFailing(of(...codes), more)).toEqual(
      expected.map(([detail, text]) => ({ kind: 'records-failing', detail, text: expect.stringContaining(text) })),
    );
  });
});

describe('scheduleConditions', () => {
  const base: ScheduleFacts = {
    ...{ instance: 'north', schedule: 'active', createdAt: ago(900), missingSince: null, watchedSince: ago(48) },
    ...{ lastEndedAt: ago(1), runningSince: null, pausedAt: null, withinMs: 2 * HOUR_MS, now },
    zone: 'America/Denver',
  };

  it.each<[string, Partial<ScheduleFacts>, ConditionKind[], [ConditionKind, RegExp] | null]>([
    ['a run that ended in time', {}, [], null],
    ['a run that ended exactly in time', { lastEndedAt: ago(2) }, [], null],
    [
      'no run for hours',
      { lastEndedAt: ago(3) },
      [],
      ['late', /^no sync has ended since May 4, 3:00 AM MDT\. .*worker runs.*sync\/north/],
    ],
    ['no run for hours, one in progress', { lastEndedAt: ago(3), runningSince: ago(2.9) }, [], ['late', /worker/]],
    [
      'no run for hours, Temporal is away',
      { lastEndedAt: ago(3), schedule: 'unknown' },
      [],
      ['late', /Temporal does not answer/],
    ],
    ['a process that was just started', { lastEndedAt: ago(50), watchedSince: ago(0.2) }, [], null],
    [
      'a process that was just started, while people know',
      { lastEndedAt: ago(50), watchedSince: ago(0.2) },
      ['late'],
      ['late', /^no sync/],
    ],
    [
      'a process that just found no schedule, while people know',
      { schedule: 'none', missingSince: now },
      ['no-schedule'],
      ['no-schedule', /setup/],
    ],
    ['never a run', { lastEndedAt: null }, [], ['late', /^no sync has ended yet\./]],
    ['never a run of a new schedule', { lastEndedAt: null, createdAt: ago(1) }, [], null],
    [
      'never a run, Temporal was away from the start',
      { lastEndedAt: null, createdAt: null, schedule: 'unknown' },
      [],
      ['late', /does not answer/],
    ],
    ['a schedule that was created again', { lastEndedAt: ago(9), createdAt: ago(1) }, [], null],
    ['a first run that takes hours', { lastEndedAt: null, runningSince: ago(9) }, [], null],
    ['a first run that takes more than a day', { lastEndedAt: null, runningSince: ago(25) }, [], ['late', /yet/]],
    ['a pause for a short time', { schedule: 'paused' }, [], null],
    [
      'a pause for hours',
      { schedule: 'paused', lastEndedAt: ago(3) },
      [],
      ['paused', /^the schedule was paused by hand, and no sync .*schedule resume north/],
    ],
    [
      'a pause for hours, at the start',
      { schedule: 'paused', lastEndedAt: ago(3), watchedSince: now },
      [],
      ['paused', /paused/],
    ],
    ['a known pause, Temporal is away', { schedule: 'unknown', lastEndedAt: ago(3) }, ['paused'], ['paused', /paused/]],
    ['a known pause that is over', { pausedAt: ago(1), lastEndedAt: ago(9) }, ['paused'], null],
    ['a pause that was over hours ago', { pausedAt: ago(2.5), lastEndedAt: ago(9) }, [], ['late', /worker/]],
    ['no schedule for a moment', { schedule: 'none', missingSince: ago(0.1) }, [], null],
    ['no schedule', { schedule: 'none', missingSince: ago(1) }, [], ['no-schedule', /kipu-referrals setup/]],
  ])('%s', (_what, change, open, expected) => {
    const found = scheduleConditions({ ...base, ...change }, open);
    expect(found).toEqual(
      expected === null ? [] : [{ kind: expected[0], detail: null, text: expect.stringMatching(expected[1]) }],
    );
  });

  it.each([
    [90, 60, 90],
    [90, 1_440, 1_470],
    [10, 15, 45],
  ])('allows %i fresh minutes and an interval of %i minutes: %i minutes', (fresh, every, minutes) => {
    expect(lateAfterMs(fresh * MINUTE_MS, every)).toBe(minutes * MINUTE_MS);
  });
});

describe('conditionChanges', () => {
  const late: Condition = { kind: 'late', detail: null, text: 'late.' };
  const failing: Condition = { kind: 'records-failing', detail: 'refused', text: 'refused.' };
  const known = (change: Partial<KnownCondition> = {}): KnownCondition => ({
    ...{ kind: 'late', detail: null, number: 4, returned: false, lastSeenAt: ago(1), endedAt: null, ...change },
  });
  const names = (all: readonly { kind: string; number: number }[]) =>
    all.map(({ kind, number }) => `${kind} ${number}`);

  it.each<[string, Condition[], KnownCondition[], ConditionKind[], string[][]]>([
    ['begins', [late], [], ['late'], [['late 1'], [], []]],
    ['is still there', [late], [known()], ['late'], [[], ['late 4'], []]],
    ['is over', [], [known()], ['late'], [[], [], ['late 4']]],
    ['was over long ago', [], [known({ endedAt: ago(30) })], ['late'], [[], [], []]],
    ['is not judged', [], [known()], ['paused'], [[], [], []]],
    ['begins again', [late], [known({ endedAt: ago(30) })], ['late'], [['late 5'], [], []]],
    ['returned, and is away for an hour', [], [known({ returned: true })], ['late'], [[], [], []]],
    [
      'returned, and is away for a day',
      [],
      [known({ returned: true, lastSeenAt: ago(24) })],
      ['late'],
      [[], [], ['late 4']],
    ],
    [
      'has another detail',
      [failing],
      [known({ kind: 'records-failing', detail: 'too-large' })],
      ['records-failing'],
      [['records-failing 1'], [], ['records-failing 4']],
    ],
  ])('a condition %s', (_what, present, all, judged, [begun, seen, over]) => {
    const changes = conditionChanges(judged, present, all, now);
    expect([names(changes.begun), names(changes.seen), names(changes.over)]).toEqual([begun, seen, over]);
  });

  it.each([
    ['a day after it was over', 24, false],
    ['within a day', 23, true],
  ])('marks one that comes back %s', (_what, hours, returned) => {
    const { begun } = conditionChanges(['late'], [late], [known({ endedAt: ago(hours) })], now);
    expect(begun).toMatchObject([{ returned }]);
  });
});

describe('The texts', () => {
  it.each(conditionKinds)('say that %s is over', (kind) => {
    expect(overText({ kind, detail: 'refused' })).toMatch(/^[A-Z].*\.$/);
  });

  it.each([
    [true, /so its schedule was paused\. Delete the schedule sync\/north/],
    [false, /still starts syncs, which fail\. Run kipu-referrals setup/],
  ])('say what to do about a removed instance (paused: %s)', (paused, text) => {
    expect(notInSettings('north', paused).text).toMatch(text);
  });
});

describe('A run without a fault that did not complete', () => {
  it('is said to have stopped, in a whole sentence', () => {
    const silent: EndedRun = { status: 'incomplete', fault: null };
    const [{ text } = { text: '' }] = runsFailing([silent, silent], false);
    expect(text).toMatch(/^the last 2 syncs did not finish\. The sync did not finish\. [A-Z]/);
    const noPeriod: EndedRun = { status: 'failed', fault: { code: 'unexpected', text: 'It broke' } };
    expect(runsFailing([noPeriod, noPeriod], false)[0]?.text).toContain('finish. It broke. ');
    expect(runsFailing([incomplete, incomplete], false)[0]?.text).not.toContain('..');
  });
});

describe('The number of an occurrence', () => {
  const one: Condition = { kind: 'late', detail: null, text: 'x' };
  const past = (number: number, hours: number): KnownCondition => ({
    ...{ kind: 'late', detail: null, number, returned: false, lastSeenAt: ago(hours), endedAt: ago(hours) },
  });

  it('follows the highest, in whatever order they are known', () => {
    const orders = [
      [past(2, 9), past(1, 20)],
      [past(1, 20), past(2, 9)],
    ];
    for (const known of orders) expect(conditionChanges(['late'], [one], known, now).begun[0]?.number).toBe(3);
  });
});

describe('Three records', () => {
  const of = (n: number) => Array.from({ length: n }, (_, at) => ({ record: `r-${at}`, code: 'refused' }));
  it('are all named, and a fourth is not', () => {
    expect(recordsFailing(of(3), false)[0]?.text).toContain(': r-0, r-1, r-2. ');
    expect(recordsFailing(of(4), false)[0]?.text).toContain(': r-0, r-1, r-2 and others. ');
  });
});

describe('later', () => {
  const [early, late] = [ago(2), ago(1)];
  it.each<[Date, Date | null, Date]>([
    [early, null, early],
    [early, late, late],
    [late, early, late],
  ])('of %s and %s is %s', (first, other, wanted) => {
    expect(later(first, other)).toBe(wanted);
  });
});

describe('An instance that the settings do not have', () => {
  it.each([true, false])('is named as that kind, in whole sentences (paused: %j)', (paused) => {
    const { kind, detail, text } = notInSettings('north', paused);
    expect([kind, detail]).toEqual(['not-in-settings', null]);
    expect(text).toMatch(/^the settings no longer have this instance, (so|but) its schedule/);
  });
});

describe('The limits of time', () => {
  const facts: ScheduleFacts = {
    ...{ instance: 'north', schedule: 'active', createdAt: ago(900), missingSince: null, watchedSince: ago(900) },
    ...{ lastEndedAt: null, runningSince: null, pausedAt: null, withinMs: HOUR_MS, zone: 'UTC', now },
  };
  const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * MINUTE_MS);

  it.each<[string, Partial<ScheduleFacts>, ConditionKind[]]>([
    ['a schedule missing for less than ten minutes', { schedule: 'none', missingSince: minutesAgo(9.99) }, []],
    ['a schedule missing for ten minutes', { schedule: 'none', missingSince: minutesAgo(10) }, ['no-schedule']],
    ['a schedule that is missing from now on', { schedule: 'none', missingSince: null }, []],
    ['a process started less than a quarter of an hour ago', { watchedSince: minutesAgo(14.99) }, []],
    ['a process started a quarter of an hour ago', { watchedSince: minutesAgo(15) }, ['late']],
    ['a first run of less than a day', { runningSince: minutesAgo(24 * 60 - 1) }, []],
    ['a first run of a day', { runningSince: minutesAgo(24 * 60) }, ['late']],
  ])('%s', (_, change, kinds) => {
    expect(scheduleConditions({ ...facts, ...change }, []).map(({ kind }) => kind)).toEqual(kinds);
  });
});
