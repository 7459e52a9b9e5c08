import type { Collection } from 'mongodb';
import type { WebhookHealth } from '../domain/lock.ts';
import type { WebhookHealthDocument } from './documents.ts';

/** What is measured of KIPU's webhooks. */
export function webhookHealth(collection: Collection<WebhookHealthDocument>) {
  return {
    /** The health of the instance's Chart Update webhook; `missing` while nothing was ever measured. */
    async chartUpdate(instance: string): Promise<WebhookHealth> {
      return (await collection.findOne({ _id: `${instance}/chart-update` }))?.health ?? 'missing';
    },
  };
}
