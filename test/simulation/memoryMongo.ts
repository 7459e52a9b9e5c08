import { MongoBulkWriteError, MongoNetworkError, MongoServerError } from 'mongodb';
import { Aggregator } from 'mingo';
import { Context } from 'mingo/core';
import * as queryOperators from 'mingo/operators/query';
import { Query as AnyQuery } from 'mingo/query';
import * as updateOperators from 'mingo/operators/update';
import { bySort, cloneDocument, type Doc, projected, schemaFaults } from './mongoDocuments.ts';
import type { Operations } from './operations.ts';

const STORE_MS = 3;

interface UniqueIndex {
  fields: string[];
  sparse: boolean;
  only: Matches | null;
}

type Matches = (document: Doc) => boolean;

/** The operators of filters and nothing else, because each query copies them. */
const context = Context.init({ query: { ...queryOperators } as never });

/** Returns the function that tests a filter: plain values directly, because most filters have no more, and the rest by mingo. */
function matcher(filter: Doc): Matches {
  const plain = Object.entries(filter).filter(([name, value]) => !/[$.]/.test(name) && isPlain(value));
  const rest = Object.fromEntries(Object.entries(filter).filter(([name, value]) => /[$.]/.test(name) || !isPlain(value)));
  let query: AnyQuery | null = null;
  const isRestMet = (document: Doc) => {
    query ??= new AnyQuery(rest, { context });
    return query.test(document);
  };
  const hasRest = Object.keys(rest).length > 0;
  return (document) => plain.every(([name, value]) => isEqual(document[name], value)) && (!hasRest || isRestMet(document));
}

function isPlain(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function isEqual(stored: unknown, wanted: unknown): boolean {
  if (Array.isArray(stored)) return stored.includes(wanted);
  return (stored ?? null) === wanted;
}

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

/** Error code of a document that its validator refuses, and of a duplicate key. */
const REFUSED = 121;
const DUPLICATE = 11_000;

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

  insertMany = (documents: Doc[]): Promise<Doc> =>
    this.#bulk(
      'insertMany',
      documents.map((document) => ({ insertOne: { document } })),
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

  bulkWrite = (writes: Doc[]): Promise<Doc> => this.#bulk('bulkWrite', writes);

  #delete(kind: string, filter: Doc, most: number): Promise<Doc> {
    return this.#write(kind, () => {
      const found = this.#matching(filter).slice(0, most);
      for (const one of found) this.#remove(one);
      return { deletedCount: found.length };
    });
  }

  /** Writes in any order. A connection that is lost in between leaves the first half written. */
  #bulk(kind: string, writes: readonly Doc[]): Promise<Doc> {
    const all = (some: readonly Doc[]) => {
      const result = { insertedCount: 0, matchedCount: 0, modifiedCount: 0, upsertedCount: 0, deletedCount: 0 };
      const writeErrors: Doc[] = [];
      for (const [index, write] of some.entries()) {
        try {
          this.#bulkOne(write, result);
        } catch (error) {
          if (!(error instanceof MongoServerError)) throw error;
          writeErrors.push({ index, code: error.code, errmsg: error.message });
        }
      }
      if (writeErrors.length === 0) return result;
      const facts = { message: 'some writes failed', code: Number(writeErrors[0]?.code), writeErrors };
      throw new MongoBulkWriteError(facts as never, result as never);
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
    const fresh = changed(fixed(filter), { ...rest, $set: { ...rest.$set, ...$setOnInsert } });
    this.#insert(fresh);
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
    if (faults.length > 0) throw new MongoServerError({ code: REFUSED, errmsg: `${this.name} refuses: ${faults.join('; ')}` });
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

const operators = updateOperators as never as Record<string, (fields: Doc) => (document: Doc) => unknown>;

/** Returns the document after an update, without `$setOnInsert`, which only an upsert uses. */
function changed(before: Doc, update: Doc | Doc[]): Doc {
  if (Array.isArray(update)) throw new Error('the simulated MongoDB has no updates by a pipeline');
  const after = cloneDocument(before);
  const { $setOnInsert: _, ...rest } = cloneDocument(update);
  for (const [name, fields] of Object.entries(rest)) operators[name]?.(fields as Doc)(after);
  return after;
}

/** Returns the fields that a filter sets in a document that an upsert creates. */
function fixed(filter: Doc): Doc {
  const isOperator = (value: unknown) =>
    typeof value === 'object' && value !== null && Object.keys(value).some((name) => name.startsWith('$'));
  return Object.fromEntries(
    Object.entries(filter).filter(([name, value]) => !name.startsWith('$') && !isOperator(value)),
  );
}

function duplicate(collection: string, key: string): MongoServerError {
  return new MongoServerError({ code: DUPLICATE, errmsg: `E11000 duplicate key: ${collection} ${key}` });
}
