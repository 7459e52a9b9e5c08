import { MongoNetworkError, MongoServerError, MongoServerSelectionError } from 'mongodb';

/** Thrown when another writer changed the document after it was read. The caller reads it again and decides again. */
export class StoreConflictError extends Error {
  override readonly name = 'StoreConflictError';

  constructor(collection: string) {
    super(`A document of ${collection} was changed by another writer after it was read.`);
  }
}

/** MongoDB's code for a key that another document has. */
export const DUPLICATE_KEY = 11_000;

/** Returns true for the error of a write whose key another document has. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === DUPLICATE_KEY;
}

/** Tells a fault that every write would meet from one that a single document causes. */
export function isConnectionFault(error: unknown): boolean {
  return error instanceof MongoNetworkError || error instanceof MongoServerSelectionError;
}
