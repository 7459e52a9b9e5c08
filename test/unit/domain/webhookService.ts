import {
  announcedFrom,
  type ChangeResult,
  judgeChange,
  type KnownPlace,
  type Place,
  placeOfChange,
  provingDeliveries,
} from '../../../domain/detectedChange.ts';
import { type HoldReason, lockReason } from '../../../domain/lock.ts';
import { type Cycle, cycleOf, healthOf, isAway, type Webhook, withCycle } from '../../../domain/webhookHealth.ts';
import { covers } from '../../../store/receiverUptime.ts';
import { HOUR, lastIn, MINUTE, type Span } from './webhookSite.ts';

const GRACE = 5 * MINUTE;

/** What the service stores of a chart. */
interface Known extends KnownPlace {
  listedVersion: string | null;
  pulledVersion: string | null;
  pulledAt: number;
}

interface Detected {
  chart: string;
  webhook: Webhook;
  version: string;
  listed: Place;
  since: Date;
  detectedAt: number;
}

/** A chart as KIPU lists it. */
export interface Shown {
  chart: string;
  version: string;
  location: number;
  createdAt: string;
  discharged: boolean;
}

/**
 * The rules of the service over plain maps, in place of activities and a database. Not `perLocation`, all charts count as at
 * one location.
 */
export function serviceOf(up: readonly Span[], perLocation: boolean) {
  const records = new Map<string, Known>();
  const deliveries = new Map<string, { webhook: Webhook; lastReceivedAt: Date }[]>();
  const health = new Map<string, { firstDeliveryAt: Date | null; cycles: Cycle[] }>();
  const uptime = up.map(({ from, to }) => ({ from: new Date(from), to: new Date(to) }));
  let waiting: Detected[] = [];

  const place = (location: number): Place => ({
    locationId: perLocation ? String(location) : 'all',
    locationName: null,
  });
  const measured = (webhook: Webhook, locationId: string | null) =>
    health.get(`${webhook}/${locationId}`) ?? { firstDeliveryAt: null, cycles: [] };
  const recordOf = (chart: string): Known =>
    records.get(chart) ?? { chart: null, movedAt: null, listedVersion: null, pulledVersion: null, pulledAt: 0 };

  function credit(webhook: Webhook, locationId: string | null, at: readonly Date[]): void {
    const known = measured(webhook, locationId);
    for (const one of at) {
      if (known.firstDeliveryAt === null || one < known.firstDeliveryAt) known.firstDeliveryAt = one;
      health.set(`${webhook}/${locationId}`, known);
    }
  }

  return {
    receive(chart: string, webhook: Webhook, at: number): void {
      deliveries.set(chart, [...(deliveries.get(chart) ?? []), { webhook, lastReceivedAt: new Date(at) }]);
    },

    /** Lists charts; returns those that are due. */
    list(rows: readonly Shown[], since: number | null, at: number): Shown[] {
      return rows.filter((row) => {
        const record = recordOf(row.chart);
        if (since !== null && record.listedVersion !== row.version) {
          const webhook = record.listedVersion === null ? 'patient-creation' : 'chart-update';
          const found = { chart: row.chart, webhook, version: row.version, listed: place(row.location) } as const;
          waiting.push({ ...found, since: new Date(since), detectedAt: at });
        }
        records.set(row.chart, { ...record, listedVersion: row.version });
        return record.pulledVersion !== row.version;
      });
    },

    /** Reads a chart; returns why it is held, if it is. */
    pull(shown: Shown, at: number): HoldReason | null {
      const record = recordOf(shown.chart);
      const here = place(shown.location);
      const came = (deliveries.get(shown.chart) ?? []).filter(
        ({ lastReceivedAt }) => lastReceivedAt.getTime() > record.pulledAt - GRACE,
      );
      for (const { webhook, lastReceivedAt } of provingDeliveries(came, record, here))
        credit(webhook, here.locationId, [lastReceivedAt]);
      const moved = record.chart !== null && record.chart.locationId !== here.locationId;
      records.set(shown.chart, {
        ...{ ...record, chart: here, movedAt: moved ? new Date(at) : record.movedAt },
        ...{ pulledVersion: shown.version, pulledAt: at },
      });
      const lastUp = lastIn(up, at);
      const away = isAway(lastUp === null ? null : new Date(lastUp), new Date(at));
      const chartUpdate = healthOf(measured('chart-update', here.locationId), away);
      return lockReason({
        ...{ policy: 'webhook-missing', unlockedBefore: false, discharged: shown.discharged, chartUpdate },
      });
    },

    /** Judges at the end of a run the changes that can be judged. */
    judge(run: string, at: number, createdAt: (chart: string) => string): void {
      const judgedAt = lastIn(up, at) ?? at;
      const now = waiting.filter(({ detectedAt }) => detectedAt <= judgedAt - GRACE);
      waiting = waiting.filter(({ detectedAt }) => detectedAt > judgedAt - GRACE);
      const byPlace = new Map<string, ChangeResult[]>();
      for (const { chart, webhook, version, listed, since } of now) {
        const where = placeOfChange(listed, recordOf(chart), since);
        const from = announcedFrom(since, version, GRACE);
        const announcing = (deliveries.get(chart) ?? []).filter(
          (one) => one.webhook === webhook && one.lastReceivedAt >= from,
        );
        const near = uptime.filter(({ to }) => to >= since);
        const result = judgeChange({
          ...{ webhook, since, atOneLocation: where !== null, announced: announcing.length > 0 },
          receiverWasUp: covers(near, since, new Date(judgedAt)),
          firstDeliveryAt: measured(webhook, where?.locationId ?? null).firstDeliveryAt,
          chartCreatedAt: createdAt(chart),
        });
        if (where === null) continue;
        if (result === 'announced')
          credit(
            webhook,
            where.locationId,
            announcing.map((one) => one.lastReceivedAt),
          );
        const key = `${webhook}/${where.locationId}`;
        byPlace.set(key, [...(byPlace.get(key) ?? []), result]);
      }
      for (const [key, changeResults] of byPlace) {
        const known = health.get(key) ?? { firstDeliveryAt: null, cycles: [] };
        health.set(key, { ...known, cycles: withCycle(known.cycles, cycleOf(run, new Date(at), changeResults)) });
      }
      // No longer needed: waiting changes were detected within hours.
      for (const [chart, all] of deliveries) {
        if (all.every(({ lastReceivedAt }) => lastReceivedAt.getTime() < at - 48 * HOUR)) deliveries.delete(chart);
      }
    },
  };
}
