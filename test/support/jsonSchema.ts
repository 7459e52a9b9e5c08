import { schemas } from '../../store/schemas.ts';

/** The part of `$jsonSchema` that the collections use. */
interface Schema {
  bsonType?: string | string[];
  enum?: unknown[];
  properties?: Record<string, Schema>;
  items?: Schema;
  minLength?: number;
  minItems?: number;
  minimum?: number;
  maximum?: number;
  pattern?: string;
}

/** Returns where documents of collections have a value that the validator of their collection would refuse. */
export function storedProblems(
  kept: readonly (readonly [collection: string, documents: readonly object[]])[],
): string[] {
  return kept.flatMap(([name, documents]) =>
    documents.flatMap((one) => schemaProblems(schemas[name] ?? {}, one).map((problem) => `${name} ${problem}`)),
  );
}

/**
 * Returns where a document in memory has a value that MongoDB's validator of the collection would refuse. Fields that are
 * absent are not checked: stores in memory leave out what the pages do not read.
 */
function schemaProblems(schema: Schema, value: unknown, path = ''): string[] {
  const problem = (why: string) => [`${path || 'the document'}: ${why}`];
  if (schema.enum !== undefined) return schema.enum.includes(value) ? [] : problem('is none of the allowed values');
  const types = [schema.bsonType ?? []].flat();
  if (types.length > 0 && !types.some((type) => isOfType(type, value))) return problem(`is no ${types.join(' or ')}`);
  if (typeof value === 'string') {
    if (value.length < (schema.minLength ?? 0)) return problem('is too short');
    return schema.pattern === undefined || new RegExp(schema.pattern).test(value) ? [] : problem('has another form');
  }
  if (typeof value === 'number') {
    const { minimum = -Infinity, maximum = Infinity } = schema;
    return value >= minimum && value <= maximum ? [] : problem('is out of range');
  }
  if (Array.isArray(value)) {
    if (value.length < (schema.minItems ?? 0)) return problem('has too few items');
    return value.flatMap((item, at) => schemaProblems(schema.items ?? {}, item, `${path}[${at}]`));
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) return [];
  return Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .flatMap(([key, inner]) =>
      schemaProblems(schema.properties?.[key] ?? {}, inner, path === '' ? key : `${path}.${key}`),
    );
}

function isOfType(type: string, value: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'date':
      return value instanceof Date && !Number.isNaN(value.getTime());
    case 'bool':
      return typeof value === 'boolean';
    case 'int':
    case 'long':
      return Number.isSafeInteger(value);
    case 'double':
      return typeof value === 'number' && Number.isFinite(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
    default:
      return typeof value === type;
  }
}
