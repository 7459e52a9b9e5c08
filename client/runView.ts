import { type RunMode, type RunStatus, type RunWarning, runWarning } from '../domain/run.ts';
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
  const differ = known?.differs != null && warnings.every(({ code }) => code !== 'rows-differ');
  return differ ? [...warnings, runWarning('rows-differ')] : warnings;
}
