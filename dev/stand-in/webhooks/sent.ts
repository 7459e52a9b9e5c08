import type { Outcome } from './post.ts';
import type { WebhookName } from './settings.ts';

/** The outcome of a delivery. No patient data. */
export interface Delivered {
  instance: string;
  webhook: WebhookName;
  /** The answer's status, why there was no answer, or `dropped` if the settings dropped it unsent. */
  status: Outcome | 'dropped';
}

/** Counts deliveries by instance, webhook and status. A doubled one counts twice, one of a webhook that is off not at all. */
export class Sent {
  readonly #counts = new Map<string, Delivered & { count: number }>();

  get counts(): readonly Readonly<Delivered & { count: number }>[] {
    return [...this.#counts.values()].map((counted) => ({ ...counted }));
  }

  /** Returns the number of deliveries that match. A property that is absent matches every delivery. */
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
