import { describe, expect, it } from 'vitest';
import { table, widthOf } from '../../../../cli/terminal/table.ts';

const columns = [
  { title: 'name', of: (row: { name: string | null; n: number }) => row.name },
  { title: 'n', of: (row: { name: string | null; n: number }) => row.n, number: true },
];

describe('table', () => {
  it('says what there is not', () => {
    expect(table([], columns, 'nothing here')).toBe('nothing here');
  });

  it.each([
    ['plain text', 'abc', 'name    n', 'abc     7'],
    ['nothing', null, 'name    n', '-       7'],
    ['wide letters', '東京病院', 'name        n', '東京病院    7'],
    ['a letter of two characters', 'Cafe\u0301s', 'name     n', 'Cafe\u0301s    7'],
    ['what steers a terminal', '\u001b[2Jgone\nnext', 'name            n', '[2Jgone next    7'],
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

  it('cuts what is too long, in the middle of no letter', () => {
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
  ])('measures %j as %i columns', (text, width) => expect(widthOf(text)).toBe(width));
});
