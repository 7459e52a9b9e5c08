import { describe, expect, it } from 'vitest';
import { chanceOf } from '../../../dev/stand-in/world/random.ts';
import {
  type Condition,
  type ConditionKind,
  conditionChanges,
  conditionKey,
  type EndedRun,
  type KnownCondition,
  RECORDS_FAILING_MS,
  recordsFailing,
  runsFailing,
  type ScheduleFacts,
  scheduleConditions,
} from '../../../domain/conditions.ts';
import { HOUR_MS, MINUTE_MS } from '../../../domain/time.ts';

/* A year of an instance: runs every hour, two processes that check and are restarted now and then, and one trouble in every four days. */

const SEEDS = [1, 2, 3];
const START = Date.parse('2026-01-01T00:00:00Z');
const SLOT = 96 * HOUR_MS;
const SLOTS = 91;
const STEP = 5 * MINUTE_MS;
const WITHIN = 2 * HOUR_MS;

type Kind =
  | 'nothing'
  | 'one failed run'
  | 'wrong key'
  | 'KIPU down'
  | 'no worker'
  | 'short pause'
  | 'long pause'
  | 'Temporal down'
  | 'record fails'
  | 'record fails for hours'
  | 'schedule deleted'
  | 'refused every other hour'
  | 'everything off';

/** How long each trouble lasts, in hours, and what people are notified of. */
const troubles: Record<Kind, { hours: [number, number]; notices: string[] }> = {
  nothing: { hours: [1, 1], notices: [] },
  'one failed run': { hours: [1, 1], notices: [] },
  'wrong key': { hours: [1, 40], notices: ['runs-failing', 'runs-failing over'] },
  'KIPU down': { hours: [3, 40], notices: ['runs-failing', 'runs-failing over'] },
  'no worker': { hours: [4, 40], notices: ['late', 'late over'] },
  'short pause': { hours: [1, 1], notices: [] },
  'long pause': { hours: [4, 40], notices: ['paused', 'paused over'] },
  'Temporal down': { hours: [4, 40], notices: ['late', 'late over'] },
  'record fails': { hours: [26, 47], notices: ['records-failing/refused', 'records-failing/refused over'] },
  'record fails for hours': { hours: [1, 22], notices: [] },
  'schedule deleted': { hours: [1, 40], notices: ['no-schedule', 'no-schedule over'] },
  // After it came back within a day it is open until a day without it.
  'refused every other hour': {
    hours: [6, 40],
    notices: ['runs-failing', 'runs-failing over', 'runs-failing', 'runs-failing over'],
  },
  'everything off': { hours: [3, 40], notices: [] },
};
const kinds = Object.keys(troubles) as Kind[];

/** The notices as the store has them: the first process that stores one sends it. */
function noticeStore() {
  const known = new Map<string, KnownCondition>();
  const sent: { at: number; text: string }[] = [];
  return {
    sent,
    open: () => [...known.values()].filter(({ endedAt }) => endedAt === null).map(({ kind }) => kind),
    endOf: (kind: ConditionKind) => known.get(kind)?.endedAt?.getTime() ?? NaN,
    judge(judged: readonly ConditionKind[], present: readonly Condition[], at: number): void {
      const { begun, seen, over } = conditionChanges(judged, present, [...known.values()], new Date(at));
      for (const one of begun) {
        known.set(conditionKey(one), { ...one, lastSeenAt: new Date(at), endedAt: null });
        sent.push({ at, text: conditionKey(one) });
      }
      for (const one of seen) one.lastSeenAt = new Date(at);
      for (const one of over) {
        one.endedAt = new Date(at);
        sent.push({ at, text: `${conditionKey(one)} over` });
      }
    },
  };
}

/** Plays one year. Returns the trouble of each four days and what was sent in them. */
function play(seed: number): { kind: Kind; sent: string[] }[] {
  const chance = chanceOf(seed, 'conditions');
  const notices = noticeStore();
  const runs: (EndedRun & { endedAt: Date })[] = [];
  const slots = Array.from({ length: SLOTS }, (_, slot) => {
    const kind = kinds[slot % kinds.length] ?? 'nothing';
    const [shortest, longest] = troubles[kind].hours;
    const from = START + slot * SLOT + chance.int(0, 119) * MINUTE_MS;
    return { kind, from, to: from + chance.int(shortest * 60, longest * 60) * MINUTE_MS };
  });
  const troubleAt = (at: number) => {
    const slot = slots[Math.floor((at - START) / SLOT)];
    return slot !== undefined && at >= slot.from && at < slot.to ? slot : null;
  };
  const failingSince = (at: number) => {
    const { kind, from } = troubleAt(at) ?? { kind: 'nothing', from: 0 };
    return kind === 'record fails' || kind === 'record fails for hours' ? from : null;
  };
  const judgeRuns = (at: number) => {
    const since = failingSince(at);
    const failing = since !== null && at - since >= RECORDS_FAILING_MS ? [{ record: 'r-1', code: 'refused' }] : [];
    const newestFirst = runs.slice(-10).reverse();
    const present = [
      ...runsFailing(newestFirst, notices.open().includes('runs-failing')),
      ...recordsFailing(failing, false),
    ];
    notices.judge(['runs-failing', 'records-failing'], present, at);
  };
  const run = (at: number, nth: number) => {
    const kind = troubleAt(at)?.kind ?? 'nothing';
    const refused = kind === 'wrong key' || (kind === 'refused every other hour' && nth % 2 === 0);
    const incomplete = kind === 'KIPU down' || kind === 'one failed run';
    const fault = refused
      ? { code: 'authentication-failed', text: 'KIPU refuses the key.' }
      : incomplete
        ? { code: 'given-up', text: 'Some charts were not pulled.' }
        : null;
    const status = refused ? 'failed' : incomplete ? 'incomplete' : 'completed';
    runs.push({ status, fault, endedAt: new Date(at) });
    judgeRuns(at);
  };

  /** Two processes that check, each with its own memory. */
  const processes = [0, 1].map((phase) => ({ phase, since: START, missingSince: NaN, pausedAt: NaN }));
  let createdAt = START;
  const dateOf = (at: number) => (Number.isNaN(at) ? null : new Date(at));
  const check = (one: (typeof processes)[number], at: number) => {
    const kind = troubleAt(at)?.kind;
    const schedule =
      kind === 'Temporal down'
        ? 'unknown'
        : kind === 'schedule deleted'
          ? 'none'
          : kind === 'long pause' || kind === 'short pause'
            ? 'paused'
            : 'active';
    if (schedule === 'paused') one.pausedAt = at;
    if (schedule !== 'none') one.missingSince = NaN;
    else if (Number.isNaN(one.missingSince)) one.missingSince = at;
    const facts: ScheduleFacts = {
      ...{ instance: 'north', schedule, createdAt: dateOf(createdAt), missingSince: dateOf(one.missingSince) },
      ...{
        watchedSince: new Date(one.since),
        pausedAt: dateOf(Number.isNaN(one.pausedAt) ? notices.endOf('paused') : one.pausedAt),
        runningSince: null,
      },
      ...{ lastEndedAt: runs.at(-1)?.endedAt ?? null, withinMs: WITHIN, zone: 'UTC', now: new Date(at) },
    };
    judgeRuns(at);
    const judged: ConditionKind[] = schedule === 'unknown' ? ['late', 'paused'] : ['late', 'paused', 'no-schedule'];
    notices.judge(judged, scheduleConditions(facts, notices.open()), at);
  };

  const noRuns: (Kind | undefined)[] = ['no worker', 'Temporal down', 'everything off'];
  const neverStarted: (Kind | undefined)[] = ['long pause', 'short pause', 'schedule deleted'];
  let waiting = false;
  let nth = 0;
  for (let at = START; at < START + SLOTS * SLOT; at += STEP) {
    const kind = troubleAt(at)?.kind;
    const isDue = (at - START) % HOUR_MS === 0;
    if (kind === 'schedule deleted') createdAt = at + STEP;
    if (noRuns.includes(kind)) waiting ||= isDue;
    else if (waiting || (isDue && !neverStarted.includes(kind))) {
      // A run that could not start begins as soon as it can.
      waiting = false;
      run(at, nth++);
    }
    for (const one of processes) {
      // Each process is restarted about once a day.
      if (chance.odds(STEP / (24 * HOUR_MS))) Object.assign(one, { since: at, missingSince: NaN, pausedAt: NaN });
      if (kind === 'everything off') one.since = at + STEP;
      else if ((at - START) % (2 * STEP) === one.phase * STEP) check(one, at);
    }
  }
  return slots.map(({ kind }, slot) => {
    const [from, to] = [START + slot * SLOT, START + (slot + 1) * SLOT];
    return { kind, sent: notices.sent.filter(({ at }) => at >= from && at < to).map(({ text }) => text) };
  });
}

describe.each(SEEDS)('A year of notices (seed %i)', (seed) => {
  const year = play(seed);

  it.each(kinds)('has one notice when it begins and one when it is over: %s', (kind) => {
    const times = year.filter((slot) => slot.kind === kind);
    expect(times.length).toBe(SLOTS / kinds.length);
    for (const { sent } of times) expect(sent).toEqual(troubles[kind].notices);
  });
});
