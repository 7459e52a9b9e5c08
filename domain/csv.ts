/**
 * Spreadsheet programs run a field with one of these first characters as a formula, also after blanks or in full width.
 * Where they separate fields by semicolons or tabs, whatever follows one in our field begins a field of its own.
 */
const FORMULA = /(^|(?:[;\t\n]|\r\n?)"*)([\s\p{Cc}]*[=+\-@\uff1d\uff0b\uff0d\uff20|%])/gu;

/** Marks the text as UTF-8 for spreadsheet programs. */
export const BYTE_ORDER_MARK = '\ufeff';

export type CsvValue = string | number | Date | null;

/** Returns a quoted field that no spreadsheet program runs as a formula. */
export function csvField(value: CsvValue): string {
  if (value === null) return '';
  const text = value instanceof Date ? value.toISOString() : String(value);
  const safe = typeof value === 'string' ? text.replace(FORMULA, "$1'$2") : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

/** Returns a line of CSV (RFC 4180). */
export function csvLine(values: readonly CsvValue[]): string {
  return `${values.map(csvField).join(',')}\r\n`;
}
