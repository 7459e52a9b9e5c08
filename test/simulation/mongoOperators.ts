import { Context } from 'mingo/core';
import * as queryOperators from 'mingo/operators/query';
import * as updateOperators from 'mingo/operators/update';
import { Query as AnyQuery } from 'mingo/query';
import { MongoServerError } from 'mongodb';
import { cloneDocument, type Doc } from './mongoDocuments.ts';

export type Matches = (document: Doc) => boolean;

/** The operators of filters and nothing else, because each query copies them. */
const context = Context.init({ query: { ...queryOperators } as never });

/** Returns the function that tests a filter: plain values directly, because most filters have no more, and the rest by mingo. */
export function matcher(filter: Doc): Matches {
  const plain = Object.entries(filter).filter(([name, value]) => !/[$.]/.test(name) && isPlain(value));
  const rest = Object.fromEntries(
    Object.entries(filter).filter(([name, value]) => /[$.]/.test(name) || !isPlain(value)),
  );
  let query: AnyQuery | null = null;
  const isRestMet = (document: Doc) => {
    query ??= new AnyQuery(rest, { context });
    return query.test(document);
  };
  const hasRest = Object.keys(rest).length > 0;
  return (document) =>
    plain.every(([name, value]) => isEqual(document[name], value)) && (!hasRest || isRestMet(document));
}

function isPlain(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function isEqual(stored: unknown, wanted: unknown): boolean {
  if (Array.isArray(stored)) return stored.includes(wanted);
  return (stored ?? null) === wanted;
}

const operators = updateOperators as never as Record<string, (fields: Doc) => (document: Doc) => unknown>;

/** Returns the document after an update, without `$setOnInsert`, which only an upsert uses. */
export function changed(before: Doc, update: Doc | Doc[]): Doc {
  if (Array.isArray(update)) throw new Error('the simulated MongoDB has no updates by a pipeline');
  const after = cloneDocument(before);
  const { $setOnInsert: _, ...rest } = cloneDocument(update);
  for (const [name, fields] of Object.entries(rest)) operators[name]?.(fields as Doc)(after);
  return after;
}

/** Returns the fields that a filter sets in a document that an upsert creates. */
export function fixed(filter: Doc): Doc {
  const isOperator = (value: unknown) =>
    typeof value === 'object' && value !== null && Object.keys(value).some((name) => name.startsWith('$'));
  return Object.fromEntries(
    Object.entries(filter).filter(([name, value]) => !name.startsWith('$') && !isOperator(value)),
  );
}

/** Error codes of a document that its validator refuses, and of a duplicate key. */
const REFUSED = 121;
const DUPLICATE = 11_000;

export function duplicate(collection: string, key: string): MongoServerError {
  return new MongoServerError({ code: DUPLICATE, errmsg: `E11000 duplicate key: ${collection} ${key}` });
}

export function refused(collection: string, faults: readonly string[]): MongoServerError {
  return new MongoServerError({ code: REFUSED, errmsg: `${collection} refuses: ${faults.join('; ')}` });
}
