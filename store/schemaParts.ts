/* Parts of the `$jsonSchema` of collections. */

export const text = { bsonType: 'string' };
export const id = { bsonType: 'string', minLength: 1 };
export const date = { bsonType: 'date' };
export const count = { bsonType: ['int', 'long', 'double'], minimum: 0 };
export const place = { bsonType: ['int', 'long'], minimum: 1 };
export const maybe = (schema: { bsonType: string | string[] }) => ({
  ...schema,
  bsonType: [schema.bsonType, 'null'].flat(),
});
export const object = (properties: Record<string, object>, optional: readonly string[] = []) => ({
  bsonType: 'object',
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  properties,
});
