import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Actor, createFirstAdmin, FIRST_ADMIN } from '../../client/accounts.ts';
import type { Store } from '../../store/connect.ts';
import type { FirstSignIn } from './serve.ts';

const FILE = 'first-admin-password';

/**
 * Creates the first admin, unless there are accounts already. What is printed on a terminal is gone with it; anywhere else
 * output is kept in logs, so the password is stored in a file that only this user can read.
 */
export async function firstSignIn(
  store: Pick<Store, 'accounts' | 'sessions' | 'knownDevices' | 'auditEvents'>,
  { dataDir, isTerminal }: { dataDir: string; isTerminal: boolean },
  by: Actor,
): Promise<FirstSignIn> {
  const password = await createFirstAdmin(store, by);
  if (password === null) return { hasAdmin: (await store.accounts.byName(FIRST_ADMIN)) !== null };
  if (isTerminal) return { password };
  const passwordFile = join(dataDir, FILE);
  // A file that exists would keep its mode.
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600, flag: 'wx' });
  return { passwordFile };
}
