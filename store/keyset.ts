import type { Collection, Document, Filter } from 'mongodb';

/** A list in the order of one field, then of ids; documents without the field come last. */
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
  /** There are others behind. */
  more: boolean;
}

/**
 * One page of a list, read from indexes alone. The list is the union of `streams`, filters that exclude one another, each of
 * equal signs only: an index whose fields are theirs, the order's and `_id` answers it without a sort, and no more than
 * a page of each stream is read.
 */
export async function keysetPage<T extends Document & { _id: string }>(
  collection: Collection<T>,
  query: {
    streams: readonly Document[];
    order: Order;
    after: KeysetPosition | null;
    limit: number;
    projection?: Document;
  },
): Promise<KeysetPage<T>> {
  const { streams, order, after, limit, projection = {} } = query;
  const wanted = limit + 1;
  const pages = await Promise.all(streams.map((stream) => ofStream(stream)));
  const found = pages.flat().sort((a, b) => compare(positionOf(a, order), positionOf(b, order), order.direction));
  return { found: found.slice(0, limit), more: found.length > limit };

  async function ofStream(stream: Document): Promise<T[]> {
    const taken: T[] = [];
    // One after the other: the first is nearly always enough.
    const ranges = order.field in stream ? pinned(after) : rangesAfter(after, order);
    for (const range of ranges) {
      if (taken.length >= wanted) break;
      taken.push(...(await read({ ...stream, ...range })));
    }
    return taken.slice(0, wanted);
  }

  function read(filter: Document): Promise<T[]> {
    return (
      collection
        // The driver can't know that a path in a text is one of the document's.
        .find<T>(filter as Filter<T>, { projection })
        .sort({ [order.field]: order.direction, _id: 1 })
        .limit(wanted)
        .toArray()
    );
  }
}

/** Where the page goes on behind this document. */
export function positionOf(document: Document & { _id: string }, { field }: Order): KeysetPosition {
  const value = field.split('.').reduce<unknown>((inner, name) => (isDocument(inner) ? inner[name] : null), document);
  return { id: document._id, value: typeof value === 'string' || value instanceof Date ? value : null };
}

/** Before every date that a chart can name, also one before 1970. */
const FIRST_DATE = new Date('0001-01-01T00:00:00Z');

/** Stretches of the order behind the mark, each one range of an index. */
function rangesAfter(after: KeysetPosition | null, { field, direction, type }: Order): Document[] {
  const lowest = type === 'text' ? '' : FIRST_DATE;
  if (after === null) return [{ [field]: { $gte: lowest } }, { [field]: null }];
  const { value, id } = after;
  if (value === null) return [{ [field]: null, _id: { $gt: id } }];
  const beyond = direction === 1 ? { $gt: value } : { $lt: value, $gte: lowest };
  return [{ [field]: value, _id: { $gt: id } }, { [field]: beyond }, { [field]: null }];
}

/** Where the stream has one value of the field only, the order is that of ids. */
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
