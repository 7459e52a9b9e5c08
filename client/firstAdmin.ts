import type { Store } from '../store/connect.ts';
import { type Actor, addAccount } from './accounts.ts';
import { generatePassword } from './passwords.ts';

/** The name of the account that the first start makes. */
export const FIRST_ADMIN = 'admin';

/**
 * Makes the first account where there is none, and gives its password, which is kept nowhere; null where there are
 * accounts. Of several at once one makes it.
 */
export async function createFirstAdmin(
  store: Pick<Store, 'accounts' | 'sessions' | 'auditEvents'>,
  by: Actor,
): Promise<string | null> {
  if (!(await store.accounts.isEmpty())) return null;
  const password = generatePassword();
  const admin = { name: FIRST_ADMIN, displayName: 'Administrator', password, role: 'admin', instances: '*' } as const;
  return (await addAccount(store, admin, by)) === 'done' ? password : null;
}
