import type { ListSource, RunMode } from './run.ts';

/**
 * Whether a run reads census rows as charts: `use`, `try` where the first page of the census has to show whether its rows
 * carry charts, or `no`.
 */
export type RowsTrust = 'use' | 'try' | 'no';

/** One page of a list to read. `asCharts`: due records are pulled from its rows where these carry charts. */
export interface ListRef {
  source: ListSource;
  page: number;
  asCharts: boolean;
}

/** What one page of a list said, in numbers. */
export interface PageNumbers {
  /** Rows on the page, refused ones included. */
  rows: number;
  /** Records due by its rows, pulled by now or not. */
  due: number;
  /** Records pulled from its rows. */
  pulled: number;
  /** There were rows, and every field of all of them was empty. */
  blank: boolean;
  /** As KIPU says; 0 and null where it says nothing usable. */
  totalPages: number;
  totalRecords: number | null;
  /** Charts that this run saw for the first time and that are certainly in the list of changed charts. */
  ofLatest: number;
  /** Whether rows carry charts that can be trusted; null where the page says nothing of it. */
  carriesCharts: boolean | null;
}

/** The same, and whether the list goes on behind the page. */
export type PageSaid = PageNumbers & { more: boolean };

interface ListState {
  /** The page to read next; null when the list is through. */
  next: number | null;
  /** Pages and rows of the whole list; null while not known. */
  pages: number | null;
  records: number | null;
  /** The page read last had no rows, though KIPU named more. */
  afterEmpty: boolean;
}

/** How far a run is with KIPU's two lists. Numbers only, however long the lists are. */
export interface Lists {
  mode: RunMode;
  rows: RowsTrust;
  /** Whether the census is read before the rest of the changed charts, to pull from its rows. */
  censusFirst: boolean;
  latest: ListState;
  census: ListState;
  /** Due charts, by the first page of the changed ones; null before. */
  dueExpected: number | null;
  pulledFromRows: number;
  seenOfLatest: number;
  /** A page of nothing but empty rows was met. */
  blank: boolean;
}

/** `censusPages` is how many pages the census had last; null where nobody knows. */
export function beginLists(mode: RunMode, rows: RowsTrust, censusPages: number | null): Lists {
  const list = { next: 1, pages: null, records: null, afterEmpty: false };
  return {
    ...{ mode, rows, censusFirst: false, latest: list, census: { ...list, pages: censusPages } },
    ...{ dueExpected: null, pulledFromRows: 0, seenOfLatest: 0, blank: false },
  };
}

/** Returns the page to read next; null when KIPU's lists are through. */
export function nextList(lists: Lists): ListRef | null {
  const { latest, census, mode, rows } = lists;
  const page = (source: ListSource, number: number): ListRef => ({ source, page: number, asCharts: false });
  if (latest.next === 1) return page('latest', 1);
  if (census.next !== null && lists.censusFirst) return { ...page('census', census.next), asCharts: rows !== 'no' };
  if (latest.next !== null && !coversLatest(lists)) return page('latest', latest.next);
  if (census.next !== null && mode === 'full') return page('census', census.next);
  return null;
}

/** Returns how far the lists are after a page of them was read. */
export function afterList(lists: Lists, at: ListRef, said: PageSaid): Lists {
  const before = lists[at.source];
  const list: ListState = {
    next: goesOn(said, before) ? at.page + 1 : null,
    pages: said.totalPages > 0 ? said.totalPages : before.pages,
    records: at.page === 1 ? statedRecords(said) : before.records,
    afterEmpty: said.rows === 0,
  };
  const first = at.source === 'latest' && at.page === 1;
  const after: Lists = {
    ...lists,
    [at.source]: list,
    rows: said.carriesCharts === null ? lists.rows : said.carriesCharts ? 'use' : 'no',
    dueExpected: first ? dueExpected(said) : lists.dueExpected,
    pulledFromRows: lists.pulledFromRows + said.pulled,
    seenOfLatest: lists.seenOfLatest + said.ofLatest,
    blank: lists.blank || said.blank,
  };
  const mayBegin = first || lists.censusFirst;
  return { ...after, censusFirst: mayBegin && cheaperWay(after) === 'rows' };
}

/**
 * Decides how due charts are pulled: from the rows of the census, or each by a request of its own. A full run reads the
 * census anyway, so its rows cost nothing; another one reads it where that takes fewer requests than there are due charts.
 */
export function cheaperWay(
  lists: Pick<Lists, 'mode' | 'rows' | 'census' | 'dueExpected' | 'pulledFromRows'>,
): 'rows' | 'charts' {
  const { mode, rows, census, pulledFromRows } = lists;
  if (rows === 'no' || census.next === null) return 'charts';
  if (mode === 'full') return 'rows';
  if (rows === 'try' || census.pages === null) return 'charts';
  const dueLeft = (lists.dueExpected ?? 0) - pulledFromRows;
  const pagesLeft = census.pages - census.next + 1;
  return dueLeft > Math.max(pagesLeft, 0) ? 'rows' : 'charts';
}

/**
 * True when the rows of the census are known to cover the whole list of changed charts, so that the rest of it need not be
 * read: so many different charts were seen that are certainly in it. A chart that was edited long after its discharge is
 * in that list alone.
 */
export function coversLatest({ rows, census, latest, seenOfLatest }: Lists): boolean {
  if (rows !== 'use' || census.next !== null || latest.records === null) return false;
  return seenOfLatest >= latest.records;
}

/** Returns how many charts are due in the whole list, when its first page is like the others. */
export function dueExpected(first: PageSaid): number {
  const records = statedRecords(first) ?? first.rows;
  return first.rows === 0 ? 0 : Math.ceil((first.due / first.rows) * records);
}

/** Returns the list's number of rows as its first page states it; null where that does not agree with the page itself. */
function statedRecords({ rows, totalPages, totalRecords, more }: PageSaid): number | null {
  if (totalRecords === null || totalRecords < rows || (more && totalRecords === rows)) return null;
  return totalRecords > (totalPages - 1) * rows || !more ? totalRecords : null;
}

/** A page of empty rows ends its list, and so does the second page without rows of a list whose total keeps growing. */
function goesOn(said: PageSaid, before: ListState): boolean {
  return said.more && !said.blank && !(said.rows === 0 && before.afterEmpty);
}
