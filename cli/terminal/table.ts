import stringWidth from 'string-width';
import { runSummary } from '../../client/runView.ts';
import { visibleText } from '../../domain/chart.ts';
import { runFaultAdvice } from '../../domain/fault.ts';
import type { RunDocument } from '../../store/documents.ts';
import { wrapped } from './text.ts';

/** A column of a table: its title, the value of a row, and whether it is a number (aligned to the right). */
export interface Column<Row> {
  title: string;
  of: (row: Row) => string | number | null;
  number?: boolean;
}

/** A cell wider than this many terminal columns is cut. */
const MAX_WIDTH = 60;

/**
 * Formats rows as aligned lines of plain text, the titles first; returns `ifEmpty` where there are no rows. Texts come
 * from KIPU and from staff: characters that control a terminal are removed.
 */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], ifEmpty: string): string {
  if (rows.length === 0) return ifEmpty;
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ of }) => cell(of(row))))];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => stringWidth(line[at] ?? ''))));
  return lines
    .map((line) =>
      line
        .map((text, at) => padded(text, widths[at] ?? 0, columns[at]?.number === true))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const graphemes = new Intl.Segmenter();

function cell(value: string | number | null): string {
  const text = visibleText(value === null ? '' : String(value));
  if (text === '') return '-';
  if (stringWidth(text) <= MAX_WIDTH) return text;
  let cut = '';
  let width = 0;
  for (const { segment } of graphemes.segment(text)) {
    width += stringWidth(segment);
    if (width > MAX_WIDTH - 1) break;
    cut += segment;
  }
  return `${cut}…`;
}

function padded(text: string, width: number, right: boolean): string {
  const pad = ' '.repeat(width - stringWidth(text));
  return right ? pad + text : text + pad;
}

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
  const faults = runs.flatMap(({ instance, fault }) =>
    fault === null
      ? []
      : wrapped('', `${instance}: ${fault.text.replace(/\.$/, '')}. ${runFaultAdvice(fault.code)}`, '  '),
  );
  const warned = runs.flatMap(({ instance, warnings = [] }) =>
    warnings.map(({ text }) => `${instance}: warning: ${text}`),
  );
  return [counts, ...faults, ...warned].join('\n');
}

function titleOf(name: string): string {
  return name === 'notReady' ? 'not ready' : name;
}
