import { runSummary } from '../../client/runView.ts';
import type { RunDocument } from '../../store/documents.ts';
import { table } from './table.ts';

/** Formats runs as a table for people, and below it a line for each fault and each warning. */
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
