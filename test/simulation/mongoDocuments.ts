/** A document as MongoDB stores it. */
export type Doc = { [field: string]: unknown };

/** Copies a document; fields that are undefined are left out, as the driver does with `ignoreUndefined`. */
export function cloneDocument<T>(value: T): T {
  if (Array.isArray(value)) return value.map(cloneDocument) as T;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return new Date(value.getTime()) as T;
  const copy: Doc = {};
  for (const name of Object.keys(value)) {
    const inner = (value as Doc)[name];
    if (inner !== undefined) copy[name] = cloneDocument(inner);
  }
  return copy as T;
}

/** Returns a copy of a document with the fields of a projection. */
export function projected(document: Doc, projection: Doc | null): Doc {
  const fields = Object.entries(projection ?? {});
  if (fields.length === 0) return cloneDocument(document);
  const isIncluding = fields.some(([, value]) => value === 1);
  const left = isIncluding ? { _id: document._id } : { ...document };
  const kept: Doc = left;
  for (const [name, value] of fields) {
    if (value === 0) delete kept[name];
    else if (value === 1) include(document, kept, name.split('.'));
    else if (typeof value === 'object') kept[name] = (document[name] as unknown[] | undefined)?.slice(sliceOf(value));
  }
  return cloneDocument(kept);
}

function sliceOf(value: unknown): number {
  const { $slice } = value as { $slice?: number };
  if ($slice === undefined || $slice > 0) throw new Error('the simulated MongoDB only has $slice from the end');
  return $slice;
}

function include(from: Doc, to: Doc, [name = '', ...rest]: string[]): void {
  const value = from[name];
  if (value === undefined) return;
  if (rest.length === 0 || typeof value !== 'object' || value === null) to[name] = value;
  else if (Array.isArray(value)) to[name] = value.map((one) => included(one as Doc, rest));
  else to[name] = { ...(to[name] as Doc | undefined), ...included(value as Doc, rest) };
}

function included(from: Doc, path: string[]): Doc {
  const to: Doc = {};
  include(from, to, path);
  return to;
}

/** Returns a comparison in the order of BSON. */
export function bySort(sort: Doc): (one: Doc, other: Doc) => number {
  const fields = Object.entries(sort).map(([path, direction]) => ({
    path: path.split('.'),
    direction: Number(direction),
  }));
  return (one, other) => {
    for (const { path, direction } of fields) {
      const order = compare(at(one, path), at(other, path));
      if (order !== 0) return order * direction;
    }
    return 0;
  };
}

function at(document: Doc, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) => (typeof inner === 'object' ? (inner as Doc | null)?.[name] : null),
    document,
  );
}

function compare(one: unknown, other: unknown): number {
  const [a, b] = [typeOf(one), typeOf(other)];
  if (a !== b) return a - b;
  if (a === 0) return 0;
  const [left, right] = [one, other].map((value) => (value instanceof Date ? value.getTime() : value)) as [
    never,
    never,
  ];
  return left < right ? -1 : left > right ? 1 : 0;
}

function typeOf(value: unknown): number {
  if (value === null || value === undefined) return 0;
  if (typeof value === 'number') return 1;
  if (typeof value === 'string') return 2;
  return value instanceof Date ? 5 : typeof value === 'boolean' ? 4 : 3;
}

const BSON_TYPES: Record<string, (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string',
  bool: (value) => typeof value === 'boolean',
  date: (value) => value instanceof Date,
  null: (value) => value === null,
  array: Array.isArray,
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date),
  int: (value) => Number.isInteger(value),
  long: (value) => Number.isInteger(value),
  double: (value) => typeof value === 'number',
};

const patterns = new Map<string, RegExp>();

/** Returns where a value does not fit a `$jsonSchema`, with the keywords that store/schemas.ts uses. */
export function schemaFaults(value: unknown, schema: Doc): string[] {
  const { bsonType, enum: allowed, required, properties, items, pattern, minLength, minimum, minItems } = schema;
  if (bsonType !== undefined) {
    const isType = Array.isArray(bsonType) ? bsonType.some((type) => isOfType(type, value)) : isOfType(bsonType, value);
    if (!isType) return [` is not ${bsonType}`];
  }
  if (Array.isArray(allowed) && !allowed.includes(value)) return [` is none of ${allowed}`];
  if (typeof value === 'string') {
    if (value.length < Number(minLength ?? 0)) return [' is too short'];
    if (pattern === undefined) return [];
    const known = patterns.get(String(pattern)) ?? new RegExp(String(pattern));
    patterns.set(String(pattern), known);
    return known.test(value) ? [] : [` does not match ${pattern}`];
  }
  if (typeof value === 'number') return minimum !== undefined && value < Number(minimum) ? [' is too small'] : [];
  if (Array.isArray(value)) {
    if (value.length < Number(minItems ?? 0)) return [' has too few items'];
    return items === undefined ? [] : value.flatMap((one) => schemaFaults(one, items as Doc));
  }
  if (!isOfType('object', value)) return [];
  const faults: string[] = [];
  const document = value as Doc;
  for (const name of (required as string[] | undefined) ?? [])
    if (document[name] === undefined) faults.push(`.${name} is missing`);
  for (const name in properties as Doc | undefined) {
    if (document[name] === undefined) continue;
    for (const fault of schemaFaults(document[name], (properties as Doc)[name] as Doc)) faults.push(`.${name}${fault}`);
  }
  return faults;
}

function isOfType(type: unknown, value: unknown): boolean {
  return BSON_TYPES[String(type)]?.(value) ?? false;
}
