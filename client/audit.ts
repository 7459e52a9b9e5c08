import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import type { AuditEvent } from '../store/auditEvents.ts';
import type { Store } from '../store/connect.ts';

/** Writes down what a person did by a command. */
export async function audit(store: Pick<Store, 'auditEvents'>, event: Omit<AuditEvent, '_id' | 'at'>): Promise<void> {
  await store.auditEvents.add({ _id: `command/${randomUUID()}`, at: new Date(), ...event });
}

/** A delivery that was refused because its sender did not prove itself. */
export interface RefusedDelivery {
  /** Null where the settings name no such instance: what a stranger wrote is not kept. */
  instance: string | null;
  webhook: 'patient-creation' | 'chart-update';
  /** In our own, few words: `wrong secret`. Never what the sender wrote. */
  reason: string;
}

const MINUTE_MS = 60_000;

/**
 * Writes down a refused delivery, one event per instance, webhook, reason and minute however many come and to however many
 * processes: an event says that there was at least one. Metrics and the log count them.
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

/** Writes down that somebody saw a patient's page: one event per person, record and minute. */
export async function auditView(
  store: Pick<Store, 'auditEvents'>,
  who: string,
  record: { _id: string; instance: string },
  at: Date,
): Promise<void> {
  const _id = `view/${JSON.stringify([who, record._id])}/${Math.floor(at.getTime() / MINUTE_MS)}`;
  if ((await store.auditEvents.get(_id)) !== null) return;
  const seen = { who, what: 'record-viewed', instance: record.instance, record: record._id } as const;
  await store.auditEvents.add({ _id, at, ...seen, why: null, outcome: 'shown' });
}

/** The name under which this process runs, for the audit of commands that ask for no name. */
export function osUser(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
