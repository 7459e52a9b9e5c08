import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { Agent } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { StandInChart } from '../chart.ts';
import type { ChangeEvent } from '../chartBook.ts';
import type { ChartChange, Instance } from '../instances.ts';
import { chanceOf } from '../random.ts';
import type { Simulation } from '../simulation.ts';
import { spelled } from '../views.ts';
import { bodyOf } from './bodies.ts';
import { type Delivery, Outbox } from './outbox.ts';
import { post } from './post.ts';
import { proven } from './proof.ts';
import { Sent } from './sent.ts';
import { WEBHOOK_NAMES, type WebhookName, type WebhookPlan, type WebhookSettings } from './settings.ts';

/** A burst must not take every socket of the machine. */
const MOST_AT_ONCE = 64;

/** A soft deletion is announced by neither. */
const ANNOUNCED_BY: Record<ChangeEvent, WebhookName | null> = {
  created: 'patient-creation',
  updated: 'chart-update',
  vaulted: null,
};

/** Sends KIPU's two webhooks, each with one attempt; whatever comes of it, the stand-in continues. */
export class Webhooks {
  readonly sent = new Sent();
  readonly #simulation: Simulation;
  readonly #now: () => Date;
  readonly #outboxes: Map<string, Outbox>;
  readonly #onTheWay = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  // One attempt, so a connection kept from before, which the receiver may just have closed, would lose a delivery.
  readonly #agent = new Agent({ keepAlive: false, maxSockets: MOST_AT_ONCE });

  /** Throws Error for an unknown instance and for settings that cannot be followed. */
  constructor(simulation: Simulation, plan: WebhookPlan, now: () => Date) {
    this.#simulation = simulation;
    this.#now = now;
    this.#outboxes = new Map(
      simulation.instances.flatMap(({ name }) =>
        WEBHOOK_NAMES.map(
          (webhook) => [keyOf(name, webhook), new Outbox(chanceOf(simulation.seed, name, webhook))] as const,
        ),
      ),
    );
    for (const [instance, webhooks] of Object.entries(plan)) {
      simulation.instance(instance);
      for (const webhook of WEBHOOK_NAMES) this.set(instance, webhook, webhooks[webhook] ?? {});
    }
    setMaxListeners(0, this.#closing.signal);
    simulation.onChange((change) => this.#announce(change));
  }

  /** Changes some settings, from the next change of a chart on. Throws Error, and changes nothing, as the constructor. */
  set(instance: string, webhook: WebhookName, patch: Partial<WebhookSettings>): void {
    this.#send(instance, webhook, this.#outbox(instance, webhook).set(patch));
  }

  /** A copy. Throws Error for an unknown instance. */
  settings(instance: string, webhook: WebhookName): WebhookSettings {
    return this.#outbox(instance, webhook).settings;
  }

  /** Resolves when nothing is on its way. What `reorder` keeps back is not on its way. */
  async idle(): Promise<void> {
    while (this.#onTheWay.size > 0) await Promise.all(this.#onTheWay);
  }

  /** Drops what is on its way, without counting it. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.idle();
    this.#agent.destroy();
  }

  #announce({ instance: name, casefileId, event }: ChartChange): void {
    const webhook = ANNOUNCED_BY[event];
    const instance = this.#simulation.instance(name);
    const chart = instance.book.find(casefileId);
    if (webhook === null || !chart || !isOnAt(instance, webhook, chart)) return;
    const outbox = this.#outbox(name, webhook);
    if (!outbox.sends) return;
    const id = `msg_${randomUUID()}`;
    const place = this.#simulation.instances.indexOf(instance);
    const going = outbox.take(id, bodyOf(place, withSpelledId(instance, chart), webhook, id));
    if (going === null) this.sent.add({ instance: name, webhook, status: 'dropped' });
    else this.#send(name, webhook, going);
  }

  #send(instance: string, webhook: WebhookName, deliveries: readonly Delivery[]): void {
    if (deliveries.length === 0 || this.#closing.signal.aborted) return;
    const way = this.#carry(instance, webhook, deliveries).finally(() => this.#onTheWay.delete(way));
    this.#onTheWay.add(way);
  }

  async #carry(instance: string, webhook: WebhookName, deliveries: readonly Delivery[]): Promise<void> {
    const { signal } = this.#closing;
    for (const { url, settings, ...delivery } of deliveries) {
      const { delayMs, timeoutMs, proof, double } = settings;
      if (delayMs > 0) await wait(delayMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const posting = { ...proven(proof, url, delivery, this.#now()), body: delivery.body, timeoutMs };
      const once = async () => {
        const status = await post(posting, this.#agent, signal);
        if (!signal.aborted) this.sent.add({ instance, webhook, status });
      };
      await Promise.all(double ? [once(), once()] : [once()]);
    }
  }

  #outbox(instance: string, webhook: WebhookName): Outbox {
    const outbox = this.#outboxes.get(keyOf(instance, webhook));
    if (!outbox) throw new Error(`no instance is called ${instance}, or it has no webhook ${webhook}`);
    return outbox;
  }
}

/** KIPU's screen has a location picker: a webhook may be on for some locations only. */
function isOnAt({ settings }: Instance, webhook: WebhookName, { patient }: StandInChart): boolean {
  const locations = settings.webhookLocations[webhook];
  const here = [patient.location_id, patient.location_name].map((value) => String(value).toLowerCase());
  return locations === null || locations.some((location) => here.includes(location.toLowerCase()));
}

function withSpelledId(instance: Instance, chart: StandInChart): StandInChart {
  const casefileId = spelled(instance, chart.casefileId, 'webhook');
  return { ...chart, casefileId, patient: { ...chart.patient, casefile_id: casefileId } };
}

function keyOf(instance: string, webhook: WebhookName): string {
  return `${instance}/${webhook}`;
}
