import { createHash, randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { MINUTE_MS } from '../domain/time.ts';
import { COMMAND_LINE } from '../domain/unlock.ts';
import type { ShownKind } from '../store/accessDocuments.ts';
import type { AuditEvent } from '../store/auditEvents.ts';
import type { Store } from '../store/connect.ts';

/** Stores what a person did or asked for, by a command or on a page. */
export async function audit(
  store: Pick<Store, 'auditEvents'>,
  { at = new Date(), ...event }: Omit<AuditEvent, '_id' | 'at'> & { at?: Date },
): Promise<void> {
  await store.auditEvents.add({ _id: `command/${randomUUID()}`, at, ...event });
}

/** A delivery that was refused because its sender did not authenticate. */
export interface RefusedDelivery {
  /** Null where the settings name no such instance: what an unknown sender wrote is not stored. */
  instance: string | null;
  webhook: 'patient-creation' | 'chart-update';
  /** In a few words of our own: `wrong secret`. Never what the sender wrote. */
  reason: string;
}

/**
 * Stores that a delivery was refused: one event per instance, webhook, reason and minute, however many deliveries and
 * processes there are. An event says that there was at least one; metrics and the log count them.
 */
export async function auditRefusedDelivery(
  store: Pick<Store, 'auditEvents'>,
  { instance, webhook, reason }: RefusedDelivery,
  at = new Date(),
): Promise<void> {
  const minute = Math.floor(at.getTime() / MINUTE_MS);
  const _id = `refused/${JSON.stringify([instance, webhook, reason])}/${minute}`;
  if ((await store.auditEvents.get(_id)) !== null) return;
  const outcome = `refused: ${reason}`;
  const who = `sender of ${webhook}`;
  await store.auditEvents.add({ _id, at, who, what: 'delivery-refused', instance, record: null, why: null, outcome });
}

/** A person who is shown something, and from where. */
export interface Viewer {
  who: string;
  from: string;
  session?: string;
}

/** The patients that a response, an export or the output of a command shows. */
export interface Shown {
  kind: ShownKind;
  records: readonly { _id: string; instance: string }[];
  /** The filters of an export, without anything that a person typed. */
  filters?: string;
}

/** The most records in one event: an event of MongoDB has a limited size. */
const MAX_RECORDS = 1_000;
/** Those that are audited without records too: that nobody was found also says something about a patient. */
const ALWAYS: readonly ShownKind[] = ['search', 'export'];

/**
 * Stores which patients a person is shown. Call it before they are shown. `per` says what makes one event: each request, or
 * for what is polled or reloaded each minute of one session with the same records.
 */
export async function auditShown(
  store: Pick<Store, 'auditEvents'>,
  viewer: Viewer,
  { kind, records, filters }: Shown,
  { at, per }: { at: Date; per: 'request' | 'minute' },
): Promise<void> {
  const unique = [...new Map(records.map((record) => [record._id, record])).values()];
  if (unique.length === 0 && !ALWAYS.includes(kind)) return;
  for (let from = 0; from === 0 || from < unique.length; from += MAX_RECORDS) {
    const part = unique.slice(from, from + MAX_RECORDS);
    const ids = part.map(({ _id }) => _id);
    const _id = per === 'request' ? `shown/${randomUUID()}` : minuteKey('shown', [viewer, kind, ids], at);
    if (per === 'minute' && (await store.auditEvents.get(_id)) !== null) continue;
    const names = [...new Set(part.map(({ instance }) => instance))];
    await store.auditEvents.add({
      ...{ _id, at, ...viewer, what: 'patients-shown', kind, record: null, records: ids, why: null },
      instance: names.length === 1 ? (names[0] ?? null) : null,
      ...(names.length > 1 ? { instances: names } : {}),
      outcome: `${ids.length === 1 ? '1 record' : `${ids.length} records`} shown${filters ? `; ${filters}` : ''}`,
    });
  }
}

/** Stores that a signed-in person was refused something: one event per session, reason and minute. */
export async function auditRefusedAccess(
  store: { auditEvents: Pick<Store['auditEvents'], 'add' | 'get'> },
  viewer: Viewer,
  { reason, of }: { reason: string; of: 'record' | 'run' | 'instance' | 'page' },
  at: Date,
): Promise<void> {
  const _id = minuteKey('access-refused', [viewer, reason, of], at);
  if ((await store.auditEvents.get(_id)) !== null) return;
  const nothing = { instance: null, record: null, why: null };
  const outcome = `refused: ${reason} (${of})`;
  await store.auditEvents.add({ _id, at, ...viewer, what: 'access-refused', ...nothing, outcome });
}

/** Returns an id that the same facts have for a minute. */
function minuteKey(prefix: string, facts: unknown, at: Date): string {
  const hash = createHash('sha256').update(JSON.stringify(facts)).digest('base64url');
  return `${prefix}/${hash}/${Math.floor(at.getTime() / MINUTE_MS)}`;
}

/** Returns the operating system's user as the viewer of what a command prints. */
export function commandViewer(): Viewer {
  return { who: osUser(), from: COMMAND_LINE };
}

/** Returns the name of the operating system's user who runs this process. */
export function osUser(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
