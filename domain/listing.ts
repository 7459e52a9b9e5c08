import type { ListSource, RunMode } from './run.ts';

/**
 * Whether a run reads census rows as charts: `use`, `no`, or `try` if the first page of the census has to show whether its
 * rows carry charts.
 */
export type RowsTrust = 'use' | 'try' | 'no';

/** One page of a list to read. With `asCharts`, due records are pulled from its rows if these carry charts. */
export interface ListRef {
  source: ListSource;
  page: number;
  asCharts: boolean;
}

/** The counts of one page of a list. */
export interface PageNumbers {
  /** Rows on the page, refused ones included. */
  rows: number;
  /** Records that are due because of its rows, already pulled or not. */
  due: number;
  /** Records pulled from its rows. */
  pulled: number;
  /** The page has rows, and every field of all of them is empty. */
  blank: boolean;
  /** As KIPU states it; 0 and null if it states nothing usable. */
  totalPages: number;
  totalRecords: number | null;
  /** Charts that this run has not listed before and that are certainly in the list of changed charts. */
  ofLatest: number;
  /** Whether rows carry charts that can be trusted; null if the page does not show it. */
  carriesCharts: boolean | null;
}

/** The same, and whether the list continues after the page. */
export type PageSaid = PageNumbers & { more: boolean };

interface ListState {
  /** The page to read next; null at the end of the list. */
  next: number | null;
  /** Pages and rows of the whole list; null while unknown. */
  pages: number | null;
  records: number | null;
  /** The last page had no rows, although KIPU stated more. */
  afterEmpty: boolean;
}

/** A run's progress through KIPU's two lists. Of constant size, however long the lists are. */
export interface Lists {
  mode: RunMode;
  rows: RowsTrust;
  /** Whether the census is read before the rest of the changed charts, to pull from its rows. */
  censusFirst: boolean;
  latest: ListState;
  census: ListState;
  /** Due charts, estimated from the first page of changed charts; null before that page. */
  dueExpected: number | null;
  pulledFromRows: number;
  seenOfLatest: number;
  /** A page had only empty rows. */
  blank: boolean;
}

/** Returns the progress at the start of a run. `censusPages` is how many pages the census had last; null if unknown. */
export function beginLists(mode: RunMode, rows: RowsTrust, censusPages: number | null): Lists {
  const list = { next: 1, pages: null, records: null, afterEmpty: false };
  return {
    ...{ mode, rows, censusFirst: false, latest: list, census: { ...list, pages: censusPages } },
    ...{ dueExpected: null, pulledFromRows: 0, seenOfLatest: 0, blank: false },
  };
}

/** Returns the page to read next; null after the last page of both lists. */
export function nextList(lists: Lists): ListRef | null {
  const { latest, census, mode, rows } = lists;
  const page = (source: ListSource, number: number): ListRef => ({ source, page: number, asCharts: false });
  if (latest.next === 1) return page('latest', 1);
  if (census.next !== null && lists.censusFirst) return { ...page('census', census.next), asCharts: rows !== 'no' };
  if (latest.next !== null && !coversLatest(lists)) return page('latest', latest.next);
  if (census.next !== null && mode === 'full') return page('census', census.next);
  return null;
}

/** Pages of a list that are read at once: KIPU answers some while another is stored. */
const PAGES_AT_ONCE = 4;

/**
 * Returns the last page that the run may read together with this one: it reads those in between whatever this one says. Rows
 * that carry charts are read one page after the other, because a page decides whether the next one is needed.
 */
export function lastAtOnce({ rows, ...lists }: Lists, { source, page, asCharts }: ListRef): number {
  const { pages } = lists[source];
  // How many pages there are is known from the first one.
  if (asCharts || rows === 'use' || pages === null || page === 1) return page;
  return Math.max(page, Math.min(pages, page + PAGES_AT_ONCE - 1));
}

/** Returns the progress after a page was read. */
export function afterList(lists: Lists, at: ListRef, said: PageSaid): Lists {
  const before = lists[at.source];
  const list: ListState = {
    next: continues(said, before) ? at.page + 1 : null,
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
 * Decides how due charts are pulled: from the rows of the census, or each with its own request. A full run reads the census
 * anyway, so its rows cost nothing. Another run reads it if that takes fewer requests than there are due charts.
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
 * Returns true if the census has covered the whole list of changed charts, so that the rest of that list need not be read: as
 * many different charts were listed as are certainly in it. A chart that was edited long after its discharge is only in that
 * list.
 */
export function coversLatest({ rows, census, latest, seenOfLatest }: Lists): boolean {
  if (rows !== 'use' || census.next !== null || latest.records === null) return false;
  return seenOfLatest >= latest.records;
}

/** Returns the expected number of due charts in the whole list, extrapolated from its first page. */
export function dueExpected(first: PageSaid): number {
  const records = statedRecords(first) ?? first.rows;
  return first.rows === 0 ? 0 : Math.ceil((first.due / first.rows) * records);
}

/** Returns the list's number of rows as its first page states it; null if the page itself contradicts it. */
function statedRecords({ rows, totalPages, totalRecords, more }: PageSaid): number | null {
  if (totalRecords === null || totalRecords < rows || (more && totalRecords === rows)) return null;
  return totalRecords > (totalPages - 1) * rows || !more ? totalRecords : null;
}

/** Returns true if the list has another page. Empty rows end it, and so does a second page without rows. */
function continues(said: PageSaid, before: ListState): boolean {
  return said.more && !said.blank && !(said.rows === 0 && before.afterEmpty);
}
