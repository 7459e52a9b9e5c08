import { createHash, randomUUID } from 'node:crypto';
import { type Collection, MongoServerError } from 'mongodb';
import type { Webhook } from '../domain/webhookHealth.ts';
import { type DeliveryDocument, SCHEMA_VERSION } from './documents.ts';

const DUPLICATE_KEY = 11000;
const KEPT_MS = 14 * 86_400_000;

/** What a webhook told: a chart changed, or is new. */
export interface IncomingDelivery {
  instance: string;
  webhook: Webhook;
  casefileId: string;
  /** The sender's own id of the message, where a signature vouches for it. */
  webhookId: string | null;
  at: Date;
}

/** Webhook deliveries, from their arrival until a workflow was told; then kept as evidence for two weeks. */
export function deliveries(collection: Collection<DeliveryDocument>) {
  return {
    /**
     * Stores a delivery, durably. A signed one counts once, whenever it is repeated. An unsigned one is counted on the
     * one that waits for the same chart, if there is one: it can't be told from a repetition, and one pull answers both.
     */
    async add(arrival: IncomingDelivery): Promise<'new' | 'counted' | 'repeated'> {
      return arrival.webhookId === null ? addUnsigned(arrival) : addSigned(arrival, arrival.webhookId);
    },

    /** Deliveries since then that named one of the charts. */
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

    /** When the last delivery of that webhook came; null where none did in the last two weeks. */
    async lastAt(instance: string, webhook: Webhook): Promise<Date | null> {
      const last = await collection.findOne({ instance, webhook }, { sort: { lastReceivedAt: -1 } });
      return last?.lastReceivedAt ?? null;
    },

    /** The latest deliveries that told of the chart, the newest first. */
    ofChart(instance: string, casefileId: string, limit: number): Promise<DeliveryDocument[]> {
      return collection.find({ instance, casefileId }).sort({ lastReceivedAt: -1 }).limit(limit).toArray();
    },

    /** Deliveries that wait, the oldest first, behind `after`. */
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

    /** Marks deliveries as handed over, as they were read. One that was counted again since goes on waiting. */
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
    const key = JSON.stringify([arrival.instance, arrival.webhook, webhookId]);
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
        // Another one for the same chart came first, just now: this one is counted on it.
        if (!(error instanceof MongoServerError) || error.code !== DUPLICATE_KEY) throw error;
      }
    }
  }
}

function unread({ at }: IncomingDelivery) {
  return {
    schemaVersion: SCHEMA_VERSION,
    receivedAt: at,
    lastReceivedAt: at,
    expiresAt: new Date(at.getTime() + KEPT_MS),
    state: 'waiting' as const,
    dispatchedAt: null,
  };
}
