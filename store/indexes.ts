import { type Collection, type Document, type IndexDescription, MongoServerError } from 'mongodb';

/** MongoDB's codes for an index whose name or fields another index has, and for an index that does not exist. */
const OPTIONS_CONFLICT = 85;
const KEYS_CONFLICT = 86;
const INDEX_NOT_FOUND = 27;

export type NamedIndex = IndexDescription & { name: string };

/** Creates these indexes. A conflicting one of an earlier version is replaced; all others, for example an operator's, stay. */
export async function createIndexes(collection: Collection<Document>, wanted: NamedIndex[]): Promise<void> {
  try {
    await collection.createIndexes(wanted);
  } catch (error) {
    if (!isOf(error, OPTIONS_CONFLICT) && !isOf(error, KEYS_CONFLICT)) throw error;
    for (const { name } of (await collection.indexes()).filter((found) => isConflicting(found, wanted))) {
      if (name !== undefined) await drop(collection, name);
    }
    await collection.createIndexes(wanted);
  }
}

async function drop(collection: Collection<Document>, name: string): Promise<void> {
  try {
    await collection.dropIndex(name);
  } catch (error) {
    // Another process was first.
    if (!isOf(error, INDEX_NOT_FOUND)) throw error;
  }
}

function isConflicting(found: Document, wanted: readonly NamedIndex[]): boolean {
  const touching = wanted.filter(({ name, key }) => name === found.name || sameText(key, found.key));
  return touching.some((one) => one.name !== found.name || !sameIndex(one, found));
}

function sameIndex(one: Document, other: Document): boolean {
  return (['key', 'unique', 'sparse', 'expireAfterSeconds', 'partialFilterExpression'] as const).every((fact) =>
    sameText(one[fact] ?? false, other[fact] ?? false),
  );
}

/** Compares as text, because the order of an index's fields matters. */
export function sameText(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function isOf(error: unknown, code: number): boolean {
  return error instanceof MongoServerError && error.code === code;
}
