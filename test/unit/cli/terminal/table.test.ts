import { describe, expect, it } from 'vitest';
import { fittedTable, table } from '../../../../cli/terminal/table.ts';

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

describe('A table in a narrow terminal', () => {
  const wide = [
    { title: 'record', of: (row: Record<string, string>) => row.record ?? null },
    { title: 'status', of: (row: Record<string, string>) => row.status ?? null, leaveOut: 2 },
    { title: 'why', of: (row: Record<string, string>) => row.why ?? null, leaveOut: 1 },
    { title: 'n', of: (row: Record<string, string>) => row.n ?? null, number: true },
  ];
  const rows = [
    { record: 'r-1', status: 'held', why: 'because of this', n: '7' },
    { record: 'r-2', status: 'unlocked', why: '', n: '12' },
  ];

  it.each([
    [80, ['record', 'status', 'why', 'n'], []],
    [37, ['record', 'status', 'why', 'n'], []],
    [36, ['record', 'status', 'n'], ['why']],
    [20, ['record', 'status', 'n'], ['why']],
    [19, ['record', 'n'], ['status', 'why']],
    [10, ['record', 'n'], ['status', 'why']],
  ])('of %i columns shows %j and leaves out %j', (width, titles, leftOut) => {
    const fitted = fittedTable(rows, wide, '', width);
    const lines = fitted.text.split('\n');
    expect({ titles: lines[0]?.split(/ {2,}/), leftOut: fitted.leftOut }).toEqual({ titles, leftOut });
    expect(lines).toHaveLength(3);
    expect(lines.filter((line) => line.length > width)).toEqual([]);
  });

  it('has a block for each row where its columns do not fit, and leaves nothing out', () => {
    expect(fittedTable([...rows].reverse(), wide, '', 9)).toEqual({
      text: [
        ...['r-2', '  status  unlocked', '  why     -', '  n       12'],
        ...['r-1', '  status  held', '  why     because', '          of', '          this', '  n       7'],
      ].join('\n'),
      leftOut: [],
    });
  });
});

describe('A table whose texts may be cut', () => {
  const columns = [
    { title: 'record', of: (row: string[]) => row[0] ?? null },
    { title: 'to', of: (row: string[]) => row[1] ?? null, cut: 6 },
    { title: 'remark', of: (row: string[]) => row[2] ?? null, cut: 8 },
  ];
  const rows = [
    ['r-1', 'Willow Bend House', 'no dob'],
    ['r-2', '-', ''],
  ];

  it.each([
    [34, 'r-1     Willow Bend House  no dob'],
    [30, 'r-1     Willow Bend H…  no dob'],
    [22, 'r-1     Willo…  no dob'],
  ])('in %i columns has one line for each row', (width, line) => {
    const { text, leftOut } = fittedTable(rows, columns, '', width);
    expect([text.split('\n')[1], leftOut]).toEqual([line, []]);
    expect(text.split('\n').filter((one) => one.length > width)).toEqual([]);
  });

  it('has blocks, uncut, where cutting is not enough', () => {
    expect(fittedTable(rows, columns, '', 21).text.split('\n')[1]).toBe('  to      Willow Bend');
  });
});

describe('The lists', async () => {
  const { holdColumns } = await import('../../../../cli/commands/holds.ts');
  const now = new Date('2026-11-24T20:00:00Z');

  it('show held records in 80 columns, with a date that people read and no casefile id', () => {
    const held = {
      ...{ record: 'r-bcdf2345ghjk6789', instance: 'north-harbor', casefileId: '7:x', status: 'held' as const },
      ...{ reason: 'webhook-missing' as const, words: '', since: new Date('2026-11-06T20:00:00Z'), ageHours: 432 },
      ...{ reminders: 12, changesWaiting: 3, dischargeDate: '2026-11-05T20:45:52', destinationKnown: true },
    };
    const { text } = fittedTable([held], holdColumns(now), '', 80);
    expect(text.split('\n')[1]).toBe('r-bcdf2345ghjk6789  north-harbor  Nov 5, 8:45 PM  18 d      webhook-missing');
  });
});
