import type { Migration } from '../../store/migrations/migration.ts';

/** A migration that only tests run: it counts on each document how many times it was changed. */
export const countChanges: Migration = {
  ...{ number: 1, name: 'count-changes', kind: 'expand', collection: 'things' },
  text: 'counts the changes of each thing',
  filter: { times: { $exists: false } },
  projection: { _id: 1 },
  writes: (documents) =>
    documents.map(({ _id }) => ({
      updateOne: { filter: { _id, times: { $exists: false } }, update: { $inc: { times: 1 } } },
    })),
};

/** Versions from before it cannot read what it leaves. */
export const renameTimes: Migration = {
  ...{ number: 2, name: 'rename-times', kind: 'contract', collection: 'things' },
  text: 'renames times to changes',
  filter: { times: { $exists: true } },
  projection: { _id: 1 },
  writes: (documents) =>
    documents.map(({ _id }) => ({ updateOne: { filter: { _id }, update: { $rename: { times: 'changes' } } } })),
};
