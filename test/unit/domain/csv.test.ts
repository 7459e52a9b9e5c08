import { describe, expect, it } from 'vitest';
import { BYTE_ORDER_MARK, type CsvValue, csvField, csvLine } from '../../../domain/csv.ts';

describe('A field of CSV', () => {
  it.each<[string, CsvValue, string]>([
    ['nothing', null, ''],
    ['no text', '', '""'],
    ['a text', 'Copper Vale', '"Copper Vale"'],
    ['quotes', 'the "Vale"', '"the ""Vale"""'],
    ['a comma and a line break', 'a,b\nc', '"a,b\nc"'],
    ['a number', 7, '"7"'],
    ['a negative number, which is no formula', -7, '"-7"'],
    ['a time', new Date('2026-03-02T10:00:00Z'), '"2026-03-02T10:00:00.000Z"'],
    ...['=', '+', '-', '@', '|', '%', '\uff1d', '\uff0b', '\uff0d', '\uff20'].map(
      (sign): [string, CsvValue, string] => [`a formula with ${sign}`, `${sign}1`, `"'${sign}1"`],
    ),
    ['a sign that is not first', 'a=1', '"a=1"'],
    ['a formula after blanks', '  =1', `"'  =1"`],
    ['a formula after control characters', '\u0001\u0002=1', `"'\u0001\u0002=1"`],
    ['a formula after a semicolon', 'a;=1', `"a;'=1"`],
    ['a formula after a tab', 'a\t=1', `"a\t'=1"`],
    ['a formula in the next line', 'a\n=1', `"a\n'=1"`],
    ['a formula in the next line, after a carriage return', 'a\r=1', `"a\r'=1"`],
    ['a formula in the next line of Windows', 'a\r\n=1', `"a\r\n'=1"`],
    ['a quoted formula after a semicolon', 'a;""=1', `"a;""""'=1"`],
    ['several formulas', '=1;=2;x=3', `"'=1;'=2;x=3"`],
    ['blanks alone', ' ; ', '" ; "'],
  ])('of %s is quoted, and runs nothing', (_, value, field) => {
    expect(csvField(value)).toBe(field);
  });
});

describe('A line of CSV', () => {
  it('has its fields separated by commas, and ends as RFC 4180 has it', () => {
    expect(csvLine(['a', null, 2])).toBe('"a",,"2"\r\n');
    expect(csvLine([])).toBe('\r\n');
    expect(BYTE_ORDER_MARK).toBe('\ufeff');
  });
});
