import type { Collection } from 'mongodb';
import type { WebhookHealth } from '../domain/lock.ts';
import { type Cycle, healthOf, type Webhook, withCycle } from '../domain/webhookHealth.ts';
import { SCHEMA_VERSION, type WebhookHealthDocument } from './documents.ts';

/** What is measured of KIPU's webhooks. */
export function webhookHealth(collection: Collection<WebhookHealthDocument>) {
  return {
    /** What is known of a webhook; as of one never heard of while nothing was measured. */
    measured,

    /** The health of the instance's Chart Update webhook, by which records are held. */
    async chartUpdate(instance: string): Promise<WebhookHealth> {
      const { firstDeliveryAt = null, cycles } = await measured(instance, 'chart-update');
      return healthOf({ firstDeliveryAt, cycles });
    },

    /** Keeps that a delivery came. */
    async delivered(instance: string, webhook: Webhook, at: Date): Promise<void> {
      const { _id, lastDeliveryAt: _never, ...fresh } = unmeasured(instance, webhook);
      const update = { $min: { firstDeliveryAt: at }, $max: { lastDeliveryAt: at }, $setOnInsert: fresh };
      await collection.updateOne({ _id }, update, { upsert: true });
    },

    /** Adds a run's cycle; the same run again adds nothing. Gives what is known then. */
    async addCycle(instance: string, webhook: Webhook, cycle: Cycle): Promise<WebhookHealthDocument> {
      const before = await measured(instance, webhook);
      const cycles = withCycle(before.cycles, cycle);
      if (cycles.length === before.cycles.length && cycles.at(-1)?.run === before.cycles.at(-1)?.run) return before;
      const { _id, cycles: _none, ...fresh } = unmeasured(instance, webhook);
      await collection.updateOne({ _id }, { $set: { cycles }, $setOnInsert: fresh }, { upsert: true });
      return { ...before, cycles };
    },

    /** Keeps what people were told last. */
    async told(instance: string, webhook: Webhook, health: WebhookHealth): Promise<void> {
      const { _id, told: _nothing, ...fresh } = unmeasured(instance, webhook);
      await collection.updateOne({ _id }, { $set: { told: health }, $setOnInsert: fresh }, { upsert: true });
    },
  };

  async function measured(instance: string, webhook: Webhook): Promise<WebhookHealthDocument> {
    const fresh = unmeasured(instance, webhook);
    return (await collection.findOne({ _id: fresh._id })) ?? fresh;
  }
}

function unmeasured(instance: string, webhook: Webhook): WebhookHealthDocument {
  const _id = `${instance}/${webhook}`;
  return { _id, schemaVersion: SCHEMA_VERSION, instance, webhook, lastDeliveryAt: null, cycles: [], told: null };
}
