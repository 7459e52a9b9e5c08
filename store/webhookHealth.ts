import { type Collection, MongoServerError } from 'mongodb';
import type { Place } from '../domain/detectedChange.ts';
import type { WebhookHealth } from '../domain/lock.ts';
import { type Cycle, healthOf, isAway, type Webhook, withCycle, worstHealth } from '../domain/webhookHealth.ts';
import { SCHEMA_VERSION, type WebhookHealthDocument } from './documents.ts';

const DUPLICATE_KEY = 11000;

/** What is measured of a webhook at a location, and how it is by that. */
export type MeasuredWebhook = WebhookHealthDocument & { health: WebhookHealth };

/** What is measured of KIPU's webhooks, per location. `receiverLastUp` says when our receiver was up last. */
export function webhookHealth(
  collection: Collection<WebhookHealthDocument>,
  receiverLastUp: () => Promise<Date | null>,
) {
  return {
    /** What is known of an instance's webhooks: one entry per webhook and location that was ever heard of. */
    async measured(instance: string, now: Date): Promise<MeasuredWebhook[]> {
      const [found, lastUp] = await Promise.all([collection.find({ instance }).toArray(), receiverLastUp()]);
      return found.map((one) => withHealth(one, isAway(lastUp, now)));
    },

    /**
     * The health of the Chart Update webhook by which a chart at that location is held: `missing` where nothing was ever
     * heard of it. Of a chart without a location, the instance's worst.
     */
    async chartUpdate(instance: string, locationId: string | null, now: Date): Promise<WebhookHealth> {
      const at = locationId === null ? {} : { locationId };
      const [found, lastUp] = await Promise.all([
        collection.find({ instance, webhook: 'chart-update', ...at }).toArray(),
        receiverLastUp(),
      ]);
      return worstHealth(found.map((one) => withHealth(one, isAway(lastUp, now)).health));
    },

    /** Stores that a delivery came for a chart at that location. */
    async delivered(instance: string, webhook: Webhook, place: Place, at: { first: Date; last: Date }): Promise<void> {
      const { _id, lastDeliveryAt: _never, locationName: _name, ...fresh } = unmeasured(instance, webhook, place);
      await upsert(_id, {
        $min: { firstDeliveryAt: at.first },
        $max: { lastDeliveryAt: at.last },
        ...named(place, fresh),
      });
    },

    /** Adds a run's cycle; the same run again adds nothing. Returns what is known then. */
    async addCycle(instance: string, webhook: Webhook, place: Place, cycle: Cycle): Promise<WebhookHealthDocument> {
      const { _id, cycles: _none, locationName: _name, ...fresh } = unmeasured(instance, webhook, place);
      const before = await collection.findOne({ _id });
      const cycles = withCycle(before?.cycles ?? [], cycle);
      await upsert(_id, { $set: { cycles }, ...named(place, fresh, { cycles }) });
      return { ...(before ?? unmeasured(instance, webhook, place)), cycles };
    },

    /** Stores what people were told last. */
    async markNotified(ids: readonly string[], health: WebhookHealth): Promise<void> {
      await collection.updateMany({ _id: { $in: [...ids] } }, { $set: { lastNotified: health } });
    },
  };

  async function upsert(_id: string, update: object): Promise<void> {
    for (;;) {
      try {
        await collection.updateOne({ _id }, update, { upsert: true });
        return;
      } catch (error) {
        // Another process was first: now there is one to update.
        if (!(error instanceof MongoServerError) || error.code !== DUPLICATE_KEY) throw error;
      }
    }
  }
}

function withHealth(one: WebhookHealthDocument, receiverAway: boolean): MeasuredWebhook {
  const { firstDeliveryAt = null, cycles } = one;
  return { ...one, health: healthOf({ firstDeliveryAt, cycles }, receiverAway) };
}

/** A location's id counts; its name, which may change, is kept as it was last heard. */
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
