import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Store } from '../store/connect.ts';

/** Writes down what a person did by a command. */
export async function audit(
  store: Pick<Store, 'auditEvents'>,
  event: Omit<Parameters<Store['auditEvents']['add']>[0], '_id' | 'at'>,
): Promise<void> {
  await store.auditEvents.add({ _id: `command/${randomUUID()}`, at: new Date(), ...event });
}

/** The name under which this process runs, for the audit of commands that ask for no name. */
export function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
