import { Aggregator } from 'mingo';
import { MongoBulkWriteError, MongoNetworkError, MongoServerError } from 'mongodb';
import type { MemoryDatabase } from './memoryMongo.ts';
import { bySort, cloneDocument, type Doc, projected, schemaFaults } from './mongoDocuments.ts';
import { changed, duplicate, fixed, type Matches, matcher, refused } from './mongoOperators.ts';

const STORE_MS = 3;

interface UniqueIndex {
  fields: string[];
  sparse: boolean;
  only: Matches | null;
}

export class MemoryCollection {
  readonly name: string;
  readonly documents = new Map<string, Doc>();
  schema: Doc | null = null;
  readonly #database: MemoryDatabase;
  readonly #unique: UniqueIndex[] = [];

  constructor(name: string, database: MemoryDatabase) {
    this.name = name;
    this.#database = database;
  }

  createIndexes = async (indexes: readonly Doc[]): Promise<void> => {
    for (const { key, unique, sparse, partialFilterExpression } of indexes) {
      if (unique !== true) continue;
      const only = partialFilterExpression === undefined ? null : matcher(partialFilterExpression as Doc);
      this.#unique.push({ fields: Object.keys(key as Doc), sparse: sparse === true, only });
    }
  };

  indexes = async (): Promise<Doc[]> => [];

  find(filter: Doc = {}, options: Doc = {}) {
    const query: { sort: Doc | null; limit: number; projection: Doc | null } = {
      ...{ sort: (options.sort as Doc) ?? null, limit: Number(options.limit ?? 0) },
      projection: (options.projection as Doc) ?? null,
    };
    const toArray = () =>
      this.#perform('find', () => {
        const found = this.#matching(filter);
        if (query.sort !== null) found.sort(bySort(query.sort));
        const limited = query.limit > 0 ? found.slice(0, query.limit) : found;
        return limited.map((one) => projected(one, query.projection));
      });
    const cursor = {
      toArray,
      sort: (sort: Doc) => Object.assign(query, { sort }) && cursor,
      limit: (limit: number) => Object.assign(query, { limit }) && cursor,
      project: (projection: Doc) => Object.assign(query, { projection }) && cursor,
      async *[Symbol.asyncIterator]() {
        yield* await toArray();
      },
    };
    return cursor;
  }

  findOne(filter: Doc = {}, options: Doc = {}): Promise<Doc | null> {
    return this.#perform('findOne', () => {
      const found = this.#matching(filter);
      if (options.sort !== undefined) found.sort(bySort(options.sort as Doc));
      const [first] = found;
      return first === undefined ? null : projected(first, (options.projection as Doc) ?? null);
    });
  }

  countDocuments = (filter: Doc = {}): Promise<number> =>
    this.#perform('countDocuments', () => this.#matching(filter).length);

  distinct = (field: string, filter: Doc = {}): Promise<unknown[]> =>
    this.#perform('distinct', () => {
      const stages = [{ $group: { _id: `$${field}` } }];
      return new Aggregator(stages).run(this.#matching(filter)).map((group) => (group as Doc)._id);
    });

  aggregate = (stages: Doc[]) => ({
    toArray: () =>
      this.#perform('aggregate', () => new Aggregator(stages).run([...this.documents.values()].map(cloneDocument))),
  });

  insertOne = (document: Doc): Promise<Doc> =>
    this.#write('insertOne', () => {
      this.#insert(document);
      return { acknowledged: true, insertedId: document._id };
    });

  insertMany = (documents: Doc[], { ordered = true }: { ordered?: boolean } = {}): Promise<Doc> =>
    this.#bulk(
      'insertMany',
      documents.map((document) => ({ insertOne: { document } })),
      ordered,
    );

  updateOne = (filter: Doc, update: Doc | Doc[], options: Doc = {}): Promise<Doc> =>
    this.#write('updateOne', () => this.#updateOne(filter, update, options.upsert === true));

  updateMany = (filter: Doc, update: Doc): Promise<Doc> =>
    this.#write('updateMany', () => {
      const found = this.#matching(filter);
      for (const before of found) this.#replace(before, changed(before, update));
      return { matchedCount: found.length, modifiedCount: found.length };
    });

  replaceOne = (filter: Doc, replacement: Doc, options: Doc = {}): Promise<Doc> =>
    this.#write('replaceOne', () => {
      const [before] = this.#matching(filter);
      if (before !== undefined) this.#replace(before, { ...cloneDocument(replacement), _id: before._id });
      else if (options.upsert === true) this.#insert({ ...fixed(filter), ...replacement });
      return { matchedCount: before === undefined ? 0 : 1 };
    });

  findOneAndUpdate = (filter: Doc, update: Doc, options: Doc = {}): Promise<Doc | null> =>
    this.#write('findOneAndUpdate', () => {
      const [before] = this.#matching(filter);
      if (before === undefined) return null;
      const after = changed(before, update);
      this.#replace(before, after);
      return projected(options.returnDocument === 'after' ? after : before, (options.projection as Doc) ?? null);
    });

  findOneAndDelete = (filter: Doc, options: Doc = {}): Promise<Doc | null> =>
    this.#write('findOneAndDelete', () => {
      const [before] = this.#matching(filter);
      if (before === undefined) return null;
      this.#remove(before);
      return projected(before, (options.projection as Doc) ?? null);
    });

  deleteOne = (filter: Doc): Promise<Doc> => this.#delete('deleteOne', filter, 1);

  deleteMany = (filter: Doc): Promise<Doc> => this.#delete('deleteMany', filter, Infinity);

  bulkWrite = (writes: Doc[], { ordered = true }: { ordered?: boolean } = {}): Promise<Doc> =>
    this.#bulk('bulkWrite', writes, ordered);

  #delete(kind: string, filter: Doc, most: number): Promise<Doc> {
    return this.#write(kind, () => {
      const found = this.#matching(filter).slice(0, most);
      for (const one of found) this.#remove(one);
      return { deletedCount: found.length };
    });
  }

  /** Writes up to the first error, or all of them. A connection that is lost in between leaves the first half written. */
  #bulk(kind: string, writes: readonly Doc[], ordered: boolean): Promise<Doc> {
    const all = (some: readonly Doc[]) => {
      const result = { insertedCount: 0, matchedCount: 0, modifiedCount: 0, upsertedCount: 0, deletedCount: 0 };
      const writeErrors: Doc[] = [];
      for (const [index, write] of some.entries()) {
        try {
          this.#bulkOne(write, result);
        } catch (error) {
          if (!(error instanceof MongoServerError)) throw error;
          writeErrors.push({ index, code: error.code, errmsg: error.message });
          if (ordered) break;
        }
      }
      if (writeErrors.length === 0) return result;
      const facts = { message: 'some writes failed', code: Number(writeErrors[0]?.code), writeErrors };
      throw new MongoBulkWriteError(facts as never, { ...result, getWriteConcernError: () => undefined } as never);
    };
    const half = () => {
      if (this.#database.operations.scheduler.draw('half of a bulk write') < 0.5) return;
      try {
        all(writes.slice(0, Math.ceil(writes.length / 2)));
      } catch {
        // Nobody hears of it.
      }
    };
    return this.#write(kind, () => all(writes), half);
  }

  #bulkOne(write: Doc, result: Record<string, number>): void {
    const { insertOne, updateOne } = write as { insertOne?: Doc; updateOne?: Doc };
    if (insertOne !== undefined) {
      this.#insert(insertOne.document as Doc);
      result.insertedCount = (result.insertedCount ?? 0) + 1;
    } else if (updateOne !== undefined) {
      const { filter, update, upsert } = updateOne as { filter: Doc; update: Doc; upsert?: boolean };
      const { matchedCount, upsertedCount } = this.#updateOne(filter, update, upsert === true);
      result.matchedCount = (result.matchedCount ?? 0) + matchedCount;
      result.upsertedCount = (result.upsertedCount ?? 0) + upsertedCount;
    } else throw new Error(`the simulated MongoDB has no ${Object.keys(write).join()}`);
  }

  #updateOne(filter: Doc, update: Doc | Doc[], upsert: boolean): { matchedCount: number; upsertedCount: number } {
    const [before] = this.#matching(filter);
    if (before !== undefined) {
      this.#replace(before, changed(before, update));
      return { matchedCount: 1, upsertedCount: 0 };
    }
    if (!upsert || Array.isArray(update)) return { matchedCount: 0, upsertedCount: 0 };
    const { $setOnInsert = {}, ...rest } = update as Record<string, Doc>;
    const { _id = filter._id, ...set } = $setOnInsert;
    if (typeof _id !== 'string') throw new Error('the simulated MongoDB makes no ids');
    this.#insert(changed({ ...fixed(filter), _id }, { ...rest, $set: { ...rest.$set, ...set } }));
    return { matchedCount: 0, upsertedCount: 1 };
  }

  #matching(filter: Doc): Doc[] {
    const { _id } = filter;
    const isMatching = matcher(filter);
    const one = typeof _id === 'string' ? this.documents.get(_id) : undefined;
    const all = typeof _id === 'string' ? (one === undefined ? [] : [one]) : [...this.documents.values()];
    return all.filter(isMatching);
  }

  #insert(document: Doc): void {
    const stored = cloneDocument(document);
    if (this.documents.has(String(stored._id))) throw duplicate(this.name, '_id');
    this.#check(stored, null);
    this.documents.set(String(stored._id), stored);
    this.#database.onWrite(this.name, null, stored);
  }

  #replace(before: Doc, after: Doc): void {
    this.#check(after, before);
    this.documents.set(String(before._id), after);
    this.#database.onWrite(this.name, before, after);
  }

  #remove(document: Doc): void {
    this.documents.delete(String(document._id));
    this.#database.onWrite(this.name, document, null);
  }

  #check(document: Doc, before: Doc | null): void {
    const faults = this.schema === null ? [] : schemaFaults(document, this.schema);
    if (faults.length > 0) throw refused(this.name, faults);
    for (const { fields, sparse, only } of this.#unique) {
      const keyOf = (one: Doc) => JSON.stringify(fields.map((field) => one[field] ?? null));
      if (sparse && fields.every((field) => document[field] === undefined)) continue;
      if (only !== null && !only(document)) continue;
      const key = keyOf(document);
      for (const other of this.documents.values()) {
        if (other === before || other._id === document._id || keyOf(other) !== key) continue;
        if (only === null || only(other)) throw duplicate(this.name, fields.join());
      }
    }
  }

  #perform<T>(kind: string, work: () => T, half?: () => void): Promise<T> {
    const error = () => new MongoNetworkError('the connection to MongoDB was lost');
    const lost = half === undefined ? { error } : { error, half };
    return this.#database.operations.perform(`${this.name}.${kind}`, STORE_MS, work, lost);
  }

  #write<T>(kind: string, work: () => T, half?: () => void): Promise<T> {
    return this.#perform(kind, work, half);
  }
}
