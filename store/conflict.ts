/** Thrown when somebody else wrote the document since it was read. Reading again and deciding again cures it. */
export class StoreConflictError extends Error {
  override readonly name = 'StoreConflictError';

  constructor(collection: string) {
    super(`A document of ${collection} was written by somebody else meanwhile.`);
  }
}
