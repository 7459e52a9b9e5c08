import { MemoryCollection } from './memoryCollection.ts';
import type { Doc } from './mongoDocuments.ts';
import type { Operations } from './operations.ts';

/** Called for every document that is written, with what was there before. */
export type OnWrite = (collection: string, before: Doc | null, after: Doc | null) => void;

/** A database in memory with the driver's interface, as far as the store uses it. */
export class MemoryDatabase {
  readonly operations: Operations;
  readonly #collections = new Map<string, MemoryCollection>();
  onWrite: OnWrite = () => undefined;

  constructor(operations: Operations) {
    this.operations = operations;
  }

  collection(name: string): MemoryCollection {
    const found = this.#collections.get(name) ?? new MemoryCollection(name, this);
    this.#collections.set(name, found);
    return found;
  }

  createCollection = async (name: string): Promise<unknown> => this.collection(name);

  listCollections() {
    return { toArray: async () => [] };
  }

  async command(command: Doc): Promise<Doc> {
    if (typeof command.collMod === 'string') {
      const { $jsonSchema } = command.validator as Doc;
      this.collection(command.collMod).schema = $jsonSchema as Doc;
    }
    return { ok: 1 };
  }
}
