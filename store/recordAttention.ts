import type { Collection, Document } from 'mongodb';
import { BEHIND_LIST, type RecordKind } from '../domain/attention.ts';
import type { RecordDocument } from './documents.ts';
import { type KeysetPage, keysetPage, type Order, positionOf } from './keyset.ts';

/** Filters of the records that need a person. */
export interface AttentionQuery {
  instances: readonly string[];
  kinds: readonly RecordKind[];
  location?: string;
}

type UnlockedCounts = Record<Exclude<RecordKind, 'locked'>, number>;

const OLDEST_DISCHARGE: Order = { field: 'dischargedAt', direction: 1, type: 'date' };

/** The filters of each kind. They exclude one another, and each has an index. */
const filters: Readonly<Record<RecordKind, readonly Document[]>> = {
  locked: [{ status: 'held' }],
  missing: [{ status: 'notReady' }],
  unreadable: [{ status: 'failed' }, { 'failure.code': BEHIND_LIST, status: 'synced' }],
};

/** Queries of records that need a person. */
export function attentionLists(collection: Collection<RecordDocument>) {
  const streamsOf = ({ instances, kinds, location }: AttentionQuery) =>
    instances.flatMap((instance) =>
      kinds
        .flatMap((kind) => filters[kind])
        .map((filter) => ({
          ...filter,
          instance,
          ...at(location),
        })),
    );
  const at = (location: string | undefined) => (location === undefined ? {} : { 'chart.locationName': location });
  return {
    /** Returns a page after the record `after`, oldest discharge first. A record of another instance is ignored. */
    async attentionPage(
      query: AttentionQuery,
      after: string | null,
      limit: number,
    ): Promise<KeysetPage<RecordDocument>> {
      const { instances } = query;
      const last = after === null ? null : await collection.findOne({ _id: after, instance: { $in: [...instances] } });
      return keysetPage(collection, {
        streams: streamsOf(query),
        order: OLDEST_DISCHARGE,
        after: last && positionOf(last, OLDEST_DISCHARGE),
        limit,
      });
    },

    /** Returns how many records need a person, by kind; those that are locked are counted by `heldAges`. */
    async attentionCounts({ instances, location }: Omit<AttentionQuery, 'kinds'>): Promise<UnlockedCounts> {
      const among = { instance: { $in: [...instances] }, ...at(location) };
      const count = async (kind: keyof UnlockedCounts) => {
        const counts = await Promise.all(
          filters[kind].map((filter) => collection.countDocuments({ ...filter, ...among })),
        );
        return counts.reduce((sum, n) => sum + n, 0);
      };
      const [missing, unreadable] = await Promise.all([count('missing'), count('unreadable')]);
      return { missing, unreadable };
    },
  };
}
