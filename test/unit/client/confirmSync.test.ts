import { type Client, ScheduleNotFoundError } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { confirmSync } from '../../../client/confirmSync.ts';
import type { AuditEvent } from '../../../store/auditEvents.ts';

const requested = new Date('2026-11-24T22:00:00Z');
const viewer = { who: 'rvale', from: '192.0.2.7' };
const away = new Error('away');
const noSchedule = new ScheduleNotFoundError('none', 'sync/north');

/** What Temporal answers, in turn; the last one again and again. `audit` rejects so many times. */
async function check(answers: readonly (Error | Date | null)[], { auditFails = 0, turns = 100 } = {}) {
  const events: AuditEvent[] = [];
  const abort = new AbortController();
  let [turn, failures, at] = [0, 0, requested];
  const describeNow = async () => {
    const answer = answers[Math.min(turn, answers.length - 1)] ?? null;
    turn += 1;
    if (turn >= turns) abort.abort();
    if (answer instanceof Error) throw answer;
    const recentActions = answer === null ? [] : [{ takenAt: answer }];
    const info = { createdAt: requested, nextActionTimes: [], recentActions, runningActions: [] };
    return { scheduleId: 'sync/north', spec: {}, state: { paused: false }, info };
  };
  const client = {
    connection: { withDeadline: (_: number, call: () => Promise<unknown>) => call() },
    schedule: { getHandle: () => ({ describe: describeNow }) },
  };
  const store = {
    auditEvents: {
      add: async (event: AuditEvent) => {
        failures += 1;
        if (failures <= auditFails) throw away;
        events.push(event);
      },
    },
  };
  const options = {
    ...{ client: client as unknown as Client, store: store as never, viewer, now: () => at },
    pause: async (ms: number) => {
      at = new Date(at.getTime() + ms);
    },
  };
  await confirmSync('north', requested, options, abort.signal);
  return { outcomes: events.map(({ outcome }) => outcome), events, turn };
}

describe('An unconfirmed request for a sync', () => {
  it('is audited as started, once Temporal answers that a run started after it', async () => {
    const { events, turn } = await check([away, away, null, new Date(requested.getTime() + 2_000)]);
    expect(events).toMatchObject([
      { ...viewer, what: 'sync-requested', instance: 'north', record: null, outcome: 'confirmed: a run started' },
    ]);
    expect(turn).toBe(4);
  });

  it.each([
    ['no run started', [away, null]],
    ['the schedule is gone', [noSchedule]],
  ])('is audited as not started when Temporal has answered for a minute that %s', async (_what, answers) => {
    expect((await check(answers)).outcomes).toEqual(['confirmed: no run started']);
  });

  it('begins the minute again when Temporal stops answering', async () => {
    const answers = [...Array(15).fill(null), away, null];
    const { outcomes, turn } = await check(answers);
    expect(outcomes).toEqual(['confirmed: no run started']);
    expect(turn).toBe(16 + 21);
  });

  it('is not audited while nothing is known, and ends when the process stops', async () => {
    expect(await check([away], { turns: 30 })).toMatchObject({ outcomes: [], turn: 30 });
  });

  it('is given up after a day', async () => {
    expect(await check([away], { turns: 1e9 })).toMatchObject({ outcomes: [], turn: 28_800 });
  });

  it('is audited later if MongoDB is away too', async () => {
    const started = new Date(requested.getTime() + 1_000);
    expect((await check([started], { auditFails: 2 })).outcomes).toEqual(['confirmed: a run started']);
  });
});
