import { Context } from '@temporalio/activity';
import type { KipuActivities, StoreActivities } from '../../activities/index.ts';
import type { PullResult } from '../../activities/pullChart.ts';
import type { RowsTrust } from '../../domain/listing.ts';
import type { PullOutcome } from '../../domain/pull.ts';
import type { ListSource, RunMode } from '../../domain/run.ts';
import type {
  ClosedBatch,
  HoldState,
  ListedPage,
  PulledBatch,
  RunResult,
  VaultPage,
} from '../../workflows/messages.ts';
import { makeGates } from './gates.ts';

/** The ids of the due records on a page, or the error of reading it. */
export type Page = string[] | Error;

/** The outcome of a pull. `held` holds the record unless it was unlocked before; then the pull saves it. */
type Pull = PullOutcome | 'refused' | Error;

/** What reading one page of the census as charts comes to. What is left out is nothing, and the rows carry charts. */
export interface RowPage {
  outcomes?: Partial<Record<PullOutcome, number>>;
  /** Records that are held from their rows; counted in `outcomes` too. */
  held?: string[];
  /** Records that need a pull of their own. */
  due?: string[];
  /** Rows that carry no charts, or differ from them. */
  rows?: 'without charts' | 'differ';
}

/** What the activities return in one test. What is not scripted succeeds; the last of several pulls is repeated. */
export interface Script {
  mode?: RunMode;
  maxInFlight?: number;
  bulkFrom?: number;
  latest?: Page[];
  census?: Page[];
  owed?: Page[];
  /** Whether rows of the census may be read as charts; 'no' where it is left out. */
  rows?: RowsTrust;
  censusPages?: number;
  /** Pages of the census where they are read as charts. */
  rowPages?: (RowPage | Error)[];
  /** Rows of the list of changed charts, as its first page states; the rows of all its pages where it is left out. */
  latestTotal?: number;
  /** Lists in which every field of every row is empty. */
  blank?: ListSource[];
  /** Pages of held records; default 1. */
  heldPages?: number;
  /** How many locations KIPU lists; default 1. */
  locations?: number;
  /** Charts that a full run lists as a rule. */
  usualListed?: number;
  /** Pages of the deleted charts; one without any where they are left out. */
  vault?: (Partial<VaultPage> | Error)[];
  /** Records whose workflow runs when they are listed. */
  running?: string[];
  pulls?: Record<string, Pull | Pull[]>;
  /** What a failed batch got done; nothing by default. */
  closedBatch?: ClosedBatch;
  /** The errors of activities that fail at every attempt, by name. */
  failing?: Partial<Record<keyof (KipuActivities & StoreActivities), Error>>;
}

/** What a pull returns for a chart that KIPU refuses. */
export const REFUSAL = { code: 'forbidden', text: 'KIPU answered 403.' };

const HELD = { reason: 'webhook-missing', reminders: 0, since: '2026-01-05T08:00:00.000Z' } as const;
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
      return { calls: attempt(), listed: state.script.locations ?? 1 };
    },
    async listPages({ source, page: first, last }) {
      const pages: ListedPage[] = [];
      for (let page = first; page <= last && pages.at(-1)?.more !== false; page += 1) {
        try {
          pages.push(await listPage(source, page));
        } catch (error) {
          if (page === first) throw error;
          break;
        }
      }
      return pages;
    },
    async pullRows({ page }) {
      await enter('pullRows', page);
      return rowPageOf(state.script.rowPages ?? [], page);
    },
    async pullBatch({ recordIds, key, atOnce }) {
      if (attempt() === 1) state.batches.push({ key, atOnce });
      await enter('pullBatch', ...recordIds);
      const result: PulledBatch = { outcomes: {}, held: [], left: [], calls: 0, refusal: null };
      for (const recordId of recordIds) {
        try {
          const { outcome, calls, hold, refusal } = await pull(recordId);
          result.outcomes[outcome] = (result.outcomes[outcome] ?? 0) + 1;
          result.calls += calls;
          result.refusal ??= refusal ?? null;
          if (hold !== null) result.held.push({ recordId, hold });
        } catch {
          result.calls += 1;
          result.left.push(recordId);
        }
      }
      return result;
    },
    async listVaulted({ page }) {
      await enter('listVaulted', page);
      const pages = state.script.vault ?? [];
      const one = pages[page - 1] ?? {};
      if (one instanceof Error) throw one;
      const rest = { open: 0, more: page < pages.length, empty: false, refused: false };
      return { calls: attempt(), found: 0, ...rest, ...one };
    },
    async pullChart({ recordId, run }) {
      const at = state;
      if (attempt() === 1) at.pulledFor.push(run ?? null);
      at.pulling.add(recordId);
      at.mostAtOnce = Math.max(at.mostAtOnce, at.pulling.size);
      try {
        await enter('pullChart', recordId);
        return await pull(recordId);
      } finally {
        at.pulling.delete(recordId);
      }
    },
  };

  const store: StoreActivities = {
    async openRun({ instance, runId }) {
      await enter('openRun', instance);
      const {
        mode = 'incremental',
        maxInFlight = 10,
        bulkFrom = 1_000,
        rows = 'no',
        censusPages = null,
        usualListed = null,
      } = state.script;
      return {
        runId,
        instance,
        mode,
        window: WINDOW,
        startedAt: '2026-01-06T00:00:00.000Z',
        since: null,
        maxInFlight,
        bulkFrom,
        rows,
        censusPages,
        usualListed,
      };
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
    async voidVaulted({ page }) {
      await enter('voidVaulted', page);
    },
    async recordFailedPull(failed) {
      await enter('recordFailedPull', failed.recordId);
      state.failedPulls.push(failed);
    },
    async closeBatch({ recordIds, givenUp }) {
      await enter('closeBatch', recordIds.length, givenUp ?? 'not given up');
      return state.script.closedBatch ?? { outcomes: {}, held: [] };
    },
    async applyUnlock({ recordId, request }) {
      await enter('applyUnlock', recordId);
      const record = recordOf(recordId);
      const { by, ticket, refused } = request;
      const said = ticket === null ? { by } : { ticket };
      state.audit.push({ ...said, recordId, effect: refused === null && record.unlockedBy === null });
      if (refused !== null) return { opened: record.opened, held: record.hold !== null };
      if (record.hold !== null) record.opened = true;
      record.unlockedBy ??= by ?? ticket;
      record.hold = null;
      return { opened: record.opened, held: record.hold !== null };
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
      return { held: recordOf(recordId).hold !== null };
    },
    async restoreHolds({ instance, after }) {
      await enter('restoreHolds', instance);
      const pages = state.script.heldPages ?? 1;
      const page = after === null ? 1 : Number(after) + 1;
      return { last: page < pages ? String(page) : null };
    },
    async endWaits({ recordIds }) {
      await enter('endWaits', ...recordIds);
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
    /** The key of each batch, and how many of its charts are requested at once. */
    batches: () => state.batches,
    /** The run that counts each pull, in order; null for none. */
    pulledFor: () => state.pulledFor,
    /** The number of pulls running now, and the most at one time. */
    pullsAtOnce: () => ({ now: state.pulling.size, most: state.mostAtOnce }),
    recordOf,
    reset() {
      gates.openAll();
      state = fresh();
    },
  };

  async function listPage(source: ListSource, page: number): Promise<ListedPage> {
    await enter('listPages', source, page);
    const blank = state.script.blank?.includes(source) ?? false;
    const { latestTotal } = state.script;
    const listed = pageOf(state.script[source], page);
    const total = source === 'latest' && latestTotal !== undefined ? { totalRecords: latestTotal } : {};
    return blank ? blankPage(listed) : { ...listed, said: { ...numbersOf(listed, state.script[source]), ...total } };
  }

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
    const more = page < pages.length;
    const running = due.filter((recordId) => state.script.running?.includes(recordId));
    return { listed: due.length, refused: 0, due, calls: attempt(), more, said: null, pulled: null, running };
  }

  function rowPageOf(pages: (RowPage | Error)[], page: number): ListedPage {
    const one = pages[page - 1] ?? {};
    if (one instanceof Error) throw one;
    const { outcomes = {}, held = [], due = [], rows } = one;
    for (const recordId of held) recordOf(recordId).hold = { ...HELD };
    const pulled = Object.values(outcomes).reduce((sum, times) => sum + times, 0);
    const all = pulled + due.length;
    const numbers = { rows: all, due: all, pulled, blank: false, totalPages: pages.length, totalRecords: null };
    return {
      ...{ listed: all, refused: 0, due, calls: attempt(), more: page < pages.length },
      said: { ...numbers, ofLatest: all, carriesCharts: rows === undefined },
      pulled: { outcomes, held: held.map((recordId) => ({ recordId, hold: HELD })), rowsDiffer: rows === 'differ' },
    };
  }

  async function pull(recordId: string): Promise<PullResult> {
    const record = recordOf(recordId);
    if (record.hold !== null) return { outcome: 'held', calls: 0, hold: { ...record.hold } };
    if (attempt() === 1) record.pulls += 1;
    const scripted = [state.script.pulls?.[recordId] ?? 'saved'].flat();
    const answer = scripted[Math.min(record.pulls, scripted.length) - 1] ?? 'saved';
    if (answer instanceof Error) throw answer;
    record.opened = false;
    const calls = attempt();
    if (answer === 'refused') return { outcome: 'failed', calls, hold: null, refusal: REFUSAL };
    if (answer !== 'held') return { outcome: answer, calls, hold: null };
    if (record.unlockedBy !== null) return { outcome: 'saved', calls, hold: null };
    record.heldAt = await nowMs();
    record.hold = { ...HELD, since: new Date(record.heldAt).toISOString() };
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
    failedPulls: [] as { recordId: string; text: string }[],
    reminderDays: [] as number[],
    audit: [] as { recordId: string; by?: string | null; ticket?: string; effect: boolean }[],
    batches: [] as { key: string; atOnce: number }[],
    pulledFor: [] as (string | null)[],
    pulling: new Set<string>(),
    mostAtOnce: 0,
    records: new Map<string, FakeRecord>(),
  };
}

/** A page of which every row is due. */
function numbersOf({ due }: ListedPage, pages: Page[] = []): NonNullable<ListedPage['said']> {
  const all = pages.flatMap((page) => (page instanceof Error ? [] : page));
  const numbers = { rows: due.length, due: due.length, pulled: 0, blank: false, ofLatest: due.length };
  return { ...numbers, totalPages: pages.length, totalRecords: all.length, carriesCharts: null };
}

function blankPage(listed: ListedPage): ListedPage {
  const said = { ...numbersOf(listed), rows: listed.due.length, due: 0, ofLatest: 0, blank: true };
  return { ...listed, listed: 0, due: [], said };
}

function attempt(): number {
  return Context.current().info.attempt;
}
