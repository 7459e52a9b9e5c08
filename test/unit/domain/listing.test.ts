import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterList,
  beginLists,
  cheaperWay,
  coversLatest,
  dueExpected,
  type ListRef,
  type Lists,
  lastAtOnce,
  nextList,
  type PageSaid,
  type RowsTrust,
} from '../../../domain/listing.ts';
import type { RunMode } from '../../../domain/run.ts';

/** A page of a hundred rows, one of ten pages, all due. */
function page(change: Partial<PageSaid> = {}): PageSaid {
  return {
    ...{ rows: 100, due: 100, pulled: 0, blank: false, ofLatest: 100, carriesCharts: null },
    ...{ totalPages: 10, totalRecords: 1_000, more: true },
    ...change,
  };
}

const latest = (number: number): ListRef => ({ source: 'latest', page: number, asCharts: false });
const census = (number: number, asCharts = false): ListRef => ({ source: 'census', page: number, asCharts });

/** Walks the lists to their end; `say` answers for each page. Returns what was read. */
function walk(begun: Lists, say: (at: ListRef) => PageSaid): string[] {
  const read: string[] = [];
  let lists = begun;
  for (let at = nextList(lists); at !== null && read.length < 100; at = nextList(lists)) {
    read.push(`${at.source} ${at.page}${at.asCharts ? ' as charts' : ''}`);
    lists = afterList(lists, at, say(at));
  }
  return read;
}

describe('cheaperWay', () => {
  const list = { next: 1, pages: 10, records: null, afterEmpty: false };

  it.each<
    [string, RunMode, RowsTrust, { due: number; pulled?: number; next?: number | null; pages?: number | null }, string]
  >([
    ['more due charts than pages', 'incremental', 'use', { due: 11 }, 'rows'],
    ['as many due charts as pages', 'incremental', 'use', { due: 10 }, 'charts'],
    ['nothing due', 'incremental', 'use', { due: 0 }, 'charts'],
    [
      'the rest of the due charts is fewer than the pages left',
      'incremental',
      'use',
      { due: 100, pulled: 95, next: 4 },
      'charts',
    ],
    ['the rest is more', 'incremental', 'use', { due: 100, pulled: 50, next: 4 }, 'rows'],
    ['the census is through', 'incremental', 'use', { due: 100, next: null }, 'charts'],
    ['nobody knows how long the census is', 'incremental', 'use', { due: 100, pages: null }, 'charts'],
    ['a census longer than it was', 'incremental', 'use', { due: 1, next: 12 }, 'rows'],
    ['rows without charts', 'incremental', 'no', { due: 1_000 }, 'charts'],
    ['rows of which nothing is known', 'incremental', 'try', { due: 1_000 }, 'charts'],
    ['a full run, which reads the census anyway', 'full', 'use', { due: 0 }, 'rows'],
    ['a full run that has to try', 'full', 'try', { due: 0 }, 'rows'],
    ['a full run whose rows are not trusted', 'full', 'no', { due: 1_000 }, 'charts'],
  ])('%s', (_, mode, rows, { due, pulled = 0, next = 1, pages = 10 }, way) => {
    const facts = { mode, rows, census: { ...list, next, pages }, dueExpected: due, pulledFromRows: pulled };
    expect(cheaperWay(facts)).toBe(way);
  });
});

describe('dueExpected', () => {
  it.each<[string, Partial<PageSaid>, number]>([
    ['all of every page', {}, 1_000],
    ['a tenth', { due: 10 }, 100],
    ['one of a hundred, rounded up', { due: 1, totalRecords: 150, totalPages: 2 }, 2],
    ['the only page', { rows: 7, due: 3, more: false, totalPages: 1, totalRecords: 7 }, 3],
    ['a total that KIPU does not say', { due: 40, totalRecords: null, totalPages: 0 }, 40],
    ['a total smaller than the page', { due: 40, totalRecords: 3 }, 40],
    ['a total that does not agree with the pages', { due: 40, totalRecords: 100 }, 40],
    ['no rows', { rows: 0, due: 0, more: false, totalPages: 1, totalRecords: 0 }, 0],
  ])('%s', (_, said, due) => {
    expect(dueExpected(page(said))).toBe(due);
  });
});

describe('the pages of a run', () => {
  const one = { more: false, totalPages: 1 };
  const pages = (of: number) => (at: ListRef) => page({ more: at.page < of, totalPages: of, totalRecords: of * 100 });

  it.each<[string, Lists, (at: ListRef) => PageSaid, string[]]>([
    ['incremental: the changed charts alone', beginLists('incremental', 'no', 3), pages(2), ['latest 1', 'latest 2']],
    ['full: both lists', beginLists('full', 'no', null), pages(2), ['latest 1', 'latest 2', 'census 1', 'census 2']],
    [
      'full, and the first page of the census has no charts',
      beginLists('full', 'try', null),
      (at) => ({ ...pages(2)(at), carriesCharts: at.asCharts ? false : null }),
      ['latest 1', 'census 1 as charts', 'latest 2', 'census 2'],
    ],
    [
      'full, and the rows carry charts and cover what changed',
      beginLists('full', 'try', null),
      (at) =>
        at.source === 'latest'
          ? pages(2)(at)
          : { ...pages(2)(at), pulled: 100, ofLatest: at.page === 1 ? 0 : 100, carriesCharts: true },
      ['latest 1', 'census 1 as charts', 'census 2 as charts'],
    ],
    [
      'full, and one changed chart is in no row',
      beginLists('full', 'use', 2),
      (at) =>
        at.source === 'latest'
          ? pages(2)(at)
          : { ...pages(2)(at), pulled: 99, ofLatest: at.page === 1 ? 0 : 99, carriesCharts: true },
      ['latest 1', 'census 1 as charts', 'census 2 as charts', 'latest 2'],
    ],
    [
      'incremental with much due: the census first',
      beginLists('incremental', 'use', 2),
      (at) =>
        at.source === 'latest' ? pages(3)(at) : { ...pages(2)(at), pulled: 100, ofLatest: 100, carriesCharts: true },
      ['latest 1', 'census 1 as charts', 'census 2 as charts'],
    ],
    [
      'incremental: the census proves too long for what is left',
      beginLists('incremental', 'use', 2),
      (at) =>
        at.source === 'latest'
          ? page({ ...one, rows: 60, due: 60, totalRecords: 60 })
          : page({ totalPages: 40, totalRecords: 4_000, pulled: 30, ofLatest: 0, carriesCharts: true }),
      ['latest 1', 'census 1 as charts'],
    ],
    [
      'incremental: a row differs from its chart',
      beginLists('incremental', 'use', 2),
      (at) => (at.source === 'latest' ? pages(2)(at) : { ...pages(2)(at), carriesCharts: false }),
      ['latest 1', 'census 1 as charts', 'latest 2'],
    ],
    [
      'a page of empty rows ends its list',
      beginLists('full', 'no', null),
      (at) => ({ ...pages(5)(at), blank: at.source === 'latest' }),
      ['latest 1', 'census 1', 'census 2', 'census 3', 'census 4', 'census 5'],
    ],
    [
      'a list whose total keeps growing while its pages are empty ends at the second of them',
      beginLists('incremental', 'no', null),
      (at) => page({ rows: at.page === 1 ? 100 : 0, due: 0 }),
      ['latest 1', 'latest 2', 'latest 3'],
    ],
    [
      'rows behind an empty page are read',
      beginLists('incremental', 'no', null),
      (at) => page({ rows: at.page === 2 ? 0 : 100, more: at.page < 4 }),
      ['latest 1', 'latest 2', 'latest 3', 'latest 4'],
    ],
  ])('%s', (_, begun, say, read) => {
    expect(walk(begun, say)).toEqual(read);
  });

  it('end, read no page twice, and leave no changed chart unseen unless the rows cover them all', () => {
    const said = fc.record({
      rows: fc.integer({ min: 0, max: 100 }),
      due: fc.nat(100),
      pulled: fc.nat(100),
      blank: fc.boolean(),
      ofLatest: fc.nat(100),
      carriesCharts: fc.constantFrom(null, true, false),
      totalPages: fc.nat(6),
      totalRecords: fc.option(fc.nat(600)),
      more: fc.boolean(),
    });
    const begun = fc.tuple(
      fc.constantFrom<RunMode>('incremental', 'full'),
      fc.constantFrom<RowsTrust>('use', 'try', 'no'),
      fc.option(fc.nat(6)),
    );
    fc.assert(
      fc.property(begun, fc.array(said, { minLength: 1, maxLength: 12 }), ([mode, rows, known], answers) => {
        const read: string[] = [];
        let lists = beginLists(mode, rows, known);
        for (let at = nextList(lists); at !== null; at = nextList(lists)) {
          const answer = answers[read.length] ?? page({ more: false });
          read.push(`${at.source} ${at.page}`);
          lists = afterList(lists, at, answer);
        }
        expect(new Set(read).size).toBe(read.length);
        expect(lists.latest.next === null || coversLatest(lists)).toBe(true);
        if (mode === 'full') expect(lists.census.next).toBeNull();
      }),
    );
  });
});

describe('lastAtOnce', () => {
  const lists = (pages: number | null, rows: RowsTrust = 'no'): Lists => {
    const begun = beginLists('full', rows, null);
    return { ...begun, latest: { ...begun.latest, pages } };
  };
  it.each<[string, Lists, Partial<ListRef>, number]>([
    ['a first page alone: it says how many there are', lists(9), { page: 1 }, 1],
    ['four pages', lists(9), { page: 2 }, 5],
    ['no more than there are', lists(9), { page: 7 }, 9],
    ['the page itself where the list is longer than stated', lists(9), { page: 10 }, 10],
    ['one page where the number is unknown', lists(null), { page: 2 }, 2],
    ['one page whose rows may carry charts', lists(9), { page: 2, asCharts: true }, 2],
    ['one page where rows carry charts: the census may make the rest needless', lists(9, 'use'), { page: 2 }, 2],
  ])('is %s', (_, progress, at, last) => {
    expect(lastAtOnce(progress, { source: 'latest', page: 1, asCharts: false, ...at })).toBe(last);
  });
});

describe('coversLatest', () => {
  const through: Lists = {
    ...beginLists('full', 'use', 2),
    census: { next: null, pages: 2, records: 200, afterEmpty: false },
    latest: { next: 2, pages: 3, records: 250, afterEmpty: false },
    seenOfLatest: 250,
  };

  it.each<[string, Partial<Lists>, boolean]>([
    ['as many as KIPU names', {}, true],
    ['one fewer', { seenOfLatest: 249 }, false],
    ['a census that was not read to its end', { census: { ...through.census, next: 2 } }, false],
    ['rows that were not read as charts', { rows: 'no' }, false],
    ['a total that is not known', { latest: { ...through.latest, records: null } }, false],
  ])('%s', (_, change, covers) => {
    expect(coversLatest({ ...through, ...change })).toBe(covers);
  });

  it('is never true of a total that the first page does not bear out', () => {
    const lists = afterList(beginLists('full', 'use', 1), latest(1), page({ totalRecords: 100 }));
    expect(lists.latest.records).toBeNull();
    const after = afterList(lists, census(1, true), page({ more: false, carriesCharts: true }));
    expect(coversLatest(after)).toBe(false);
  });
});

describe('beginLists', () => {
  it('begins with the first page of both lists, and nothing is known of them but the pages of the census', () => {
    const list = { next: 1, pages: null, records: null, afterEmpty: false };
    expect(beginLists('full', 'try', 7)).toEqual({
      ...{ mode: 'full', rows: 'try', censusFirst: false, latest: list, census: { ...list, pages: 7 } },
      ...{ dueExpected: null, pulledFromRows: 0, seenOfLatest: 0, blank: false },
    });
  });
});

describe('nextList', () => {
  const begun = beginLists('full', 'use', 3);
  const second = { ...begun.latest, next: 2 };
  const through = { ...begun.latest, next: null };

  it.each<[string, Partial<Lists>, ListRef | null]>([
    ['the first page of the changed charts, before the census', { censusFirst: true }, latest(1)],
    [
      'the first page of the changed charts, though the rows of the census cover a list without records',
      { census: through, latest: { ...begun.latest, records: 0 } },
      latest(1),
    ],
    ['the census as charts, where it is first', { censusFirst: true, latest: second }, census(1, true)],
    ['the census, first, whose rows carry none', { censusFirst: true, latest: second, rows: 'no' }, census(1)],
    ['the changed charts after the census', { censusFirst: true, latest: second, census: through }, latest(2)],
    ['nothing after both', { latest: through, census: through }, null],
    ['nothing more of an incremental run after the changed charts', { mode: 'incremental', latest: through }, null],
  ])('is %s', (_, change, next) => {
    expect(nextList({ ...begun, ...change })).toEqual(next);
  });
});

describe('afterList', () => {
  const begun = beginLists('full', 'try', 3);
  const first = afterList(begun, latest(1), page());

  it.each<[string, Partial<PageSaid>, number | null]>([
    ['as KIPU states them', {}, 1_000],
    ['unknown where KIPU does not state them', { totalRecords: null }, null],
    ['unknown where they are fewer than the rows', { totalRecords: 99 }, null],
    ['unknown where they are the rows of this page, and there are more', { totalRecords: 100, totalPages: 2 }, null],
    ['the rows of the only page', { totalRecords: 100, totalPages: 1, more: false }, 100],
    ['more than the pages before the last hold', { totalRecords: 201, totalPages: 3 }, 201],
    ['unknown where one page fewer would hold them', { totalRecords: 200, totalPages: 3 }, null],
    ['as stated on the last page, whatever the pages', { totalRecords: 150, totalPages: 5, more: false }, 150],
  ])('has the records of a list %s', (_, said, records) => {
    expect(afterList(begun, latest(1), page(said)).latest.records).toBe(records);
  });

  it('keeps what the first page said of the whole list', () => {
    const second = afterList(first, latest(2), page({ totalRecords: 5_000, totalPages: 0, due: 1 }));
    expect(second.latest).toEqual({ next: 3, pages: 10, records: 1_000, afterEmpty: false });
    expect([first.dueExpected, second.dueExpected]).toEqual([1_000, 1_000]);
    expect(afterList(second, latest(3), page({ totalPages: 12 })).latest.pages).toBe(12);
  });

  it.each([
    [false, false, false],
    [false, true, true],
    [true, false, true],
    [true, true, true],
  ])('knows of a blank page: before %j, this one %j', (before, blank, after) => {
    expect(afterList({ ...begun, blank: before }, latest(1), page({ blank })).blank).toBe(after);
  });

  it('puts the census first only after the first page of changed charts, and as long as it is the cheaper way', () => {
    expect(first.censusFirst).toBe(true);
    const later = { ...first, censusFirst: false };
    expect(afterList(later, latest(2), page()).censusFirst).toBe(false);
    expect(afterList(later, census(1), page()).censusFirst).toBe(false);
    expect(afterList(first, census(1, true), page()).censusFirst).toBe(true);
    expect(afterList(first, census(1, true), page({ carriesCharts: false })).censusFirst).toBe(false);
  });
});
