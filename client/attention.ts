import { type Attention, type AttentionKind, conditionAttention, webhookAttention } from '../domain/attention.ts';
import type { WebhookHealth } from '../domain/lock.ts';
import { namesText, type Webhook, webhooks, worstOf } from '../domain/webhookHealth.ts';
import type { Store } from '../store/connect.ts';
import type { OpenCondition } from '../store/notices.ts';
import type { HeldAges } from '../store/recordLists.ts';
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
  /** How many records are held, and for how long, of each instance. */
  held: ReadonlyMap<string, HeldAges>;
  connections: ConnectionFacts;
}

/** What is known of the connections to KIPU: the open conditions and the measurements of webhooks, of each instance. */
interface ConnectionFacts {
  conditions: ReadonlyMap<string, OpenCondition[]>;
  measured: ReadonlyMap<string, MeasuredWebhook[]>;
}

type AttentionStore = {
  records: Pick<Store['records'], 'attentionCounts' | 'heldAges'>;
  notices: Pick<Store['notices'], 'openOf'>;
  webhookHealth: Pick<Store['webhookHealth'], 'measuredOf'>;
};

/** The instances whose records a person sees, and those of them whose connection is watched: not those that are retired. */
export interface AttentionScope {
  instances: readonly string[];
  watched: readonly string[];
}

/** Navigation shows counts on every page. What a page itself counts is read anew, and then kept for the navigation too. */
const KEPT_MS = 5_000;
const keptHeld = keepBriefly<ReadonlyMap<string, HeldAges>>(KEPT_MS);
const keptRest = keepBriefly<Rest>(KEPT_MS);

interface Rest {
  counts: { missing: number; unreadable: number };
  connections: ConnectionFacts;
}

/** Reads what needs a person now. */
export async function readAttention(store: AttentionStore, scope: AttentionScope, now: Date): Promise<AttentionFacts> {
  return attentionOf('fresh', store, scope, now);
}

/** Returns what needs a person as it was read some seconds ago, or reads it. */
export async function recentAttention(
  store: AttentionStore,
  scope: AttentionScope,
  now: Date,
): Promise<AttentionFacts> {
  return attentionOf('recent', store, scope, now);
}

/** Reads how many records of these instances are held now. */
export async function readLockedCount(store: AttentionStore, instances: readonly string[], now: Date): Promise<number> {
  return lockedIn(await heldOf('fresh', store, instances, now));
}

/** Reads what needs a person at one location now. */
export async function readAttentionAt(
  store: AttentionStore,
  { instances, watched }: AttentionScope,
  { now, location }: { now: Date; location: string },
): Promise<AttentionFacts> {
  const [held, rest] = await Promise.all([
    store.records.heldAges({ instances, location }, now),
    readRest(store, { instances, watched, location }, now),
  ]);
  return factsOf(held, rest, watched, location);
}

async function attentionOf(
  how: 'fresh' | 'recent',
  store: AttentionStore,
  { instances, watched }: AttentionScope,
  now: Date,
): Promise<AttentionFacts> {
  const [held, rest] = await Promise.all([
    heldOf(how, store, instances, now),
    keptRest[how](store, JSON.stringify([sorted(instances), sorted(watched)]), now, () =>
      readRest(store, { instances, watched }, now),
    ),
  ]);
  return factsOf(held, rest, watched);
}

function heldOf(how: 'fresh' | 'recent', store: AttentionStore, instances: readonly string[], now: Date) {
  return keptHeld[how](store, JSON.stringify(sorted(instances)), now, () => store.records.heldAges({ instances }, now));
}

async function readRest(
  store: AttentionStore,
  { instances, watched, location }: AttentionScope & { location?: string },
  now: Date,
): Promise<Rest> {
  const [counts, conditions, measured] = await Promise.all([
    store.records.attentionCounts({ instances, ...(location === undefined ? {} : { location }) }),
    store.notices.openOf(watched),
    store.webhookHealth.measuredOf(watched, now),
  ]);
  return { counts, connections: { conditions, measured: Map.groupBy(measured, ({ instance }) => instance) } };
}

function factsOf(
  held: ReadonlyMap<string, HeldAges>,
  { counts, connections }: Rest,
  watched: readonly string[],
  location?: string,
): AttentionFacts {
  const items = watched.flatMap((instance) => connectionItems(instance, connections, location));
  const count = (kind: AttentionKind) => items.filter((item) => item.kind === kind).length;
  const all = { locked: lockedIn(held), ...counts, connection: count('connection'), receiver: count('receiver') };
  return { counts: all, items, held, connections };
}

function lockedIn(held: ReadonlyMap<string, HeldAges>): number {
  return [...held.values()].reduce((sum, { day, week, longer }) => sum + day + week + longer, 0);
}

function sorted(names: readonly string[]): string[] {
  return [...names].sort();
}

function connectionItems(instance: string, known: ConnectionFacts, location: string | undefined): ConnectionItem[] {
  const conditions = known.conditions.get(instance) ?? [];
  const measured = known.measured.get(instance) ?? [];
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
