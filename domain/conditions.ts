import { type FaultCode, faultAdvice, faults, runFaultAdvice } from './fault.ts';
import type { RunStatus } from './run.ts';
import { DAY_MS, MINUTE_MS } from './time.ts';
import { instantText } from './timeText.ts';

/**
 * What people are notified of when it begins and when it is over:
 * - `runs-failing`: runs of the instance do not complete.
 * - `records-failing`: records have failed for a day. One condition per fault code.
 * - `late`: no run has ended for too long, although the schedule is active or Temporal does not answer.
 * - `paused`: no run has ended for too long, because somebody paused the schedule.
 * - `no-schedule`: the settings have the instance, Temporal has no schedule of it.
 * - `not-in-settings`: Temporal has a schedule of the instance, the settings do not have it.
 * - `receiver-away`: the receiver of webhooks has been down for hours, or is interrupted again and again.
 */
export const conditionKinds = [
  'runs-failing',
  'records-failing',
  'late',
  'paused',
  'no-schedule',
  'not-in-settings',
  'receiver-away',
] as const;
export type ConditionKind = (typeof conditionKinds)[number];

/** Something that is wrong with an instance now. */
export interface Condition {
  kind: ConditionKind;
  /** Distinguishes conditions of one kind: the fault code of failing records. */
  detail: string | null;
  /** What is wrong and what to do, without the instance's name. */
  text: string;
}

/** A condition that people were notified of. Each occurrence has its own number, 1 for the first. */
export interface KnownCondition extends Pick<Condition, 'kind' | 'detail'> {
  number: number;
  /** It began within a day after it was over, so it is over only after a day without it. */
  returned: boolean;
  lastSeenAt: Date;
  /** Null while it is open. */
  endedAt: Date | null;
}

/** A condition that came back within this time changes again and again; so long it must be absent to be over. */
const UNSTABLE_MS = DAY_MS;

/** What changed about the conditions of an instance. */
interface ConditionChanges {
  begun: (Condition & Pick<KnownCondition, 'number' | 'returned'>)[];
  seen: KnownCondition[];
  over: KnownCondition[];
}

/** Returns which conditions are the same, also at different times. */
export function conditionKey({ kind, detail }: Pick<Condition, 'kind' | 'detail'>): string {
  return detail === null ? kind : `${kind}/${detail}`;
}

/**
 * Compares what is wrong now with what people know. `judged` are the kinds that `present` is complete for; conditions of other
 * kinds do not change. `known` has every open condition, and the last occurrence of each present one.
 */
export function conditionChanges(
  judged: readonly ConditionKind[],
  present: readonly Condition[],
  known: readonly KnownCondition[],
  now: Date,
): ConditionChanges {
  const open = new Map(known.filter(({ endedAt }) => endedAt === null).map((one) => [conditionKey(one), one]));
  const isPresent = new Set(present.map(conditionKey));
  const absent = [...open.values()].filter((one) => judged.includes(one.kind) && !isPresent.has(conditionKey(one)));
  return {
    begun: present
      .filter((one) => !open.has(conditionKey(one)))
      .map((one) => ({ ...one, ...occurrence(one, known, now) })),
    seen: [...open.values()].filter((one) => isPresent.has(conditionKey(one))),
    over: absent.filter(({ returned, lastSeenAt }) => !returned || now.getTime() - lastSeenAt.getTime() >= UNSTABLE_MS),
  };
}

function occurrence(one: Condition, known: readonly KnownCondition[], now: Date) {
  const earlier = known.filter((other) => conditionKey(other) === conditionKey(one));
  const last = earlier.sort((a, b) => b.number - a.number)[0];
  const endedAt = last?.endedAt ?? null;
  return {
    number: (last?.number ?? 0) + 1,
    returned: endedAt !== null && now.getTime() - endedAt.getTime() < UNSTABLE_MS,
  };
}

/** An ended run. */
export interface EndedRun {
  status: RunStatus;
  fault: { code: string; text: string } | null;
}

/** One failed run is often the network, and the next one covers it. */
const FAILED_IN_A_ROW = 2;

/**
 * Returns that runs do not complete: after two in a row, or after one if the instance refuses us, because that does not pass by
 * itself. `isOpen` is whether people know it already; then a completed run ends it. Canceled runs say nothing.
 */
export function runsFailing(newestFirst: readonly EndedRun[], isOpen: boolean): Condition[] {
  const runs = newestFirst.filter(({ status, fault }) => status !== 'running' && fault?.code !== 'cancelled');
  const completed = runs.findIndex(({ status }) => status === 'completed');
  const failed = completed === -1 ? runs.length : completed;
  const [last] = runs;
  if (failed === 0 || last === undefined) return [];
  const { code = 'unexpected', text = 'The sync did not finish.' } = last.fault ?? {};
  if (!isOpen && failed < FAILED_IN_A_ROW && !isRefusal(code)) return [];
  const count = failed === 1 ? 'the last sync' : `the last ${failed} syncs`;
  return [
    {
      kind: 'runs-failing',
      detail: null,
      text: `${count} did not finish. ${sentence(text)} ${runFaultAdvice(code)}`,
    },
  ];
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}

function isRefusal(code: string): boolean {
  return Object.hasOwn(faults, code) && faults[code as FaultCode].class === 'instance';
}

/** Records that fail for so long are a condition. */
export const RECORDS_FAILING_MS = DAY_MS;
const EXAMPLES = 3;

/** Returns that records have failed for a day, by fault code. Of many the first are named. */
export function recordsFailing(records: readonly { record: string; code: string }[], more: boolean): Condition[] {
  // A pull that was given up is a fault of KIPU or MongoDB: its runs are incomplete.
  const codes = [...new Set(records.map(({ code }) => code))].filter((code) => code !== 'given-up').sort();
  return codes.map((code) => {
    const of = records.filter((one) => one.code === code).map(({ record }) => record);
    const count = `${more ? 'at least ' : ''}${of.length} ${of.length === 1 ? 'record has' : 'records have'}`;
    const names = `${of.slice(0, EXAMPLES).join(', ')}${of.length > EXAMPLES ? ' and others' : ''}`;
    const text = `${count} failed for a day or longer (${code}): ${names}. ${faultAdvice(code)}`;
    return { kind: 'records-failing', detail: code, text };
  });
}

/** What is known about the schedule of an instance of the settings, and of the runs that it starts. */
export interface ScheduleFacts {
  instance: string;
  /** `unknown`: Temporal does not answer. */
  schedule: 'active' | 'paused' | 'none' | 'unknown';
  /** When the schedule was created; null if that is not known. */
  createdAt: Date | null;
  /** Since when the process that checks has found no schedule; null while there is one. */
  missingSince: Date | null;
  /** When the process that checks was started. */
  watchedSince: Date;
  /** The end of the last run, however it ended; null before the first. */
  lastEndedAt: Date | null;
  /** The start of the run in progress; null if there is none. */
  runningSince: Date | null;
  /** When the schedule was last found paused, by this process or as people were notified; null if it never was. */
  pausedAt: Date | null;
  /** How old the last run may be. */
  withinMs: number;
  /** The time zone of the instance, for times in the text. */
  zone: string;
  now: Date;
}

/** After everything was off, runs are late until the first one ends. That is not worth a notice. */
const START_MS = 15 * MINUTE_MS;
/** A process may be started before the set-up. */
const MISSING_MS = 10 * MINUTE_MS;
/** The first run of a large instance takes hours. */
const FIRST_RUN_MS = DAY_MS;

/**
 * Returns that no run ends although one should, and why. Failed runs end too: they are a condition of their own. `open` are the
 * kinds that people know of: a process that was just started does not end them, and while Temporal does not answer a known
 * pause still counts.
 */
export function scheduleConditions(facts: ScheduleFacts, open: readonly ConditionKind[]): Condition[] {
  const { instance, schedule, createdAt, missingSince, watchedSince, lastEndedAt, now, withinMs } = facts;
  if (schedule === 'none') {
    const isNew = missingSince === null || now.getTime() - missingSince.getTime() < MISSING_MS;
    if (isNew && !open.includes('no-schedule')) return [];
    const text = 'it has no schedule in Temporal, so it is not synced. Run kipu-referrals setup.';
    return [{ kind: 'no-schedule', detail: null, text }];
  }
  // A schedule that was created or resumed a moment ago has not started a run yet.
  const lastEnd = later(lastEndedAt ?? createdAt ?? watchedSince, createdAt);
  const since = later(lastEnd, schedule === 'active' ? facts.pausedAt : null);
  if (now.getTime() - since.getTime() <= withinMs) return [];
  const when = `no sync has ended ${lastEndedAt === null ? 'yet' : `since ${instantText(lastEndedAt, facts.zone, now)}`}`;
  if (schedule === 'paused' || (schedule === 'unknown' && open.includes('paused'))) {
    const text = `the schedule was paused by hand, and ${when}. Resume it with kipu-referrals schedule resume ${instance}.`;
    return [{ kind: 'paused', detail: null, text }];
  }
  const isStarting = now.getTime() - watchedSince.getTime() < START_MS || isFirstRun(facts);
  if (isStarting && !open.includes('late')) return [];
  const advice =
    schedule === 'unknown'
      ? 'Temporal does not answer: check it.'
      : `Check that a worker runs, and the workflow sync/${instance} in Temporal.`;
  return [{ kind: 'late', detail: null, text: `${when}. ${advice}` }];
}

function isFirstRun({ lastEndedAt, runningSince, now }: ScheduleFacts): boolean {
  return lastEndedAt === null && runningSince !== null && now.getTime() - runningSince.getTime() < FIRST_RUN_MS;
}

/** Returns the later of two instants. */
export function later(one: Date, other: Date | null): Date {
  return other !== null && other > one ? other : one;
}

/** Returns that the settings no longer have an instance. Its schedule is paused, or still starts runs, which fail. */
export function notInSettings(instance: string, paused: boolean): Condition {
  const first = 'the settings no longer have this instance';
  const text = paused
    ? `${first}, so its schedule was paused. Delete the schedule sync/${instance} in Temporal if this is intended.`
    : `${first}, but its schedule still starts syncs, which fail. Run kipu-referrals setup, which pauses it, or add the instance to the settings again.`;
  return { kind: 'not-in-settings', detail: null, text };
}

/** Returns the text of the notice that a condition is over. */
export function overText({ kind, detail }: Pick<Condition, 'kind' | 'detail'>): string {
  return kind === 'records-failing' ? `No record has failed for a day or longer now (${detail}).` : overTexts[kind];
}

const overTexts: Record<Exclude<ConditionKind, 'records-failing'>, string> = {
  'runs-failing': 'Syncs finish again.',
  late: 'Syncs end again.',
  paused: 'The schedule is no longer paused.',
  'no-schedule': 'It has a schedule in Temporal again.',
  'not-in-settings': 'The settings have this instance again, or its schedule was deleted.',
  'receiver-away': 'We receive webhooks again.',
};

/** Returns how old the last run may be: `freshWithinMs`, but at least the interval of the schedule and half an hour. */
export function lateAfterMs(freshWithinMs: number, everyMinutes: number): number {
  return Math.max(freshWithinMs, (everyMinutes + 30) * MINUTE_MS);
}
