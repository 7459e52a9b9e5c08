import { addSearchKeys } from './0001-search-keys.ts';
import { addStatementAndConsent } from './0002-statement-and-consent.ts';
import { dropHealthWithoutLocation } from './0003-health-per-location.ts';
import { dropChangesWithoutLocation } from './0004-changes-per-location.ts';
import type { Migration } from './migration.ts';

/** All migrations in the order of their numbers. Add to the end; never remove, renumber or change a released one. */
export const migrations: readonly Migration[] = [
  addSearchKeys,
  addStatementAndConsent,
  dropHealthWithoutLocation,
  dropChangesWithoutLocation,
];
