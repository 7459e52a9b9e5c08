import type { Collection, Document, Filter } from 'mongodb';
import type { HoldReason } from '../domain/lock.ts';
import { searchStarts } from '../domain/search.ts';
import { DAY_MS } from '../domain/time.ts';
import type { RecordDocument } from './documents.ts';
import { type KeysetPage, keysetPage, type Order, positionOf } from './keyset.ts';

/** Filters of a page of holds. */
export interface HeldQuery {
  instances: readonly string[];
  location?: string;
  reason?: HoldReason;
  /** Held since this time or longer, and held since later than this time. */
  heldBefore?: Date;
  heldAfter?: Date;
  /** The level of care as KIPU has it. */
  level?: string;
  /** By default the oldest discharge first. */
  order?: HeldOrder;
}

/** How many records are held for less than a day, for one to seven days, and longer. */
export interface HeldAges {
  day: number;
  week: number;
  longer: number;
}

/** The orders of holds: the oldest discharge, the name, or the longest hold first. */
export const heldOrderNames = ['discharge', 'name', 'held'] as const;
export type HeldOrder = (typeof heldOrderNames)[number];
const heldOrders: Readonly<Record<HeldOrder, Order>> = {
  discharge: { field: 'dischargedAt', direction: 1, type: 'date' },
  name: { field: 'search.lastFirst', direction: 1, type: 'text' },
  held: { field: 'hold.since', direction: 1, type: 'date' },
};
/** The highest code point. */
const LAST = '\u{10ffff}';

/** Queries of records for pages and search. */
export function recordLists(collection: Collection<RecordDocument>) {
  return {
    /** Returns how many holds match. */
    heldCount: ({ instances, ...query }: HeldQuery): Promise<number> =>
      collection.countDocuments({ status: 'held', instance: { $in: [...instances] }, ...narrowed(query) }),

    /** Returns the ids of holds that match, at most `limit`. */
    async idsOfHolds({ instances, ...query }: HeldQuery, limit: number): Promise<string[]> {
      const filter: Filter<RecordDocument> = { status: 'held', instance: { $in: [...instances] }, ...narrowed(query) };
      return (
        await collection
          .find(filter, { projection: { _id: 1 } })
          .limit(limit)
          .toArray()
      ).map(({ _id }) => _id);
    },

    /** Returns the levels of care of all holds of these instances. */
    async heldLevels(instances: readonly string[]): Promise<string[]> {
      const levels = await collection.distinct('chart.levelOfCare', {
        status: 'held',
        instance: { $in: [...instances] },
      });
      return levels.filter((level) => typeof level === 'string');
    },

    /** Returns a page of holds after the record `after`, in the order of the query. A record of another instance is ignored. */
    async heldPage(query: HeldQuery, after: string | null, limit: number): Promise<KeysetPage<RecordDocument>> {
      const { instances } = query;
      const order = heldOrders[query.order ?? 'discharge'];
      const last = after === null ? null : await collection.findOne({ _id: after, instance: { $in: [...instances] } });
      return keysetPage(collection, {
        streams: instances.map((instance) => ({ status: 'held', instance, ...narrowed(query) })),
        order,
        // A record that was unlocked since keeps its place.
        after: last && positionOf({ ...last, hold: last.hold ?? last.lastHold }, order),
        limit,
      });
    },

    /** Returns records whose name (first or last name first) or number begins with the typed text; with `held` only held ones. */
    async search(
      typed: string,
      { instances, held, limit }: { instances: readonly string[]; held: boolean; limit: number },
    ): Promise<KeysetPage<RecordDocument>> {
      const { name, number } = searchStarts(typed);
      const starts = [
        { field: 'search.lastFirst', start: name },
        { field: 'search.firstLast', start: name },
        { field: 'search.number', start: number },
      ];
      const lists = await Promise.all(
        instances.flatMap((instance) =>
          starts.map(({ field, start }) => {
            if (start === null) return [];
            const range = { $gte: start, $lt: `${start}${LAST}` };
            const filter: Document = { instance, [field]: range, ...(held ? { status: 'held' } : {}) };
            return (
              collection
                // The driver's types do not accept a path as a plain string.
                .find(filter as Filter<RecordDocument>)
                .limit(limit + 1)
                .toArray()
            );
          }),
        ),
      );
      const found = [...new Map(lists.flat().map((record) => [record._id, record])).values()].sort(byName);
      return { found: found.slice(0, limit), more: found.length > limit };
    },

    /** Returns those of these records that belong to one of the instances, in this order. */
    async ofIds(recordIds: readonly string[], instances: readonly string[]): Promise<RecordDocument[]> {
      const found = await collection.find({ _id: { $in: [...recordIds] } }).toArray();
      const place = new Map(recordIds.map((id, index) => [id, index]));
      return found
        .filter(({ instance }) => instances.includes(instance))
        .sort((one, other) => (place.get(one._id) ?? 0) - (place.get(other._id) ?? 0));
    },

    /** Returns the time zones of these records by id; none of those without a chart. */
    async zonesOf(recordIds: readonly string[]): Promise<Map<string, string>> {
      const found = await collection.find({ _id: { $in: [...recordIds] } }, { projection: { timeZone: 1 } }).toArray();
      return new Map(found.flatMap(({ _id, timeZone }) => (timeZone === undefined ? [] : [[_id, timeZone]])));
    },

    /** Returns the numbers of holds by age, of each of these instances. */
    async heldAges(
      { instances, location }: Pick<HeldQuery, 'instances' | 'location'>,
      now: Date,
    ): Promise<Map<string, HeldAges>> {
      const [day, week] = [new Date(now.getTime() - DAY_MS), new Date(now.getTime() - 7 * DAY_MS)];
      const since = (when: Document) => ({ $sum: { $cond: [when, 1, 0] } });
      const found = await collection
        .aggregate<{ _id: string } & HeldAges>([
          {
            $match: {
              status: 'held',
              instance: { $in: [...instances] },
              ...narrowed(location === undefined ? {} : { location }),
            },
          },
          {
            $group: {
              _id: '$instance',
              day: since({ $gt: ['$hold.since', day] }),
              week: since({ $and: [{ $gt: ['$hold.since', week] }, { $lte: ['$hold.since', day] }] }),
              longer: since({ $lte: ['$hold.since', week] }),
            },
          },
        ])
        .toArray();
      const ages = new Map(found.map(({ _id, day, week, longer }) => [_id, { day, week, longer }]));
      return new Map(instances.map((name) => [name, ages.get(name) ?? { day: 0, week: 0, longer: 0 }]));
    },

    /** Returns the oldest failures of the instance that began by then and last: the records and their fault codes. */
    async failingSince(instance: string, by: Date, limit: number): Promise<{ record: string; code: string }[]> {
      const found = await collection
        // The lower bound lets MongoDB use the partial index.
        .find({ instance, 'failure.since': { $gt: new Date(0), $lte: by } }, { projection: { 'failure.code': 1 } })
        .sort({ 'failure.since': 1 })
        .limit(limit)
        .toArray();
      return found.flatMap(({ _id, failure }) => (failure === null ? [] : [{ record: _id, code: failure.code }]));
    },

    /** Returns records whose pull failed within that time and has not succeeded since. */
    failedBetween(instance: string, from: Date, to: Date, limit: number): Promise<RecordDocument[]> {
      return collection
        .find({ instance, status: 'failed', 'failure.at': { $gte: from, $lte: to } })
        .sort({ 'failure.at': 1 })
        .limit(limit)
        .toArray();
    },
  };
}

/** Returns the filter of a query, without its instances. */
function narrowed({ location, level, reason, heldBefore, heldAfter }: Omit<HeldQuery, 'instances'>): Document {
  const since = { ...(heldBefore && { $lte: heldBefore }), ...(heldAfter && { $gt: heldAfter }) };
  return {
    ...(location === undefined ? {} : { 'chart.locationName': location }),
    ...(level === undefined ? {} : { 'chart.levelOfCare': level }),
    ...(reason === undefined ? {} : { 'hold.reason': reason }),
    ...(Object.keys(since).length === 0 ? {} : { $and: [{ 'hold.since': since }] }),
  };
}

function byName(a: RecordDocument, b: RecordDocument): number {
  const [one, other] = [a.search?.lastFirst ?? '', b.search?.lastFirst ?? ''];
  return one === other ? (a._id < b._id ? -1 : 1) : one < other ? -1 : 1;
}
