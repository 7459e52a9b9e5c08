import { createHash, randomUUID } from 'node:crypto';
import type { Collection } from 'mongodb';
import { DAY_MS } from '../domain/time.ts';
import type { Webhook } from '../domain/webhookHealth.ts';
import { isDuplicateKey } from './conflict.ts';
import { type DeliveryDocument, SCHEMA_VERSION } from './documents.ts';

const KEPT_MS = 14 * DAY_MS;

/** A received webhook: a chart changed, or is new. */
export interface IncomingDelivery {
  instance: string;
  webhook: Webhook;
  casefileId: string;
  /** The sender's id of the message, if its signature is valid; otherwise null. */
  webhookId: string | null;
  at: Date;
  /** The trace of the request, as a `traceparent`; null without one. */
  trace?: string | null;
}

/** Webhook deliveries. They wait until a workflow is signaled, and are then kept as evidence for two weeks. */
export function deliveries(collection: Collection<DeliveryDocument>) {
  return {
    /**
     * Stores a delivery durably. A signed one counts once, however often it is repeated. An unsigned one is added to the one that
     * waits for the same chart, if there is one: it cannot be distinguished from a repetition, and one pull serves both.
     */
    async add(arrival: IncomingDelivery): Promise<'new' | 'counted' | 'repeated'> {
      return arrival.webhookId === null ? addUnsigned(arrival) : addSigned(arrival, arrival.webhookId);
    },

    /** Returns deliveries since then that named one of the charts. */
    ofCharts(
      instance: string,
      casefileIds: readonly string[],
      since: Date,
    ): Promise<Pick<DeliveryDocument, 'webhook' | 'casefileId' | 'lastReceivedAt'>[]> {
      return collection
        .find(
          { instance, casefileId: { $in: [...casefileIds] }, lastReceivedAt: { $gte: since } },
          { projection: { _id: 0, webhook: 1, casefileId: 1, lastReceivedAt: 1 } },
        )
        .toArray();
    },

    /** Returns when the webhook last delivered; null if it did not in the last two weeks. */
    async lastAt(instance: string, webhook: Webhook): Promise<Date | null> {
      const last = await collection.findOne({ instance, webhook }, { sort: { lastReceivedAt: -1 } });
      return last?.lastReceivedAt ?? null;
    },

    /** Returns the latest deliveries for the chart, newest first. */
    ofChart(instance: string, casefileId: string, limit: number): Promise<DeliveryDocument[]> {
      return collection.find({ instance, casefileId }).sort({ lastReceivedAt: -1 }).limit(limit).toArray();
    },

    /** Returns waiting deliveries after `after`, oldest first. */
    waiting(after: Pick<DeliveryDocument, '_id' | 'receivedAt'> | null, limit: number): Promise<DeliveryDocument[]> {
      const behind =
        after === null
          ? {}
          : {
              $or: [
                { receivedAt: { $gt: after.receivedAt } },
                { receivedAt: after.receivedAt, _id: { $gt: after._id } },
              ],
            };
      return collection
        .find({ state: 'waiting', ...behind })
        .sort({ receivedAt: 1, _id: 1 })
        .limit(limit)
        .toArray();
    },

    /** Returns how many deliveries wait, and since when the oldest does, by instance. */
    async backlog(): Promise<Map<string, { count: number; oldest: Date }>> {
      const groups = await collection
        .aggregate<{ _id: string; count: number; oldest: Date }>([
          // The lower bound lets MongoDB use the partial index.
          { $match: { state: 'waiting', receivedAt: { $gt: new Date(0) } } },
          { $group: { _id: '$instance', count: { $sum: 1 }, oldest: { $min: '$receivedAt' } } },
        ])
        .toArray();
      return new Map(groups.map(({ _id, count, oldest }) => [_id, { count, oldest }]));
    },

    /** Returns how many deliveries there are for a chart, in any state. */
    countChart: (instance: string, casefileId: string): Promise<number> =>
      collection.countDocuments({ instance, casefileId }),

    /** Removes all deliveries for a chart, in any state. Returns how many. */
    async removeChart(instance: string, casefileId: string): Promise<number> {
      return (await collection.deleteMany({ instance, casefileId })).deletedCount;
    },

    /** Marks deliveries as dispatched. One that was counted again since it was read keeps waiting. */
    async markDispatched(read: readonly Pick<DeliveryDocument, '_id' | 'times'>[], now: Date): Promise<void> {
      if (read.length === 0) return;
      const update = { $set: { state: 'dispatched' as const, dispatchedAt: now } };
      await collection.bulkWrite(
        read.map(({ _id, times }) => ({ updateOne: { filter: { _id, times, state: 'waiting' }, update } })),
        { ordered: false },
      );
    },
  };

  async function addSigned(arrival: IncomingDelivery, webhookId: string): Promise<'new' | 'repeated'> {
    // Without the webhook: the address is not signed, so the same message at the other address is a repetition too.
    const key = JSON.stringify([arrival.instance, webhookId]);
    const _id = createHash('sha256').update(key).digest('base64url');
    const { instance, webhook, casefileId } = arrival;
    const written = await collection.updateOne(
      { _id },
      { $setOnInsert: { instance, webhook, casefileId, ...unread(arrival), signed: true, times: 1 } },
      { upsert: true },
    );
    return written.upsertedCount === 1 ? 'new' : 'repeated';
  }

  async function addUnsigned(arrival: IncomingDelivery): Promise<'new' | 'counted'> {
    const { instance, webhook, casefileId, at } = arrival;
    const { lastReceivedAt, expiresAt, state, ...first } = unread(arrival);
    for (;;) {
      try {
        const written = await collection.updateOne(
          { instance, webhook, casefileId, state, signed: false },
          {
            $inc: { times: 1 },
            $max: { lastReceivedAt: at, expiresAt },
            $setOnInsert: { _id: randomUUID(), ...first },
          },
          { upsert: true },
        );
        return written.upsertedCount === 1 ? 'new' : 'counted';
      } catch (error) {
        // Another one for the same chart was just stored: the next attempt adds this one to it.
        if (!isDuplicateKey(error)) throw error;
      }
    }
  }
}

function unread({ at, trace }: IncomingDelivery) {
  return {
    ...(trace == null ? {} : { trace }),
    schemaVersion: SCHEMA_VERSION,
    receivedAt: at,
    lastReceivedAt: at,
    expiresAt: new Date(at.getTime() + KEPT_MS),
    state: 'waiting' as const,
    dispatchedAt: null,
  };
}
