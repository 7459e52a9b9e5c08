import type { Chance } from '../world/random.ts';
import { check, UNSET, type WebhookSettings } from './settings.ts';

/** A delivery to the receiver, with the settings at the time of the change. */
export interface Delivery {
  id: string;
  body: string;
  url: string;
  settings: WebhookSettings;
}

/** One webhook of one instance: applies its settings to deliveries. The caller sends them. */
export class Outbox {
  readonly #chance: Chance;
  #settings = UNSET;
  #delayed: Delivery | null = null;
  #sinceDrop = 0;

  /** @param chance decides which deliveries are dropped */
  constructor(chance: Chance) {
    this.#chance = chance;
  }

  get settings(): WebhookSettings {
    return structuredClone(this.#settings);
  }

  /** Changes settings. Throws Error, and changes nothing, if they are invalid. Returns the delayed deliveries to send now. */
  set(patch: Partial<WebhookSettings>): Delivery[] {
    const settings = patched(this.#settings, patch);
    check(settings);
    this.#settings = settings;
    if (patch.drop !== undefined) this.#sinceDrop = 0;
    return settings.reorder ? [] : this.#release();
  }

  /** Whether changes lead to deliveries at all. */
  get isOn(): boolean {
    return this.#settings.on && this.#settings.url !== null;
  }

  /** Returns the deliveries to send now, in order: none if it is delayed, null if it is dropped. */
  add(id: string, body: string): Delivery[] | null {
    const { url } = this.#settings;
    if (url === null) return [];
    if (this.#drops()) return null;
    const delivery = { id, body, url, settings: this.#settings };
    if (!this.#settings.reorder || this.#delayed) return [delivery, ...this.#release()];
    this.#delayed = delivery;
    return [];
  }

  #release(): Delivery[] {
    const delayed = this.#delayed ? [this.#delayed] : [];
    this.#delayed = null;
    return delayed;
  }

  #drops(): boolean {
    const { drop } = this.#settings;
    if (!drop) return false;
    if ('share' in drop) return this.#chance.odds(drop.share);
    this.#sinceDrop = (this.#sinceDrop + 1) % drop.every;
    return this.#sinceDrop === 0;
  }
}

/** Returns the settings with a patch; undefined values change nothing. */
function patched(settings: WebhookSettings, patch: Partial<WebhookSettings>): WebhookSettings {
  const defined: Partial<WebhookSettings> = Object.fromEntries(
    Object.entries(patch).filter(([, value]) => value !== undefined),
  );
  return { ...settings, ...structuredClone(defined) };
}
