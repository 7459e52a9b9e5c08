import { searchKeys } from '../../domain/search.ts';
import type { Migration } from './migration.ts';

/** Search reads keys of their own, which records from before it do not have. A pull in between stores newer ones. */
export const addSearchKeys: Migration = {
  ...{ number: 1, name: 'search-keys', kind: 'expand', collection: 'records' },
  text: 'adds the search keys to records that were written before search existed',
  filter: { search: { $exists: false }, chart: { $ne: null } },
  projection: { chart: 1 },
  writes: (documents) =>
    documents.map(({ _id, chart }) => ({
      updateOne: { filter: { _id, search: { $exists: false } }, update: { $set: { search: searchKeys(chart) } } },
    })),
};
