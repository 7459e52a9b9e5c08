import type { Chance } from '../random.ts';
import { check, UNSET, type WebhookSettings } from './settings.ts';

/** What goes to the receiver, as the settings were when the chart changed. */
export interface Delivery {
  id: string;
  body: string;
  url: string;
  settings: WebhookSettings;
}

/** One webhook of one instance: its settings, and what they make of a delivery. Sends nothing itself. */
export class Outbox {
  readonly #chance: Chance;
  #settings = UNSET;
  #kept: Delivery | null = null;
  #sinceDrop = 0;

  /** @param chance draws what is dropped */
  constructor(chance: Chance) {
    this.#chance = chance;
  }

  get settings(): WebhookSettings {
    return structuredClone(this.#settings);
  }

  /** Throws Error, and changes nothing, where settings cannot be followed. Returns what was kept back and goes now. */
  set(patch: Partial<WebhookSettings>): Delivery[] {
    const settings = patched(this.#settings, patch);
    check(settings);
    this.#settings = settings;
    if (patch.drop !== undefined) this.#sinceDrop = 0;
    return settings.reorder ? [] : this.#letGo();
  }

  /** Where nothing is to be sent at all, its changes make no delivery. */
  get sends(): boolean {
    return this.#settings.on && this.#settings.url !== null;
  }

  /** Returns what goes now, one after the other; nothing where it is kept back, null where it is dropped. */
  take(id: string, body: string): Delivery[] | null {
    const { url } = this.#settings;
    if (url === null) return [];
    if (this.#drops()) return null;
    const delivery = { id, body, url, settings: this.#settings };
    if (!this.#settings.reorder || this.#kept) return [delivery, ...this.#letGo()];
    this.#kept = delivery;
    return [];
  }

  #letGo(): Delivery[] {
    const kept = this.#kept ? [this.#kept] : [];
    this.#kept = null;
    return kept;
  }

  #drops(): boolean {
    const { drop } = this.#settings;
    if (!drop) return false;
    if ('share' in drop) return this.#chance.odds(drop.share);
    this.#sinceDrop = (this.#sinceDrop + 1) % drop.every;
    return this.#sinceDrop === 0;
  }
}

/** What is undefined stays as it was. */
function patched(settings: WebhookSettings, patch: Partial<WebhookSettings>): WebhookSettings {
  const given: Partial<WebhookSettings> = Object.fromEntries(
    Object.entries(patch).filter(([, value]) => value !== undefined),
  );
  return { ...settings, ...structuredClone(given) };
}
