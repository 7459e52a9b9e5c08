import type { Condition } from '../domain/conditions.ts';
import {
  announcedFrom,
  type ChangeResult,
  judgeChange,
  type Place,
  placeName,
  placeOfChange,
} from '../domain/detectedChange.ts';
import { webhookHealths } from '../domain/lock.ts';
import {
  cycleOf,
  healthAdvice,
  isAway,
  isReceiverMissed,
  placesText,
  receiverAwayText,
  shouldNotify,
  type Webhook,
  webhooks,
} from '../domain/webhookHealth.ts';
import { notify, notifyOfConditions, sendPendingNotices } from '../notices/send.ts';
import type { DetectedChangeDocument } from '../store/documents.ts';
import { covers } from '../store/receiverUptime.ts';
import type { MeasuredWebhook } from '../store/webhookHealth.ts';
import type { ActivityContext } from './context.ts';
import { notifierOf } from './notify.ts';

/** Changes that are judged together. */
const SLICE = 500;
/** Records that a notice names as evidence. */
const EXAMPLES = 3;

/** A change with its result, and the deliveries that announced it. */
type Judged = DetectedChangeDocument & { result: ChangeResult; announcedAt: number[] };

/**
 * Measures an instance's webhooks at the end of a run. Judges the changes that polling detected and whose delivery has had
 * time to arrive, each by its chart's location, and sends a notice where the health of a webhook changed.
 */
export function measureWebhooks(context: ActivityContext) {
  const { detectedChanges, deliveries, receiverUptime, webhookHealth, records } = context.store;

  const from = ({ since, version }: DetectedChangeDocument) =>
    announcedFrom(since, version, context.runs.webhookGraceMs);

  return async ({ instance, runId }: { instance: string; runId: string }): Promise<void> => {
    const now = context.now();
    const lastUp = await receiverUptime.lastKnown();
    const judgedAt = lastUp === null || lastUp > now ? now : lastUp;
    await judgeAll(instance, runId, judgedAt, now);
    await sendPendingNotices(notifierOf(context), { instance });

    const measured = await addCycles(instance, runId, now);
    await notifyOfReceiver(instance, measured, isAway(lastUp, now));
    for (const webhook of webhooks)
      await notifyOfHealth(
        instance,
        runId,
        webhook,
        measured.filter((one) => one.webhook === webhook),
      );
  };

  /** Judges what had time to be announced. Changes made while the receiver is away wait until it is back. */
  async function judgeAll(instance: string, runId: string, judgedAt: Date, now: Date): Promise<void> {
    const foundBefore = new Date(judgedAt.getTime() - context.runs.webhookGraceMs);
    for (;;) {
      const found = await detectedChanges.toJudge(instance, foundBefore, SLICE);
      if (found.length === 0) return;
      const judged = await judgeSlice(instance, found, judgedAt, now);
      for (const [first, ...rest] of groups(judged)) {
        const at = [first, ...rest].flatMap(({ announcedAt }) => announcedAt);
        if (at.length === 0) continue;
        const span = { first: new Date(Math.min(...at)), last: new Date(Math.max(...at)) };
        await webhookHealth.delivered(instance, first.webhook, first, span);
      }
      await detectedChanges.saveResults(runId, judged);
    }
  }

  async function judgeSlice(
    instance: string,
    found: readonly DetectedChangeDocument[],
    judgedAt: Date,
    now: Date,
  ): Promise<Judged[]> {
    const earliest = new Date(Math.min(...found.map((change) => from(change).getTime())));
    const casefileIds = [...new Set(found.map(({ casefileId }) => casefileId))];
    const [came, ofCharts, uptime, measured] = await Promise.all([
      deliveries.ofCharts(instance, casefileIds, earliest),
      records.ofCharts(instance, casefileIds),
      receiverUptime.since(earliest),
      webhookHealth.measured(instance, now),
    ]);
    const recordOf = new Map(ofCharts.map((record) => [record._id, record]));
    return found.map((change) => {
      const { webhook, casefileId, since } = change;
      const { chart = null, movedAt = null } = recordOf.get(change.record) ?? {};
      const place = placeOfChange(change, { chart, movedAt }, since);
      const announcing = came.filter(
        (one) => one.webhook === webhook && one.casefileId === casefileId && one.lastReceivedAt >= from(change),
      );
      const known = measured.find((one) => one.webhook === webhook && one.locationId === place?.locationId);
      const result = judgeChange({
        ...{ webhook, since, atOneLocation: place !== null, announced: announcing.length > 0 },
        receiverWasUp: covers(uptime, since, judgedAt),
        firstDeliveryAt: known?.firstDeliveryAt ?? null,
        chartCreatedAt: chart?.createdAt ?? null,
      });
      const announcedAt = result === 'announced' ? announcing.map((one) => one.lastReceivedAt.getTime()) : [];
      const { locationId, locationName } = place ?? change;
      return { ...change, locationId, locationName, result, announcedAt };
    });
  }

  /** Adds the run's cycle at every location where it judged a change. Returns all measurements after that. */
  async function addCycles(instance: string, runId: string, now: Date): Promise<MeasuredWebhook[]> {
    for (const [first, ...rest] of groups(await detectedChanges.judgedBy(runId))) {
      const results = [first, ...rest].flatMap(({ result }) => result ?? []);
      const cycle = cycleOf(runId, now, results);
      if (cycle.announced + cycle.missed + cycle.unheard > 0)
        await webhookHealth.addCycle(instance, first.webhook, first, cycle);
    }
    return webhookHealth.measured(instance, now);
  }

  /** Sends one notice for all locations at which the webhook's health changed in the same way. */
  async function notifyOfHealth(
    instance: string,
    runId: string,
    webhook: Webhook,
    locations: readonly MeasuredWebhook[],
  ): Promise<void> {
    const changed = locations.filter(({ lastNotified, health, cycles }) => shouldNotify(lastNotified, health, cycles));
    for (const health of webhookHealths) {
      const all = changed.filter((one) => one.health === health);
      if (all.length === 0) continue;
      const missed = await Promise.all(
        all.map(({ locationId }) => detectedChanges.missed(instance, webhook, locationId, EXAMPLES)),
      );
      const examples = missed
        .flat()
        .slice(0, EXAMPLES)
        .map(({ record }) => record);
      const evidence = health === 'healthy' || examples.length === 0 ? '' : ` Not announced: ${examples.join(', ')}.`;
      const where = placesText(instance, all.map(placeName));
      // The run is part of the condition: the same change of health may happen again another day.
      const _id = `webhook/${instance}/${webhook}/${health}/${runId}`;
      await notify(notifierOf(context), {
        _id,
        instance,
        text: `${where}: ${healthAdvice[health][webhook]}${evidence}`,
      });
      await webhookHealth.markNotified(
        all.map((one) => one._id),
        health,
      );
    }
  }

  async function notifyOfReceiver(
    instance: string,
    measured: readonly MeasuredWebhook[],
    away: boolean,
  ): Promise<void> {
    const known = measured.map(({ firstDeliveryAt = null, cycles }) => ({ firstDeliveryAt, cycles }));
    const present: Condition[] = isReceiverMissed(known, away)
      ? [{ kind: 'receiver-away', detail: null, text: receiverAwayText }]
      : [];
    await notifyOfConditions(notifierOf(context), instance, ['receiver-away'], present);
  }
}

/** Groups by webhook and location. */
function groups<One extends Place & { webhook: Webhook }>(all: readonly One[]): [One, ...One[]][] {
  const found = new Map<string, [One, ...One[]]>();
  for (const one of all) {
    const key = `${one.webhook}/${one.locationId ?? ''}`;
    const known = found.get(key);
    if (known === undefined) found.set(key, [one]);
    else known.push(one);
  }
  return [...found.values()];
}
