import type { AnyBulkWriteOperation, Document, Filter } from 'mongodb';
import type { KnownMigration } from '../../domain/schemaStanding.ts';

/** A document of a collection whose ids are texts, as all of ours are. */
export type Stored = Document & { _id: string };

/**
 * One change of stored documents, run once for each database, in batches. A batch may be written twice, by two processes and
 * at the same time as a worker of the version before, so each write repeats in its filter what it depends on.
 */
export interface Migration extends KnownMigration {
  /** Never changed once it is released: the database knows it by number and name. */
  name: string;
  /** What it does, for people. */
  text: string;
  collection: string;
  /** The documents to change, and no others: when it has run, none matches. */
  filter: Filter<Stored>;
  /** The fields that `writes` reads. */
  projection: Document;
  /** Returns the writes that change the documents of a batch. */
  writes(documents: readonly Stored[]): AnyBulkWriteOperation<Stored>[];
}

/** Returns the id of a migration's document: `0001-search-keys`. */
export function migrationId({ number, name }: Pick<Migration, 'number' | 'name'>): string {
  return `${String(number).padStart(4, '0')}-${name}`;
}
