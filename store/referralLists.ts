import type { Collection, Document, Filter } from 'mongodb';
import type { ReferralStatus } from '../domain/referral.ts';
import type { ReferralDocument } from './documents.ts';
import { type KeysetPage, keysetPage, type Order, positionOf } from './keyset.ts';

/** The orders in which referrals are listed; each has an index. */
export const referralOrders = {
  changed: { field: 'updatedAt', direction: -1, type: 'date' },
  discharge: { field: 'dischargeDate', direction: -1, type: 'text' },
  destination: { field: 'destination', direction: 1, type: 'text' },
  facility: { field: 'facility.name', direction: 1, type: 'text' },
} as const satisfies Record<string, Order>;

export type ReferralOrder = keyof typeof referralOrders;

const STATUSES: readonly ReferralStatus[] = ['open', 'withdrawn', 'void'];

/** Which referrals: of these instances, and as far as given. */
export interface ReferralQuery {
  instances: readonly string[];
  status?: ReferralStatus;
  facility?: string;
}

/** A referral in a list: its latest revision. */
export type ListedReferral = Omit<ReferralDocument, 'revisions'>;

/** Referrals as people page through and export them. */
export function referralLists(collection: Collection<ReferralDocument>) {
  return {
    /** One page in that order, behind the referral of the record `after`. */
    async page(
      query: ReferralQuery,
      by: ReferralOrder,
      after: string | null,
      limit: number,
    ): Promise<KeysetPage<ListedReferral>> {
      const order = referralOrders[by];
      const last = after === null ? null : await collection.findOne({ _id: after });
      return keysetPage(collection, {
        streams: streamsOf(query),
        order,
        after: last && positionOf(last, order),
        limit,
        projection: { revisions: 0 },
      });
    },

    /** All of them, one after the other, the latest change of each instance and status first. */
    async *all(query: ReferralQuery): AsyncGenerator<ListedReferral> {
      for (const stream of streamsOf(query)) {
        yield* collection
          // The driver can't know that a path in a text is one of the document's.
          .find<ListedReferral>(stream as Filter<ReferralDocument>, { projection: { revisions: 0 } })
          .sort({ updatedAt: -1, _id: 1 });
      }
    },

    /** How many of the instance's open referrals were made or changed since then. */
    changedSince(instance: string, since: Date): Promise<number> {
      return collection.countDocuments({ instance, status: 'open', updatedAt: { $gte: since } });
    },
  };
}

function streamsOf({ instances, status, facility }: ReferralQuery): Document[] {
  const narrowed = facility === undefined ? {} : { 'facility.name': facility };
  return instances.flatMap((instance) =>
    (status === undefined ? STATUSES : [status]).map((one) => ({ instance, status: one, ...narrowed })),
  );
}
