import { visibleText } from '../../domain/text.ts';

/** A column of a table: its title, what a row shows in it, and whether it is a number (set to the right). */
export interface Column<Row> {
  title: string;
  of: (row: Row) => string | number | null;
  number?: boolean;
}

/** A cell longer than this many terminal columns is cut. */
const WIDEST = 60;

/**
 * Rows as aligned lines of plain text, the titles first; `nothing` where there are none. Texts come from KIPU and from
 * staff: whatever could steer a terminal is taken out.
 */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], nothing: string): string {
  if (rows.length === 0) return nothing;
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ of }) => cell(of(row))))];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => widthOf(line[at] ?? ''))));
  return lines
    .map((line) =>
      line
        .map((text, at) => padded(text, widths[at] ?? 0, columns[at]?.number === true))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** How many columns of a terminal a text takes: East Asian letters and emoji two, marks and joiners none. */
export function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += WIDE.test(segment) ? 2 : NONE.test(segment) ? 0 : 1;
  return width;
}

const graphemes = new Intl.Segmenter();
const WIDE =
  /^(?![\uff61-\uffdc])[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]|\ufe0f/u;
const NONE = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

function cell(value: string | number | null): string {
  const text = visibleText(value === null ? '' : String(value));
  if (text === '') return '-';
  if (widthOf(text) <= WIDEST) return text;
  let cut = '';
  let width = 0;
  for (const { segment } of graphemes.segment(text)) {
    width += widthOf(segment);
    if (width > WIDEST - 1) break;
    cut += segment;
  }
  return `${cut}…`;
}

function padded(text: string, width: number, right: boolean): string {
  const pad = ' '.repeat(width - widthOf(text));
  return right ? pad + text : text + pad;
}
