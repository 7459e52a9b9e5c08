import { describe, expect, it } from 'vitest';
import { table } from '../../../../cli/terminal/table.ts';

const columns = [
  { title: 'name', of: (row: { name: string | null; n: number }) => row.name },
  { title: 'n', of: (row: { name: string | null; n: number }) => row.n, number: true },
];

describe('A table', () => {
  it('says so where there are no rows', () => {
    expect(table([], columns, 'no rows')).toBe('no rows');
  });

  it.each([
    ['plain text', 'abc', 'name    n', 'abc     7'],
    ['an empty cell', null, 'name    n', '-       7'],
    ['wide characters', '東京病院', 'name        n', '東京病院    7'],
    ['a letter of two code points', 'Cafe\u0301s', 'name     n', 'Cafe\u0301s    7'],
    ['a text without its control characters', '\u001b[2Jgone\nnext', 'name            n', '[2Jgone next    7'],
  ])('aligns %s', (_, name, titles, row) => {
    expect(
      table(
        [
          { name, n: 7 },
          { name: 'b', n: 100 },
        ],
        columns,
        '',
      )
        .split('\n')
        .slice(0, 2),
    ).toEqual([titles, row]);
  });

  it('cuts a long cell between two letters', () => {
    const [, row = ''] = table([{ name: '東'.repeat(500), n: 1 }], columns, '').split('\n');
    expect(row).toBe(`${'東'.repeat(29)}…  1`);
  });

  it.each([
    ['abc', 3],
    ['', 0],
    ['한글', 4],
    ['e\u0301', 1],
    ['👩‍⚕️', 2],
    ['ｱ', 1],
    ['Ａ', 2],
  ])('counts %j as %i terminal columns', (text, width) => {
    const [, row = ''] = table(
      [
        { name: `${text}|`, n: 1 },
        { name: 'x'.repeat(20), n: 1 },
      ],
      columns,
      '',
    ).split('\n');
    expect(row.slice(text.length + 1)).toBe(`${' '.repeat(20 - 1 - width)}  1`);
  });
});
