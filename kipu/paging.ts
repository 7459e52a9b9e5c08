/** Last page that is ever asked for. A list that goes on beyond it is an error, so that nothing is dropped unseen. */
export const MAX_PAGES = 2_000;

/** What one answer says about its place in the list. Null where KIPU sent nothing usable. */
export interface PagePlace {
  /** Asked for. */
  page: number;
  /** Rows asked for. */
  per: number;
  /** Rows that came, readable or not. */
  count: number;
  currentPage: number | null;
  totalPages: number | null;
  totalRecords: number | null;
  recordsPerPage: number | null;
}

/**
 * The page to ask for next, or null at the end of the list.
 *
 * KIPU's totals are hints: they come as null or zero, and change while a list is read. So a page with rows ends the list only
 * when the totals agree that it is the last; where they don't, the next page is asked for, and an empty page ends the list.
 * One call too many is cheaper than a chart lost.
 */
export function nextPage(place: PagePlace): number | null {
  const { page, count, totalPages, totalRecords, currentPage } = place;
  const following = page + 1;
  if (totalPages !== null && page < totalPages) return following;
  if (count === 0) return null;
  if (totalPages === null || totalPages === 0) return following;
  if (page > totalPages) {
    // A server that answers pages beyond the end with its last page says so in current_page.
    const repeatsLastPage = currentPage !== null && currentPage > 0 && currentPage < page;
    return repeatsLastPage ? null : following;
  }
  const size = place.recordsPerPage || place.per;
  const complete = totalRecords === null ? count < size : (page - 1) * size + count >= totalRecords;
  return complete ? null : following;
}
