import { Context } from '@temporalio/activity';
import type { KipuActivities, StoreActivities } from '../../activities/index.ts';
import type { PullOutcome } from '../../domain/pull.ts';
import type { RunMode } from '../../domain/run.ts';
import type { HoldState, ListedPage, RunResult, UnlockRequest } from '../../workflows/messages.ts';
import { makeGates } from './gates.ts';

/** The ids of the due records on a page, or the error of reading it. */
export type Page = string[] | Error;

/** The outcome of a pull. `held` holds the record unless it was unlocked before; then the pull saves it. */
type Pull = PullOutcome | Error;

/** What the activities return in one test. What is not scripted succeeds; the last of several pulls repeats. */
export interface Script {
  mode?: RunMode;
  maxInFlight?: number;
  latest?: Page[];
  census?: Page[];
  owed?: Page[];
  pulls?: Record<string, Pull | Pull[]>;
  /** The errors of activities that fail at every attempt, by name. */
  failing?: Partial<Record<keyof (KipuActivities & StoreActivities), Error>>;
}

const WINDOW = { startDay: '2026-01-04', endDay: '2026-01-06' };
const DAY_MS = 86_400_000;

/**
 * Returns fake activities: a script sets what they return, a journal records their calls. They store only what holds and
 * unlocks need of a record. `nowMs` is the time of the server.
 */
export function scriptedActivities(nowMs: () => Promise<number>) {
  let state = fresh();
  const gates = makeGates();

  const kipu: KipuActivities = {
    async readLocations({ instance }) {
      await enter('readLocations', instance);
      return { calls: attempt() };
    },
    async listPage({ source, page }) {
      await enter('listPage', source, page);
      return pageOf(state.script[source], page);
    },
    async pullChart({ recordId }) {
      const at = state;
      at.pulling.add(recordId);
      at.mostAtOnce = Math.max(at.mostAtOnce, at.pulling.size);
      try {
        await enter('pullChart', recordId);
        return await pull(recordId);
      } finally {
        at.pulling.delete(recordId);
      }
    },
    async voidDeleted({ instance }) {
      await enter('voidDeleted', instance);
      return { calls: attempt() };
    },
  };

  const store: StoreActivities = {
    async openRun({ instance, runId }) {
      await enter('openRun', instance);
      const { mode = 'incremental', maxInFlight = 10 } = state.script;
      return { runId, instance, mode, window: WINDOW, since: null, maxInFlight };
    },
    async closeRun(result) {
      await enter('closeRun', result.status);
      state.closed.push(result);
    },
    async listOwed({ after }) {
      await enter('listOwed', after ?? 'first');
      const pages = state.script.owed ?? [];
      const before = pages.findIndex((page) => !(page instanceof Error) && page.at(-1) === after);
      return { ...pageOf(pages, after === null ? 1 : before + 2), listed: 0, calls: 0 };
    },
    async recordFailedPull(failed) {
      await enter('recordFailedPull', failed.recordId);
      state.failedPulls.push(failed);
    },
    async applyUnlock({ recordId, request }) {
      await enter('applyUnlock', recordId);
      const record = recordOf(recordId);
      const named = typeof request.by === 'string' && request.by !== '';
      state.audit.push({ ...request, recordId, effect: named && record.unlockedBy === null });
      if (!named) return { opened: record.opened };
      if (record.hold !== null) record.opened = true;
      record.unlockedBy ??= request.by;
      record.hold = null;
      return { opened: record.opened };
    },
    async remindHold({ recordId, reminders }) {
      await enter('remindHold', recordId);
      const { hold, heldAt } = recordOf(recordId);
      if (hold === null) return { held: false, reminders };
      hold.reminders = reminders + 1;
      state.reminderDays.push(Math.round(((await nowMs()) - heldAt) / DAY_MS));
      return { held: true, reminders: hold.reminders };
    },
    async measureWebhooks({ instance }) {
      await enter('measureWebhooks', instance);
    },
    async countWaitingChange({ recordId }) {
      await enter('countWaitingChange', recordId);
    },
    async restoreHolds({ instance }) {
      await enter('restoreHolds', instance);
      return { held: 0 };
    },
  };

  return {
    kipu,
    store,
    gates,
    script: (script: Script) => void Object.assign(state.script, script),
    /** The calls in order, each once however many attempts it took: "pullChart a". */
    journal: () => state.journal,
    /** Returns how many times the journal has an entry. */
    count: (entry: string) => state.journal.filter((other) => other === entry).length,
    closed: () => state.closed,
    failedPulls: () => state.failedPulls,
    /** The days after the start of the hold on which a reminder was sent. */
    reminderDays: () => state.reminderDays,
    audit: () => state.audit,
    /** The number of pulls running now, and the most at one time. */
    pullsAtOnce: () => ({ now: state.pulling.size, most: state.mostAtOnce }),
    recordOf,
    reset() {
      gates.openAll();
      state = fresh();
    },
  };

  /** Writes the journal, waits at a closed gate, and throws if the script says so. */
  async function enter(
    activity: keyof (KipuActivities & StoreActivities),
    ...what: (string | number)[]
  ): Promise<void> {
    const entry = [activity, ...what].join(' ');
    if (attempt() === 1) state.journal.push(entry);
    await gates.pass(entry);
    const failure = state.script.failing?.[activity];
    if (failure !== undefined) throw failure;
  }

  function pageOf(pages: Page[] = [], page: number): ListedPage {
    const due = pages[page - 1] ?? [];
    if (due instanceof Error) throw due;
    return { listed: due.length, refused: 0, due, calls: attempt(), more: page < pages.length };
  }

  async function pull(recordId: string): Promise<{ outcome: PullOutcome; calls: number; hold: HoldState | null }> {
    const record = recordOf(recordId);
    if (record.hold !== null) return { outcome: 'held', calls: 0, hold: { ...record.hold } };
    if (attempt() === 1) record.pulls += 1;
    const scripted = [state.script.pulls?.[recordId] ?? 'saved'].flat();
    const answer = scripted[Math.min(record.pulls, scripted.length) - 1] ?? 'saved';
    if (answer instanceof Error) throw answer;
    record.opened = false;
    const calls = attempt();
    if (answer !== 'held') return { outcome: answer, calls, hold: null };
    if (record.unlockedBy !== null) return { outcome: 'saved', calls, hold: null };
    record.hold = { reason: 'webhook-missing', reminders: 0 };
    record.heldAt = await nowMs();
    return { outcome: 'held', calls, hold: { ...record.hold } };
  }

  function recordOf(recordId: string): FakeRecord {
    const record = state.records.get(recordId) ?? { pulls: 0, hold: null, heldAt: 0, unlockedBy: null, opened: false };
    state.records.set(recordId, record);
    return record;
  }
}

interface FakeRecord {
  /** Pulls that reached KIPU, without retries. */
  pulls: number;
  hold: HoldState | null;
  heldAt: number;
  unlockedBy: string | null;
  /** True between an unlock that ended a hold and the next pull. */
  opened: boolean;
}

function fresh() {
  return {
    script: {} as Script,
    journal: [] as string[],
    closed: [] as (RunResult & { fault: { code: string; text: string } | null })[],
    failedPulls: [] as { recordId: string; code: string; text: string }[],
    reminderDays: [] as number[],
    audit: [] as (UnlockRequest & { recordId: string; effect: boolean })[],
    pulling: new Set<string>(),
    mostAtOnce: 0,
    records: new Map<string, FakeRecord>(),
  };
}

function attempt(): number {
  return Context.current().info.attempt;
}
