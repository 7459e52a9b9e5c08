import { type Attention, type AttentionKind, conditionAttention, webhookAttention } from '../domain/attention.ts';
import type { WebhookHealth } from '../domain/lock.ts';
import { namesText, type Webhook, webhooks, worstOf } from '../domain/webhookHealth.ts';
import type { Store } from '../store/connect.ts';
import type { MeasuredWebhook } from '../store/webhookHealth.ts';
import { keepBriefly } from './keepBriefly.ts';

/** Something about an instance, not about a record, that needs a person. */
export interface ConnectionItem extends Attention {
  instance: string;
  /** The names of the locations; null for the whole instance. */
  location: string | null;
  /** Whether it is about a webhook, and not about syncs. */
  webhook: boolean;
  /** When it began; of a webhook when it last arrived, null for never. */
  since: Date | null;
}

/** What needs a person: how much of each kind, and everything that is not a record. */
export interface AttentionFacts {
  counts: Record<AttentionKind, number>;
  items: ConnectionItem[];
}

type AttentionStore = {
  records: Pick<Store['records'], 'attentionCounts'>;
  notices: Pick<Store['notices'], 'open'>;
  webhookHealth: Pick<Store['webhookHealth'], 'measured'>;
};

/** Reads what needs a person in these instances, at one location if it is given. */
export async function readAttention(
  store: AttentionStore,
  instances: readonly string[],
  { now, location }: { now: Date; location?: string },
): Promise<AttentionFacts> {
  const [ofRecords, ...found] = await Promise.all([
    store.records.attentionCounts({ instances, ...(location === undefined ? {} : { location }) }),
    ...instances.map((instance) => connectionItems(store, instance, now, location)),
  ]);
  const items = found.flat();
  const count = (kind: AttentionKind) => items.filter((item) => item.kind === kind).length;
  return { counts: { ...ofRecords, connection: count('connection'), receiver: count('receiver') }, items };
}

async function connectionItems(
  store: AttentionStore,
  instance: string,
  now: Date,
  location: string | undefined,
): Promise<ConnectionItem[]> {
  const [conditions, measured] = await Promise.all([
    store.notices.open(instance),
    store.webhookHealth.measured(instance, now),
  ]);
  const isAway = conditions.some(({ kind }) => kind === 'receiver-away');
  const here = measured.filter(({ locationName }) => location === undefined || locationName === location);
  return [
    ...conditions.flatMap(({ kind, since }) => {
      const attention = conditionAttention(kind);
      return attention === null ? [] : [{ ...attention, instance, location: null, since, webhook: false }];
    }),
    ...webhooks
      .flatMap((webhook) => webhookItems(instance, webhook, here))
      // That the receiver is away is one item, not one for each webhook.
      .filter(({ kind }) => !(isAway && kind === 'receiver')),
  ];
}

/** Returns one item for each health of a webhook that is not good, with the locations that have it. */
function webhookItems(instance: string, webhook: Webhook, measured: readonly MeasuredWebhook[]): ConnectionItem[] {
  const of = measured.filter((one) => one.webhook === webhook);
  const healths: WebhookHealth[] = of.length === 0 ? ['missing'] : [...new Set(of.map(({ health }) => health))];
  return healths.flatMap((health) => {
    const attention = webhookAttention(webhook, health);
    if (attention === null) return [];
    const places = of.filter((one) => one.health === health);
    const { at } = worstOf(places);
    const location = at.length === 0 ? null : namesText(at);
    const last = Math.max(0, ...places.map(({ lastDeliveryAt }) => lastDeliveryAt?.getTime() ?? 0));
    return [{ ...attention, instance, location, since: last > 0 ? new Date(last) : null, webhook: true }];
  });
}

/** Navigation shows the count on every page. */
const keepCount = keepBriefly<number>(10_000);

/** Returns how much needs a person in these instances, at most some seconds old. */
export function attentionCount(
  store: AttentionStore,
  instances: readonly string[],
  now: Date = new Date(),
): Promise<number> {
  return keepCount(store, [...instances].sort().join(' '), now, async () => {
    const { counts } = await readAttention(store, instances, { now });
    return Object.values(counts).reduce((sum, n) => sum + n, 0);
  });
}
