import type { Migration } from './migration.ts';

const withoutLocation = { locationId: { $exists: false } };

export const dropChangesWithoutLocation: Migration = {
  ...{ number: 4, name: 'changes-per-location', kind: 'expand', collection: 'detectedChanges' },
  text: 'deletes detected changes from before webhook health was measured per location',
  filter: withoutLocation,
  projection: { _id: 1 },
  writes: (documents) => documents.map(({ _id }) => ({ deleteOne: { filter: { _id, ...withoutLocation } } })),
};
