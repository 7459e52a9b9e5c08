import type { Collection } from 'mongodb';
import type { Place } from '../domain/detectedChange.ts';
import type { WebhookHealth } from '../domain/lock.ts';
import { type Cycle, healthOf, isAway, type Webhook, withCycle, worstHealth } from '../domain/webhookHealth.ts';
import { isDuplicateKey } from './conflict.ts';
import { SCHEMA_VERSION, type WebhookHealthDocument } from './documents.ts';

/** The measurement of a webhook at a location, and its health. */
export type MeasuredWebhook = WebhookHealthDocument & { health: WebhookHealth };

/** Operations on the measurements of KIPU's webhooks per location. `receiverLastUp` returns when our receiver was last up. */
export function webhookHealth(
  collection: Collection<WebhookHealthDocument>,
  receiverLastUp: () => Promise<Date | null>,
) {
  return {
    /** Returns the measurements of an instance's webhooks: one entry per webhook and location that ever delivered or missed. */
    measured: (instance: string, now: Date): Promise<MeasuredWebhook[]> => measuredOf([instance], now),

    /** Returns the measurements of these instances' webhooks. */
    measuredOf,

    /**
     * Returns the health of the Chart Update webhook at a location, `missing` if there is no measurement. For a chart without a
     * location it is the worst of the instance.
     */
    async chartUpdate(instance: string, locationId: string | null, now: Date): Promise<WebhookHealth> {
      const at = locationId === null ? {} : { locationId };
      const [found, lastUp] = await Promise.all([
        collection.find({ instance, webhook: 'chart-update', ...at }).toArray(),
        receiverLastUp(),
      ]);
      return worstHealth(found.map((one) => withHealth(one, isAway(lastUp, now)).health));
    },

    /** Stores that deliveries arrived for a chart at that location. */
    async delivered(instance: string, webhook: Webhook, place: Place, at: { first: Date; last: Date }): Promise<void> {
      const { _id, lastDeliveryAt: _never, locationName: _name, ...fresh } = unmeasured(instance, webhook, place);
      await upsert(_id, {
        $min: { firstDeliveryAt: at.first },
        $max: { lastDeliveryAt: at.last },
        ...named(place, fresh),
      });
    },

    /** Adds a run's cycle; the same run again adds nothing. Returns the new measurement. */
    async addCycle(instance: string, webhook: Webhook, place: Place, cycle: Cycle): Promise<WebhookHealthDocument> {
      const { _id, cycles: _none, locationName: _name, ...fresh } = unmeasured(instance, webhook, place);
      const before = await collection.findOne({ _id });
      const cycles = withCycle(before?.cycles ?? [], cycle);
      await upsert(_id, { $set: { cycles }, ...named(place, fresh, { cycles }) });
      return { ...(before ?? unmeasured(instance, webhook, place)), cycles };
    },

    /** Stores the health of the last notice. */
    async markNotified(ids: readonly string[], health: WebhookHealth): Promise<void> {
      await collection.updateMany({ _id: { $in: [...ids] } }, { $set: { lastNotified: health } });
    },
  };

  async function measuredOf(instances: readonly string[], now: Date): Promise<MeasuredWebhook[]> {
    const [found, lastUp] = await Promise.all([
      collection.find({ instance: { $in: [...instances] } }).toArray(),
      receiverLastUp(),
    ]);
    return found.map((one) => withHealth(one, isAway(lastUp, now)));
  }

  async function upsert(_id: string, update: object): Promise<void> {
    for (;;) {
      try {
        await collection.updateOne({ _id }, update, { upsert: true });
        return;
      } catch (error) {
        // Another process just created the document: the next attempt updates it.
        if (!isDuplicateKey(error)) throw error;
      }
    }
  }
}

function withHealth(one: WebhookHealthDocument, receiverAway: boolean): MeasuredWebhook {
  const { firstDeliveryAt = null, cycles } = one;
  return { ...one, health: healthOf({ firstDeliveryAt, cycles }, receiverAway) };
}

/** Returns an update that stores the location's current name. The name may change, its id does not. */
function named({ locationName }: Place, fresh: object, set: object = {}): object {
  return locationName === null
    ? { $setOnInsert: { ...fresh, locationName } }
    : { $set: { ...set, locationName }, $setOnInsert: fresh };
}

function unmeasured(instance: string, webhook: Webhook, place: Place): WebhookHealthDocument {
  return {
    ...{ _id: `${instance}/${webhook}/${place.locationId ?? ''}`, schemaVersion: SCHEMA_VERSION, instance, webhook },
    ...{ locationId: place.locationId, locationName: place.locationName },
    ...{ lastDeliveryAt: null, cycles: [], lastNotified: null },
  };
}
