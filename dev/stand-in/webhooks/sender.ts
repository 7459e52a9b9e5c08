import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { Agent } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { StandInChart } from '../world/chart.ts';
import type { ChangeEvent } from '../world/chartBook.ts';
import type { ChartChange, Instance } from '../world/instances.ts';
import { chanceOf } from '../world/random.ts';
import type { Simulation } from '../world/simulation.ts';
import { casefileIdAt } from '../world/views.ts';
import { bodyOf } from './bodies.ts';
import { type Delivery, Outbox } from './outbox.ts';
import { authenticated, post } from './post.ts';
import { Sent } from './sent.ts';
import { WEBHOOK_NAMES, type WebhookName, type WebhookPlan, type WebhookSettings } from './settings.ts';

/** A burst must not use up the machine's sockets. */
const MAX_CONNECTIONS = 64;

/** The webhook that reports each change. None reports a soft deletion. */
const WEBHOOK_OF: Record<ChangeEvent, WebhookName | null> = {
  created: 'patient-creation',
  updated: 'chart-update',
  vaulted: null,
};

/** Sends KIPU's two webhooks, with one attempt per delivery. A failed delivery does not affect the stand-in. */
export class WebhookSender {
  readonly sent = new Sent();
  readonly #simulation: Simulation;
  readonly #now: () => Date;
  readonly #outboxes: Map<string, Outbox>;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  // No keep-alive: there is one attempt, and on a kept connection that the receiver has just closed it would be lost.
  readonly #agent = new Agent({ keepAlive: false, maxSockets: MAX_CONNECTIONS });

  /** Throws Error for an unknown instance and for invalid settings. */
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
    simulation.onChange((change) => this.#deliver(change));
  }

  /** Changes settings from the next change of a chart on. Throws Error as the constructor does, and changes nothing then. */
  set(instance: string, webhook: WebhookName, patch: Partial<WebhookSettings>): void {
    this.#send(instance, webhook, this.#outbox(instance, webhook).set(patch));
  }

  /** Returns a copy of the settings. Throws Error for an unknown instance. */
  settings(instance: string, webhook: WebhookName): WebhookSettings {
    return this.#outbox(instance, webhook).settings;
  }

  /** Resolves when no delivery is in flight. Deliveries that `reorder` delays are not in flight. */
  async idle(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.all(this.#inFlight);
  }

  /** Aborts the deliveries in flight, without counting them. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.idle();
    this.#agent.destroy();
  }

  #deliver({ instance: name, casefileId, event }: ChartChange): void {
    const webhook = WEBHOOK_OF[event];
    const instance = this.#simulation.instance(name);
    const chart = instance.book.find(casefileId);
    if (webhook === null || !chart || !isOnAt(instance, webhook, chart)) return;
    const outbox = this.#outbox(name, webhook);
    if (!outbox.isOn) return;
    const id = `msg_${randomUUID()}`;
    const place = this.#simulation.instances.indexOf(instance);
    const deliveries = outbox.add(id, bodyOf(place, withCasefileIdForWebhooks(instance, chart), webhook, id));
    if (deliveries === null) this.sent.add({ instance: name, webhook, status: 'dropped' });
    else this.#send(name, webhook, deliveries);
  }

  #send(instance: string, webhook: WebhookName, deliveries: readonly Delivery[]): void {
    if (deliveries.length === 0 || this.#closing.signal.aborted) return;
    const sending = this.#sendInOrder(instance, webhook, deliveries).finally(() => this.#inFlight.delete(sending));
    this.#inFlight.add(sending);
  }

  async #sendInOrder(instance: string, webhook: WebhookName, deliveries: readonly Delivery[]): Promise<void> {
    const { signal } = this.#closing;
    for (const { url, settings, ...delivery } of deliveries) {
      const { delayMs, timeoutMs, authentication, double } = settings;
      if (delayMs > 0) await wait(delayMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const posting = { ...authenticated(authentication, url, delivery, this.#now()), body: delivery.body, timeoutMs };
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

/** Returns whether a webhook is on for a chart's location: KIPU's settings page has a location picker. */
function isOnAt({ settings }: Instance, webhook: WebhookName, { patient }: StandInChart): boolean {
  const locations = settings.webhookLocations[webhook];
  const here = [patient.location_id, patient.location_name].map((value) => String(value).toLowerCase());
  return locations === null || locations.some((location) => here.includes(location.toLowerCase()));
}

function withCasefileIdForWebhooks(instance: Instance, chart: StandInChart): StandInChart {
  const casefileId = casefileIdAt(instance, chart.casefileId, 'webhook');
  return { ...chart, casefileId, patient: { ...chart.patient, casefile_id: casefileId } };
}

function keyOf(instance: string, webhook: WebhookName): string {
  return `${instance}/${webhook}`;
}
