import type { Collection, Document, Filter } from 'mongodb';
import type { ConsentState } from '../domain/consent.ts';
import { type ReferralStatus, referralStatuses } from '../domain/referral.ts';
import { consentFilter } from './consents.ts';
import type { ReferralDocument } from './documents.ts';
import { type KeysetPage, keysetPage, type Order, positionOf } from './keyset.ts';

/** In one answer instead of one for each hundred. */
const MOST_MADE = 20_000;
/** The highest code point. */
const LAST = '\u{10ffff}';
/** A page of the latest changes rarely reaches further back. */
const RECENT_MS = 7 * 86_400_000;

/** The orders of referral lists. Each has an index. */
export const referralOrders = {
  changed: { field: 'updatedAt', direction: -1, type: 'date' },
  discharge: { field: 'dischargeDate', direction: -1, type: 'text' },
  destination: { field: 'destination', direction: 1, type: 'text' },
  facility: { field: 'facility.name', direction: 1, type: 'text' },
} as const satisfies Record<string, Order>;

export type ReferralOrder = keyof typeof referralOrders;

/** Filters of a list of referrals. */
export interface ReferralQuery {
  instances: readonly string[];
  status?: ReferralStatus;
  facility?: string;
  /** The state of the consent on today's day of each instance. */
  consent?: { state: ConsentState; todayOf: (instance: string) => string };
  /** Only the referral of this record. */
  record?: string;
}

/** A referral in a list: its latest revision. */
export type ListedReferral = Omit<ReferralDocument, 'revisions'>;

/** Queries of referrals for pages and exports. */
export function referralLists(collection: Collection<ReferralDocument>) {
  return {
    /** Returns one page in that order, after the referral of the record `after`. One of another instance is ignored. */
    async page(
      query: ReferralQuery,
      by: ReferralOrder,
      after: string | null,
      limit: number,
    ): Promise<KeysetPage<ListedReferral>> {
      const order = referralOrders[by];
      const last =
        after === null ? null : await collection.findOne({ _id: after, instance: { $in: [...query.instances] } });
      return keysetPage(collection, {
        streams: streamsOf(query),
        order,
        after: last && positionOf(last, order),
        limit,
        projection: { revisions: 0 },
        ...(by === 'changed' ? { recent: new Date(Date.now() - RECENT_MS) } : {}),
      });
    },

    /** Yields all referrals, for each instance and status the latest change first. */
    async *all(query: ReferralQuery): AsyncGenerator<ListedReferral> {
      for (const stream of streamsOf(query)) {
        yield* collection
          // The driver's types do not accept a path as a plain string.
          .find<ListedReferral>(stream as Filter<ReferralDocument>, { projection: { revisions: 0 } })
          .sort({ updatedAt: -1, _id: 1 });
      }
    },

    /** Returns when the instance's open referrals whose chart was discharged on one of these days were first made, by record. */
    async openOfDays(instance: string, { first, last }: { first: string; last: string }): Promise<Map<string, Date>> {
      // A day is the beginning of the text, in whatever form KIPU sent the rest.
      const dischargeDate = { $gte: first, $lt: `${last}${LAST}` };
      return madeAt({ instance, status: 'open', dischargeDate });
    },

    /** Returns when the open referrals among these records were first made. */
    openAmong: (recordIds: readonly string[]): Promise<Map<string, Date>> =>
      recordIds.length === 0 ? Promise.resolve(new Map()) : madeAt({ _id: { $in: [...recordIds] } }),

    /** Returns how many of the instance's open referrals were created or changed since then. */
    changedSince(instance: string, since: Date): Promise<number> {
      return collection.countDocuments({ instance, status: 'open', updatedAt: { $gte: since } });
    },
  };

  async function madeAt(filter: Filter<ReferralDocument>): Promise<Map<string, Date>> {
    const projection = { status: 1, createdAt: 1 };
    const found = await collection.find(filter, { projection, batchSize: MOST_MADE }).toArray();
    return new Map(found.flatMap(({ _id, status, createdAt }) => (status === 'open' ? [[_id, createdAt]] : [])));
  }
}

function streamsOf({ instances, status, facility, consent, record }: ReferralQuery): Document[] {
  const narrowed = {
    ...(facility === undefined ? {} : { 'facility.name': facility }),
    ...(record === undefined ? {} : { _id: record }),
  };
  return instances.flatMap((instance) =>
    (status === undefined ? referralStatuses : [status]).map((one) => ({
      ...{ instance, status: one, ...narrowed },
      ...(consent === undefined ? {} : consentFilter(consent.state, consent.todayOf(instance))),
    })),
  );
}
