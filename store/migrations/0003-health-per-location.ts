import type { Migration } from './migration.ts';

const withoutLocation = { locationId: { $exists: false } };

/** Such measurements cannot be assigned to locations, and are made again. */
export const dropHealthWithoutLocation: Migration = {
  ...{ number: 3, name: 'health-per-location', kind: 'expand', collection: 'webhookHealth' },
  text: 'deletes webhook health that was measured before it was measured per location',
  filter: withoutLocation,
  projection: { _id: 1 },
  writes: (documents) => documents.map(({ _id }) => ({ deleteOne: { filter: { _id, ...withoutLocation } } })),
};
