import type { Collection, Document, Filter } from 'mongodb';

/** The order of a list: by one field, then by id. Documents without the field come last. */
export interface Order {
  /** Its path: `facility.name`. */
  field: string;
  direction: 1 | -1;
  /** The type of its values. */
  type: 'text' | 'date';
}

/** Where a page ended. */
export interface KeysetPosition {
  value: string | Date | null;
  id: string;
}

export interface KeysetPage<T> {
  found: T[];
  /** There are more documents after these. */
  more: boolean;
}

/**
 * Returns one page of a list. The list is the union of `streams`: filters that exclude one another and only test for equality.
 * With an index of their fields, the order's field and `_id`, MongoDB needs no sort and reads at most one page per stream.
 */
export async function keysetPage<T extends Document & { _id: string }>(
  collection: Collection<T>,
  query: {
    streams: readonly Document[];
    order: Order;
    after: KeysetPosition | null;
    limit: number;
    projection?: Document;
    /** For a list with the latest date first: what is later than this is read first, and is nearly always enough. */
    recent?: Date;
  },
): Promise<KeysetPage<T>> {
  const { streams, order, after, limit, projection = {}, recent = null } = query;
  const wanted = limit + 1;
  const found: T[] = [];
  // All streams have the same field fixed, if any. One range after the other, because the first is nearly always enough.
  const isPinned = streams.some((stream) => order.field in stream);
  for (const range of isPinned ? pinned(after) : rangesAfter(after, order, recent)) {
    const pages = await Promise.all(streams.map((stream) => read({ ...stream, ...range })));
    found.push(...pages.flat());
    if (found.length >= wanted) break;
  }
  found.sort((a, b) => compare(positionOf(a, order), positionOf(b, order), order.direction));
  return { found: found.slice(0, limit), more: found.length > limit };

  function read(filter: Document): Promise<T[]> {
    return (
      collection
        // The driver's types do not accept a path as a plain string.
        .find<T>(filter as Filter<T>, { projection })
        .sort({ [order.field]: order.direction, _id: 1 })
        .limit(wanted)
        .toArray()
    );
  }
}

/** Returns the position of a document in the order. */
export function positionOf(document: Document & { _id: string }, { field }: Order): KeysetPosition {
  const value = field.split('.').reduce<unknown>((inner, name) => (isDocument(inner) ? inner[name] : null), document);
  return { id: document._id, value: typeof value === 'string' || value instanceof Date ? value : null };
}

/** Before every date that a chart can contain, including dates before 1970. */
const FIRST_DATE = new Date('0001-01-01T00:00:00Z');

/** Returns the parts of the order after a position, each one range of an index. */
function rangesAfter(after: KeysetPosition | null, { field, direction, type }: Order, recent: Date | null): Document[] {
  const lowest = type === 'text' ? '' : FIRST_DATE;
  // A server that sorts all that a range has, sorts little then.
  if (after === null && recent !== null)
    return [{ [field]: { $gte: recent } }, { [field]: { $lt: recent, $gte: lowest } }, { [field]: null }];
  if (after === null) return [{ [field]: { $gte: lowest } }, { [field]: null }];
  const { value, id } = after;
  if (value === null) return [{ [field]: null, _id: { $gt: id } }];
  const beyond = direction === 1 ? { $gt: value } : { $lt: value, $gte: lowest };
  return [{ [field]: value, _id: { $gt: id } }, { [field]: beyond }, { [field]: null }];
}

/** Returns the part after a position if all documents of a stream have the same value of the field. */
function pinned(after: KeysetPosition | null): Document[] {
  return [after === null ? {} : { _id: { $gt: after.id } }];
}

function compare(a: KeysetPosition, b: KeysetPosition, direction: 1 | -1): number {
  const [one, other] = [comparable(a.value), comparable(b.value)];
  if (one === null || other === null) return one === other ? byId(a, b) : one === null ? 1 : -1;
  if (one === other) return byId(a, b);
  return one < other ? -direction : direction;
}

function byId(a: KeysetPosition, b: KeysetPosition): number {
  return a.id < b.id ? -1 : 1;
}

function comparable(value: KeysetPosition['value']): string | number | null {
  return value instanceof Date ? value.getTime() : value;
}

function isDocument(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
