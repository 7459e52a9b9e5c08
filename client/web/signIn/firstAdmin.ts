import { randomUUID } from 'node:crypto';
import type { Store } from '../../../store/connect.ts';
import { hashPassword, newPassword } from './passwords.ts';

/** The name of the account that the first start makes. */
export const FIRST_ADMIN = 'admin';

/**
 * Makes the first account where there is none, and gives its password, which is kept nowhere; null where there are
 * accounts.
 */
export async function makeFirstAdmin(
  store: { accounts: Pick<Store['accounts'], 'none' | 'add'>; auditEvents: Pick<Store['auditEvents'], 'add'> },
  who: string,
  at: Date,
): Promise<string | null> {
  if (!(await store.accounts.none())) return null;
  const password = newPassword();
  const account = { name: FIRST_ADMIN, shownName: 'Administrator', role: 'admin', instances: '*' } as const;
  if (!(await store.accounts.add({ ...account, passwordHash: await hashPassword(password) }, at))) return null;
  const outcome = `added ${FIRST_ADMIN}: role admin, all instances`;
  const event = {
    at,
    who,
    what: 'account-changed',
    instance: null,
    record: null,
    why: 'first start',
    outcome,
  } as const;
  await store.auditEvents.add({ _id: `account/${randomUUID()}`, ...event });
  return password;
}
