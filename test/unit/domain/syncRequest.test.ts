import { describe, expect, it } from 'vitest';
import { confirmation, type SyncNews, syncNews, syncOutcomes } from '../../../domain/syncRequest.ts';

const requested = new Date('2026-11-24T22:00:00Z');
const after = (seconds: number) => new Date(requested.getTime() + seconds * 1_000);

describe('A request that Temporal did not confirm', () => {
  const idle = { lastRunAt: null, runningNow: 0 };
  it.each([
    ['is open while Temporal does not answer', null, null, 900, 'unknown'],
    ['is open for a minute after it answers: the request may be under way', idle, 900, 959, 'unknown'],
    ['did not start a run if none started in that minute', idle, 900, 960, 'not-started'],
    ['started a run that began after it', { lastRunAt: after(1), runningNow: 1 }, 5, 5, 'started'],
    ['started a run that began with it and has ended', { lastRunAt: after(0), runningNow: 0 }, 5, 5, 'started'],
    [
      'started a run that began a moment before it by another clock',
      { lastRunAt: after(-5), runningNow: 0 },
      5,
      5,
      'started',
    ],
    ['waits behind the run in progress', { lastRunAt: after(-60), runningNow: 1 }, 5, 3_600, 'unknown'],
    ['did not start an earlier run', { lastRunAt: after(-60), runningNow: 0 }, 5, 65, 'not-started'],
  ] as const)('%s', (_what, answer, since, now, expected) => {
    expect(confirmation(requested, answer, since === null ? null : after(since), after(now))).toBe(expected);
  });
});

describe('The page says of a request', () => {
  const { sent, sentFull, unconfirmed, started, notStarted, noSchedule } = syncOutcomes;
  it.each<[string, string, number | null, number, SyncNews]>([
    ['that was sent: it starts', sent, null, 60, 'starting'],
    ['that was sent in full: it starts', sentFull, null, 60, 'starting'],
    ['that was sent a while ago: nothing', sent, null, 61, null],
    ['whose run started: nothing, the run is shown', sent, 0, 5, null],
    ['after an earlier run: it starts', sent, -1, 5, 'starting'],
    ['without an answer: it is checked', unconfirmed, null, 1_800, 'checking'],
    ['without an answer, long ago: nothing', unconfirmed, null, 1_801, null],
    ['without an answer, but with a run: it started', unconfirmed, 3, 60, 'started'],
    ['without an answer, but with a run, five minutes ago: it started', unconfirmed, 3, 300, 'started'],
    ['without an answer, but with a run, a while ago: nothing', unconfirmed, 3, 301, null],
    ['confirmed: it started', started, null, 300, 'started'],
    ['confirmed a while ago: nothing', started, null, 301, null],
    ['that did not start: so', notStarted, null, 300, 'not-started'],
    ['that did not start, a while ago: nothing', notStarted, null, 301, null],
    ['without a schedule: so', noSchedule, null, 300, 'no-schedule'],
    ['without a schedule, a while ago: nothing', noSchedule, null, 301, null],
    ['of an earlier version: nothing', 'not sent: Temporal does not answer', null, 1, null],
  ])('%s', (_what, outcome, runAt, age, expected) => {
    expect(syncNews({ outcome, at: requested }, runAt === null ? null : after(runAt), after(age))).toBe(expected);
  });

  it('that was never made nothing', () => {
    expect(syncNews(undefined, requested, requested)).toBeNull();
  });
});

describe('A request is unknown', () => {
  const answer = { lastRunAt: null, runningNow: 0 };
  it.each([
    ['while Temporal does not answer', null, requested],
    ['while nobody knows since when Temporal answers', answer, null],
    ['without either', null, null],
  ])('%s', (_, from, since) => {
    expect(confirmation(requested, from, since, after(100_000))).toBe('unknown');
  });
});
