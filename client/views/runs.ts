import type { RunStatus } from '../../domain/run.ts';
import type { RunWarning } from '../../domain/runWarnings.ts';
import type { RunDocument } from '../../store/documents.ts';
import { type RunSummary, runSummary } from '../runSummary.ts';

/** A run in a list. */
export interface RunView extends RunSummary {
  run: string;
  status: RunStatus;
  startedAt: Date;
  endedAt: Date | null;
  /** Rows without a usable casefile id. */
  refused: number;
  fault: { code: string; text: string } | null;
  /** What to look at, though the run went on. */
  warnings: RunWarning[];
}

export function runView(run: RunDocument, now: Date): RunView {
  const { _id, status, startedAt, endedAt, counts, fault, warnings = [] } = run;
  return { ...runSummary(run, now), run: _id, status, startedAt, endedAt, refused: counts.refused, fault, warnings };
}
