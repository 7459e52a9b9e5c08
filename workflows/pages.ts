import { type ListRef, type Lists, nextList } from '../domain/listing.ts';
import type { ListedPage, PageRef, VaultPage, VaultRef } from './messages.ts';

/** Returns the page that a run reads next while it reads KIPU's lists: one of them, or the first of what is owed. */
export function pageOfLists(lists: Lists): PageRef {
  return nextList(lists) ?? { source: 'owed', after: null };
}

/** Returns the page of owed records after this one; null after the last. */
export function owedAfter(page: Pick<ListedPage, 'due' | 'more'>): PageRef | null {
  return page.more ? { source: 'owed', after: page.due.at(-1) ?? null } : null;
}

export const firstOfVault: VaultRef = { source: 'vault', page: 1, found: 0, afterEmpty: false };

/**
 * Returns the page of deleted charts after this one; null after the last. A list whose total keeps growing while its pages
 * are empty ends at the second empty page.
 */
export function vaultAfter(at: VaultRef, page: Pick<VaultPage, 'found' | 'more' | 'empty'> | null): VaultRef | null {
  if (at.source === 'void') return at.page < at.pages ? { ...at, page: at.page + 1 } : null;
  const found = at.found + (page?.found ?? 0);
  const empty = page?.empty ?? true;
  if (page?.more && !(empty && at.afterEmpty)) {
    return { source: 'vault', page: at.page + 1, found, afterEmpty: empty };
  }
  return found > 0 ? { source: 'void', page: 1, pages: at.page } : null;
}

export function isListPage(at: PageRef): at is ListRef {
  return at.source === 'latest' || at.source === 'census';
}

export function isVaultPage(at: PageRef | null): at is VaultRef {
  return at?.source === 'vault' || at?.source === 'void';
}
