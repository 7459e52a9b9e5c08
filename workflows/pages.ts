import { type ListRef, type Lists, nextList } from '../domain/listing.ts';
import type { ListedPage, PageRef } from './messages.ts';

/** Returns the page that a run reads next while it reads KIPU's lists: one of them, or the first of what is owed. */
export function pageOfLists(lists: Lists): PageRef {
  return nextList(lists) ?? { source: 'owed', after: null };
}

/** Returns the page of owed records after this one; null after the last. */
export function owedAfter(page: Pick<ListedPage, 'due' | 'more'>): PageRef | null {
  return page.more ? { source: 'owed', after: page.due.at(-1) ?? null } : null;
}

/** Returns true when `next` is the page after `at` in the same list. */
export function isNextPage(at: PageRef, next: PageRef | null): boolean {
  return next !== null && isListPage(at) && isListPage(next) && next.source === at.source && next.page === at.page + 1;
}

export function isListPage(at: PageRef): at is ListRef {
  return at.source === 'latest' || at.source === 'census';
}
