import stringWidth from 'string-width';
import { runSummary } from '../../client/runView.ts';
import { visibleText } from '../../domain/chart.ts';
import { runFaultAdvice } from '../../domain/fault.ts';
import type { RunDocument } from '../../store/documents.ts';
import { print, say } from './output.ts';
import { wrapped } from './text.ts';

/** A column of a table: its title, the value of a row, and whether it is a number (aligned to the right). */
export interface Column<Row> {
  title: string;
  of: (row: Row) => string | number | null;
  number?: boolean;
  /** In a narrow terminal columns are left out, the lowest number first. Without a number a column is never left out. */
  leaveOut?: number;
  /** In a narrow terminal its cells are cut, down to this width, before each row becomes a block. */
  cut?: number;
}

/** A cell wider than this many terminal columns is cut. */
const MAX_WIDTH = 60;
const GAP = 2;

/** A table as text, and the titles of the columns that had to be left out. */
export interface FittedTable {
  text: string;
  leftOut: string[];
}

/**
 * Formats rows as aligned lines of plain text, the titles first; returns `ifEmpty` where there are no rows. Columns are left out
 * until the lines fit the width, then texts are cut; where that is not enough, each row becomes a block of lines. Texts come from
 * KIPU and from staff: characters that control a terminal are removed.
 */
export function fittedTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  ifEmpty: string,
  width: number,
): FittedTable {
  if (rows.length === 0) return { text: ifEmpty, leftOut: [] };
  const all = columns.map((column) => {
    const cells = rows.map((row) => cell(column.of(row)));
    return { ...column, cells, width: Math.max(...[column.title, ...cells].map((text) => stringWidth(text))) };
  });
  const widthOf = (some: readonly { width: number }[]) =>
    some.reduce((sum, one) => sum + one.width, GAP * (some.length - 1));
  let shown = all;
  for (const { leaveOut } of all.toSorted((one, other) => (one.leaveOut ?? 0) - (other.leaveOut ?? 0))) {
    if (widthOf(shown) <= width) break;
    if (leaveOut !== undefined) shown = shown.filter((column) => column.leaveOut !== leaveOut);
  }
  // A wide column can make room for narrower ones.
  for (const column of all
    .filter((one) => !shown.includes(one))
    .toSorted((one, other) => (other.leaveOut ?? 0) - (one.leaveOut ?? 0))) {
    const more = all.filter((one) => one === column || shown.includes(one));
    if (widthOf(more) <= width) shown = more;
  }
  // Nothing is left out in vain.
  shown = cutTo(shown, width - widthOf(shown));
  if (widthOf(shown) > width) return { text: stacked(all, rows.length, width), leftOut: [] };
  const line = (textOf: (column: (typeof all)[number]) => string) =>
    shown
      .map((column) => padded(textOf(column), column.width, column.number === true))
      .join(' '.repeat(GAP))
      .trimEnd();
  const lines = [line(({ title }) => title), ...rows.map((_, at) => line(({ cells }) => cells[at] ?? ''))];
  const leftOut = all.map(({ title }) => title).filter((title) => !shown.some((column) => column.title === title));
  return { text: lines.join('\n'), leftOut };
}

/** Formats rows as lines as wide as they need. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], ifEmpty: string): string {
  return fittedTable(rows, columns, ifEmpty, Number.POSITIVE_INFINITY).text;
}

/** Returns the columns of the terminal; where output goes to a file, or with `wide`, there is no limit. */
export function terminalWidth(wide = false, out: NodeJS.WriteStream = process.stdout): number {
  return wide || !out.isTTY ? Number.POSITIVE_INFINITY : out.columns || 80;
}

/** Prints a table that fits the terminal, and says on standard error what had to be left out. */
export function printTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  ifEmpty: string,
  wide?: boolean,
): void {
  printFitted(fittedTable(rows, columns, ifEmpty, terminalWidth(wide)), wide === undefined ? '--json' : '--wide');
}

/** Prints a table, and says on standard error what had to be left out, and which option shows it. */
export function printFitted({ text, leftOut }: FittedTable, option = '--wide'): void {
  print(text);
  const note = `Left out, to fit this terminal: ${leftOut.join(', ')}. ${option} shows all columns.`;
  if (leftOut.length > 0) say(wrapped('', note, '').join('\n'));
}

/** Formats each row as a block: its first cell, and below it the other ones with their titles. */
function stacked(columns: readonly { title: string; cells: string[] }[], rows: number, width: number): string {
  const [first, ...others] = columns;
  const titles = Math.max(...others.map(({ title }) => stringWidth(title)), 0);
  return Array.from({ length: rows }, (_, at) => [
    first?.cells[at] ?? '',
    ...others.flatMap(({ title, cells }) => {
      const indent = ' '.repeat(titles + 2 * GAP);
      return wrapped(
        `${' '.repeat(GAP)}${padded(title, titles, false)}${' '.repeat(GAP)}`,
        cells[at] ?? '',
        indent,
        width,
      );
    }),
  ])
    .flat()
    .join('\n');
}

/** Cuts the cells of columns, the widest first, by as many terminal columns as `room` is below zero. */
function cutTo<One extends { width: number; title: string; cells: string[]; cut?: number }>(
  columns: One[],
  room: number,
): One[] {
  let left = -room;
  const widths = new Map(columns.map((column) => [column, column.width]));
  for (const column of columns.toSorted((one, other) => other.width - one.width)) {
    const spare = column.cut === undefined ? 0 : column.width - Math.max(column.cut, stringWidth(column.title));
    const taken = Math.max(0, Math.min(left, spare));
    widths.set(column, column.width - taken);
    left -= taken;
  }
  if (left > 0) return columns;
  return columns.map((column) => {
    const width = widths.get(column) ?? column.width;
    return width === column.width
      ? column
      : { ...column, width, cells: column.cells.map((text) => cutText(text, width)) };
  });
}

const graphemes = new Intl.Segmenter();

function cell(value: string | number | null): string {
  const text = visibleText(value === null ? '' : String(value));
  if (text === '') return '-';
  return cutText(text, MAX_WIDTH);
}

/** Cuts a text that is wider than this many terminal columns. */
function cutText(text: string, most: number): string {
  if (stringWidth(text) <= most) return text;
  let cut = '';
  let width = 0;
  for (const { segment } of graphemes.segment(text)) {
    width += stringWidth(segment);
    if (width > most - 1) break;
    cut += segment;
  }
  return `${cut}…`;
}

function padded(text: string, width: number, right: boolean): string {
  const pad = ' '.repeat(width - stringWidth(text));
  return right ? pad + text : text + pad;
}

/** Formats runs as a table for people, and below it a line for each fault and each warning. */
export function runTable(runs: readonly RunDocument[], now: Date = new Date(), width = terminalWidth()): string {
  const rows = runs.map((run) => ({ ...runSummary(run, now), status: run.status, refused: run.counts.refused }));
  // The order in which a narrow terminal loses them: what is rarely more than zero first.
  const numbers = {
    ...{ listed: undefined, due: undefined, saved: undefined, unchanged: 4, held: undefined },
    ...{ notReady: 6, ignored: 3, failed: undefined, refused: 1 },
  } as const;
  const { text: counts } = fittedTable(
    rows,
    [
      { title: 'instance', of: (row) => row.instance },
      { title: 'mode', of: (row) => row.mode, leaveOut: 5 },
      { title: 'status', of: (row) => row.status },
      ...(Object.keys(numbers) as (keyof typeof numbers)[]).map((name) => ({
        ...{ title: titleOf(name), of: (row: (typeof rows)[number]) => row[name], number: true },
        ...(numbers[name] === undefined ? {} : { leaveOut: numbers[name] }),
      })),
      { title: 'KIPU calls', of: (row) => row.kipuCalls, number: true, leaveOut: 2 },
      { title: 'seconds', of: (row) => (row.durationMs / 1_000).toFixed(1), number: true, leaveOut: 7 },
    ],
    'no runs',
    width,
  );
  const faults = runs.flatMap(({ instance, fault }) =>
    fault === null ? [] : [`${instance}: ${fault.text.replace(/\.$/, '')}. ${runFaultAdvice(fault.code)}`],
  );
  const warned = runs.flatMap(({ instance, warnings = [] }) =>
    warnings.map(({ text }) => `${instance}: warning: ${text}`),
  );
  return [counts, ...[...faults, ...warned].flatMap((line) => wrapped('', line, '  ', width))].join('\n');
}

function titleOf(name: string): string {
  return name === 'notReady' ? 'not ready' : name;
}
