import type { RunMode } from '../domain/run.ts';
import type { RunDocument } from '../store/documents.ts';
import { table } from './cli/table.ts';

/** A run as it is reported: what it counted, and how long it took. `due` is the sum of the six outcomes behind it. */
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
  /** From start to end; of a run that goes on, until `now`. */
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

/** Runs as a table for people, and under it a line for each fault and each warning. */
export function runTable(runs: readonly RunDocument[], now: Date = new Date()): string {
  const rows = runs.map((run) => ({ ...runSummary(run, now), status: run.status, refused: run.counts.refused }));
  const numbers = ['listed', 'due', 'saved', 'unchanged', 'held', 'notReady', 'ignored', 'failed', 'refused'] as const;
  const counts = table(
    rows,
    [
      { title: 'instance', of: (row) => row.instance },
      { title: 'mode', of: (row) => row.mode },
      { title: 'status', of: (row) => row.status },
      ...numbers.map((name) => ({ title: titleOf(name), of: (row: (typeof rows)[number]) => row[name], number: true })),
      { title: 'KIPU calls', of: (row) => row.kipuCalls, number: true },
      { title: 'seconds', of: (row) => (row.durationMs / 1_000).toFixed(1), number: true },
    ],
    'no runs',
  );
  const faults = runs.flatMap(({ instance, fault }) => (fault === null ? [] : [`${instance}: ${fault.text}`]));
  const warned = runs.flatMap(({ instance, warnings = [] }) =>
    warnings.map(({ text }) => `${instance}: warning: ${text}`),
  );
  return [counts, ...faults, ...warned].join('\n');
}

function titleOf(name: string): string {
  return name === 'notReady' ? 'not ready' : name;
}
