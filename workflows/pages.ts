import type { RunMode } from '../domain/run.ts';
import type { ListedPage, PageRef } from './messages.ts';

export const firstPage: PageRef = { source: 'latest', page: 1 };

/**
 * The page to list after this one, or null after the last. Only a full run walks the census. A list whose total keeps
 * growing while its pages are empty ends at the second empty one.
 */
export function pageAfter(
  at: PageRef,
  listed: Pick<ListedPage, 'more' | 'due' | 'empty'>,
  mode: RunMode,
): PageRef | null {
  if (at.source === 'owed') {
    return listed.more ? { source: 'owed', after: listed.due.at(-1) ?? null } : null;
  }
  const goesOn = listed.more && !(listed.empty && at.afterEmpty);
  if (goesOn) return { source: at.source, page: at.page + 1, ...(listed.empty ? { afterEmpty: true } : {}) };
  if (at.source === 'latest' && mode === 'full') return { source: 'census', page: 1 };
  return { source: 'owed', after: null };
}
