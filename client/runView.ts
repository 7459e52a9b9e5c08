import type { RowsCarryChart } from '../domain/rowCharts.ts';
import { type RunMode, type RunStatus, type RunWarning, runWarning, warningsOf } from '../domain/run.ts';
import { DAY_MS } from '../domain/time.ts';
import type { Store } from '../store/connect.ts';
import type { RunDocument } from '../store/documents.ts';

/** What a run counted, and how long it took. `due` is the sum of the six outcomes that follow it. */
export interface RunSummary {
  instance: string;
  mode: RunMode;
  listed: number;
  due: number;
  saved: number;
  unchanged: number;
  held: number;
  notReady: number;
  ignored: number;
  failed: number;
  kipuCalls: number;
  /** From start to end; until `now` for a run that has not ended. */
  durationMs: number;
}

export function runSummary(run: RunDocument, now: Date = new Date()): RunSummary {
  const { instance, mode, counts, startedAt, endedAt } = run;
  return {
    instance,
    mode,
    listed: counts.listed,
    due: counts.due,
    saved: counts.saved,
    unchanged: counts.unchanged,
    held: counts.held,
    notReady: counts.notReady,
    ignored: counts.ignored,
    failed: counts.failed,
    kipuCalls: counts.kipuCalls,
    durationMs: (endedAt ?? now).getTime() - startedAt.getTime(),
  };
}

/** A run in a list. */
export interface RunView extends RunSummary {
  run: string;
  status: RunStatus;
  startedAt: Date;
  endedAt: Date | null;
  /** Rows without a usable casefile id. */
  refused: number;
  fault: { code: string; text: string } | null;
  /** Records that were owed a pull when it ended; null where that is not known. */
  owed: number | null;
  /** What people should check, although the run continued. */
  warnings: RunWarning[];
}

export function runView(run: RunDocument, now: Date): RunView {
  const { _id, status, startedAt, endedAt, counts, fault, owed = null, warnings = [] } = run;
  const { refused } = counts;
  return { ...runSummary(run, now), run: _id, status, startedAt, endedAt, refused, fault, owed, warnings };
}

/** The warnings of an instance that stand: of its last runs, and that its census rows are not trusted. */
export async function standingWarnings(
  store: Pick<Store, 'runs' | 'instances'>,
  instance: string,
): Promise<RunWarning[]> {
  const [warnings, known] = await Promise.all([
    store.runs.standingWarnings(instance),
    store.instances.rowsCarryChart(instance),
  ]);
  return withRows(warnings, known);
}

function withRows(warnings: RunWarning[], known: RowsCarryChart | null): RunWarning[] {
  const differ = known?.differs != null && warnings.every(({ code }) => code !== 'rows-differ');
  return differ ? [...warnings, runWarning('rows-differ')] : warnings;
}

/** What the last runs of an instance say. */
export interface LastRuns {
  /** Newest first. */
  runs: RunDocument[];
  /** The start of the last completed run; null if there is none. */
  cursor: Date | null;
  /** The warnings that stand. */
  warnings: RunWarning[];
}

/** Nearly always as many runs began since, even of an instance that syncs hourly. */
const RECENT_MS = 3 * DAY_MS;

/**
 * Reads the last runs of an instance, at most `most`. What stands is nearly always among them; otherwise it is looked for.
 * `known` is what is stored about the instance's census rows.
 */
export async function readLastRuns(
  store: { runs: Pick<Store['runs'], 'lastOf' | 'lastCompleted' | 'standingWarnings'> },
  instance: string,
  { most, known, now }: { most: number; known: RowsCarryChart | null; now: Date },
): Promise<LastRuns> {
  const runs = await store.runs.lastOf(instance, most, new Date(now.getTime() - RECENT_MS));
  const ended = runs.filter(({ status }) => status !== 'running');
  const full = ended.find(({ mode }) => mode === 'full');
  const completed = runs.find(({ status, startedAt }) => status === 'completed' && startedAt <= now);
  const isAll = runs.length < most;
  const [warnings, { cursor }] = await Promise.all([
    full !== undefined || isAll ? warningsOf(ended[0], full) : store.runs.standingWarnings(instance),
    completed !== undefined || isAll ? (completed ?? { cursor: null }) : store.runs.lastCompleted(instance, now),
  ]);
  return { runs, cursor, warnings: withRows(warnings, known) };
}
