import { healthAdvice, healthOf, judge, type Webhook, webhooks, worthTelling } from '../domain/webhookHealth.ts';
import type { SightingDocument } from '../store/documents.ts';
import type { StepContext } from './context.ts';
import { sendWaitingNotices, tell } from './notify.ts';

/**
 * Measures an instance's webhooks at the end of a run: judges the changes that polling found and whose delivery has had
 * time to come, and tells people when a webhook's health changed.
 */
export function watchWebhooks(context: StepContext) {
  const { sightings, deliveries, receiverUptime, webhookHealth, records } = context.store;

  return async ({ instance, runId }: { instance: string; runId: string }): Promise<void> => {
    const now = context.now();
    const found = await sightings.toJudge(instance, runId, await judgedUntil(now));
    const known = await Promise.all(webhooks.map((webhook) => webhookHealth.measured(instance, webhook)));
    const firstOf = (webhook: Webhook) => known.find((one) => one.webhook === webhook)?.firstDeliveryAt ?? null;
    const verdicts = await Promise.all(
      found.map(async (one) => ({ ...one, verdict: one.verdict ?? (await verdictOf(one, firstOf(one.webhook))) })),
    );
    await sightings.judged(runId, verdicts);
    await sendWaitingNotices(context, instance);
    for (const webhook of webhooks) {
      const count = (verdict: string) =>
        verdicts.filter((one) => one.webhook === webhook && one.verdict === verdict).length;
      await measure(instance, webhook, { run: runId, at: now, announced: count('announced'), missed: count('missed') });
    }
  };

  /** Changes found by then had time to be announced, and it is known whether the receiver was up: until it is again, nobody can tell. */
  async function judgedUntil(now: Date): Promise<Date> {
    const graceOver = now.getTime() - context.runs.webhookGraceMs;
    const lastKnown = await receiverUptime.lastKnown();
    return new Date(lastKnown === null ? graceOver : Math.min(graceOver, lastKnown.getTime()));
  }

  async function verdictOf(sighting: SightingDocument, firstDeliveryAt: Date | null) {
    const { instance, webhook, record, casefileId, since, foundAt } = sighting;
    const isNew = webhook === 'patient-creation';
    return judge({
      webhook,
      since,
      firstDeliveryAt,
      announced: await deliveries.announced(instance, webhook, casefileId, since),
      receiverWasUp: await receiverUptime.covered(since, foundAt),
      chartCreatedAt: isNew ? ((await records.get(record))?.chart?.createdAt ?? null) : null,
    });
  }

  async function measure(instance: string, webhook: Webhook, cycle: Parameters<typeof webhookHealth.addCycle>[2]) {
    const { firstDeliveryAt = null, cycles, told } = await webhookHealth.addCycle(instance, webhook, cycle);
    const health = healthOf({ firstDeliveryAt, cycles });
    if (!worthTelling(told, health, cycles)) return;
    const examples = (await sightings.missed(instance, webhook, 3)).map(({ record }) => record);
    const evidence = health === 'healthy' || examples.length === 0 ? '' : ` Not announced: ${examples.join(', ')}.`;
    // The run is part of the condition: the same change of health may come again another day.
    const _id = `webhook/${instance}/${webhook}/${health}/${cycle.run}`;
    await tell(context, { _id, instance, text: `${instance}: ${healthAdvice[health][webhook]}${evidence}` });
    await webhookHealth.told(instance, webhook, health);
  }
}
