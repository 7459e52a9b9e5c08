import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { MINUTE_MS } from '../domain/time.ts';
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

/** Stores that a person opened a record's page: one event per person, record and minute. */
export async function auditView(
  store: Pick<Store, 'auditEvents'>,
  who: string,
  record: { _id: string; instance: string },
  at: Date,
): Promise<void> {
  const _id = `view/${JSON.stringify([who, record._id])}/${Math.floor(at.getTime() / MINUTE_MS)}`;
  if ((await store.auditEvents.get(_id)) !== null) return;
  const viewed = { who, what: 'record-viewed', instance: record.instance, record: record._id } as const;
  await store.auditEvents.add({ _id, at, ...viewed, why: null, outcome: 'shown' });
}

/** Returns the name of the operating system's user who runs this process. */
export function osUser(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
