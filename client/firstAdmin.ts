import type { Store } from '../store/connect.ts';
import { addAccount, type By } from './accounts.ts';
import { newPassword } from './passwords.ts';

/** The name of the account that the first start makes. */
export const FIRST_ADMIN = 'admin';

/**
 * Makes the first account where there is none, and gives its password, which is kept nowhere; null where there are
 * accounts. Of several at once one makes it.
 */
export async function makeFirstAdmin(
  store: Pick<Store, 'accounts' | 'sessions' | 'auditEvents'>,
  by: By,
): Promise<string | null> {
  if (!(await store.accounts.none())) return null;
  const password = newPassword();
  const admin = { name: FIRST_ADMIN, shownName: 'Administrator', password, role: 'admin', instances: '*' } as const;
  return (await addAccount(store, admin, by)) === 'done' ? password : null;
}
