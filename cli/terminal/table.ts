import stringWidth from 'string-width';
import { visibleText } from '../../domain/chart.ts';

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
