import { describe, expect, it } from 'vitest';
import { beginLists } from '../../../domain/listing.ts';
import type { PageRef, VaultPage, VaultRef } from '../../../workflows/messages.ts';
import { isListPage, isNextPage, owedAfter, pageOfLists } from '../../../workflows/pages.ts';
import { firstOfVault, isVaultPage, vaultAfter } from '../../../workflows/vault.ts';

describe('The owed records', () => {
  it('follow after both of KIPU’s lists', () => {
    const lists = beginLists('full', 'no', null);
    const through = { next: null, pages: 1, records: 1, afterEmpty: false };
    expect(pageOfLists(lists)).toEqual({ source: 'latest', page: 1, asCharts: false });
    expect(pageOfLists({ ...lists, latest: through, census: through })).toEqual({ source: 'owed', after: null });
  });

  it('continue after the last id of a page while there are more', () => {
    expect(owedAfter({ due: ['a', 'b', 'c'], more: true })).toEqual({ source: 'owed', after: 'c' });
    expect(owedAfter({ due: ['c'], more: false })).toBeNull();
  });
});

describe('The page after a page of deleted charts', () => {
  const page = (found: number, more: boolean, empty = false): Pick<VaultPage, 'found' | 'more' | 'empty'> => ({
    ...{ found, more, empty },
  });
  const vault = (number: number, found: number, afterEmpty = false): VaultRef => ({
    ...{ source: 'vault', page: number, found, afterEmpty },
  });

  it.each<[string, VaultRef, ReturnType<typeof page> | null, VaultRef | null]>([
    ['the first of several', firstOfVault, page(2, true), vault(2, 2)],
    ['the last, with something to void', vault(3, 2), page(0, false), { source: 'void', page: 1, pages: 3 }],
    ['the last, with nothing to void', vault(3, 0), page(0, false), null],
    ['an empty one', firstOfVault, page(0, true, true), vault(2, 0, true)],
    ['a second empty one', vault(2, 1, true), page(0, true, true), { source: 'void', page: 1, pages: 2 }],
    ['rows behind an empty one', vault(2, 0, true), page(1, true), vault(3, 1)],
    ['one that was voided', { source: 'void', page: 1, pages: 2 }, null, { source: 'void', page: 2, pages: 2 }],
    ['one that says nothing, after some were found', vault(2, 1), null, { source: 'void', page: 1, pages: 2 }],
    ['one that says nothing', firstOfVault, null, null],
    ['the last that was voided', { source: 'void', page: 2, pages: 2 }, null, null],
  ])('%s', (_, at, said, next) => {
    expect(vaultAfter(at, said)).toEqual(next);
  });

  it('is distinguished from a page of a list', () => {
    const all = [pageOfLists(beginLists('full', 'no', null)), owedAfter({ due: ['a'], more: true }), firstOfVault];
    expect(all.map((at) => at !== null && isListPage(at))).toEqual([true, false, false]);
    expect(all.map(isVaultPage)).toEqual([false, false, true]);
    expect([isVaultPage({ source: 'void', page: 1, pages: 1 }), isVaultPage(null)]).toEqual([true, false]);
  });
});

describe('isNextPage', () => {
  const latest = (page: number): PageRef => ({ source: 'latest', page, asCharts: false });
  const census = (page: number): PageRef => ({ source: 'census', page, asCharts: true });
  const owed: PageRef = { source: 'owed', after: null };

  it.each<[PageRef, PageRef | null, boolean]>([
    [latest(1), latest(2), true],
    [census(4), census(5), true],
    [latest(1), latest(1), false],
    [latest(1), latest(3), false],
    [latest(2), latest(1), false],
    [latest(1), census(2), false],
    [latest(1), owed, false],
    [owed, latest(1), false],
    [owed, owed, false],
    [latest(1), null, false],
    [firstOfVault, { ...firstOfVault, page: 2 }, false],
  ])('of %j and %j is %j', (at, next, isNext) => {
    expect(isNextPage(at, next)).toBe(isNext);
  });
});
