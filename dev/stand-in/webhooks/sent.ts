import type { Outcome } from './post.ts';
import type { WebhookName } from './settings.ts';

/** What became of a delivery. No patient data. */
export interface Delivered {
  instance: string;
  webhook: WebhookName;
  /** The status answered, what kept an answer from coming, or `dropped` by the switch, never sent. */
  status: Outcome | 'dropped';
}

/** Deliveries counted by instance, webhook and status. A double counts twice; one that is switched off, not at all. */
export class Sent {
  readonly #counts = new Map<string, Delivered & { count: number }>();

  get counts(): readonly Readonly<Delivered & { count: number }>[] {
    return [...this.#counts.values()].map((counted) => ({ ...counted }));
  }

  /** How many deliveries fit; what is left out fits every one. */
  count({ instance, webhook, status }: Partial<Delivered> = {}): number {
    return [...this.#counts.values()]
      .filter(
        (counted) =>
          (instance === undefined || instance === counted.instance) &&
          (webhook === undefined || webhook === counted.webhook) &&
          (status === undefined || status === counted.status),
      )
      .reduce((sum, { count }) => sum + count, 0);
  }

  add(delivered: Delivered): void {
    const { instance, webhook, status } = delivered;
    const key = `${instance} ${webhook} ${status}`;
    this.#counts.set(key, { ...delivered, count: (this.#counts.get(key)?.count ?? 0) + 1 });
  }

  reset(): void {
    this.#counts.clear();
  }
}
