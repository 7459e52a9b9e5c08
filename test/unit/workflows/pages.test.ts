import { describe, expect, it } from 'vitest';
import type { RunMode } from '../../../domain/run.ts';
import type { ListedPage, PageRef } from '../../../workflows/messages.ts';
import { firstPage, pageAfter } from '../../../workflows/pages.ts';

type Listed = Pick<ListedPage, 'more' | 'due' | 'empty'>;

const more: Listed = { more: true, due: [] };
const last: Listed = { more: false, due: [] };
const empty: Listed = { more: true, due: [], empty: true };
const owed = { source: 'owed', after: null } as const;

describe('pageAfter', () => {
  it.each<[string, PageRef, Listed, RunMode, PageRef | null]>([
    ['the first of several', firstPage, more, 'incremental', { source: 'latest', page: 2 }],
    ['the last changed one', { source: 'latest', page: 3 }, last, 'incremental', owed],
    ['the last changed one of a full run', { source: 'latest', page: 3 }, last, 'full', { source: 'census', page: 1 }],
    ['the last of the census', { source: 'census', page: 2 }, last, 'full', owed],
    ['an empty one', firstPage, empty, 'incremental', { source: 'latest', page: 2, afterEmpty: true }],
    ['a second empty one', { source: 'latest', page: 2, afterEmpty: true }, empty, 'incremental', owed],
    [
      'rows behind an empty one',
      { source: 'latest', page: 2, afterEmpty: true },
      more,
      'incremental',
      { source: 'latest', page: 3 },
    ],
    ['owed, with more', owed, { more: true, due: ['a', 'b'] }, 'full', { source: 'owed', after: 'b' }],
    ['owed, the last', { source: 'owed', after: 'b' }, { more: false, due: ['c'] }, 'full', null],
  ])('%s', (_, at, listed, mode, next) => {
    expect(pageAfter(at, listed, mode)).toEqual(next);
  });
});
