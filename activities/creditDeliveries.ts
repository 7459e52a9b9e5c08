import { type Place, provingDeliveries } from '../domain/detectedChange.ts';
import { webhooks } from '../domain/webhookHealth.ts';
import type { RecordDocument } from '../store/documents.ts';
import type { ActivityContext } from './context.ts';

/** A delivery that came during a pull may not have caused a pull of its own. */
const OVERLAP_MS = 300_000;

/**
 * Stores that webhooks arrive from the location of a chart that was just read, where deliveries named the chart since its
 * last pull. The receiver cannot do this, because a delivery names only the chart.
 */
export async function creditDeliveries(context: ActivityContext, record: RecordDocument, place: Place): Promise<void> {
  const { instance, casefileId, chart, movedAt = null, pulledAt } = record;
  const since = new Date(pulledAt === null ? 0 : pulledAt.getTime() - OVERLAP_MS);
  const came = await context.store.deliveries.ofCharts(instance, [casefileId], since);
  const proving = provingDeliveries(came, { chart, movedAt }, place);
  for (const webhook of webhooks) {
    const times = proving.filter((one) => one.webhook === webhook).map((one) => one.lastReceivedAt.getTime());
    if (times.length === 0) continue;
    const at = { first: new Date(Math.min(...times)), last: new Date(Math.max(...times)) };
    await context.store.webhookHealth.delivered(instance, webhook, place, at);
  }
}
