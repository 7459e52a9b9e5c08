import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Actor, createFirstAdmin, FIRST_ADMIN } from '../../client/accounts.ts';
import { commandViewer } from '../../client/audit.ts';
import { openStore, type Store } from '../../store/connect.ts';
import type { Backing } from '../backing/services.ts';
import type { FirstSignIn } from './welcome.ts';

/** Creates the first admin, unless there are accounts already. */
export async function signInOf({ mongoUri, settings, standIn }: Backing): Promise<FirstSignIn> {
  const store: Store = openStore({ ...settings.mongo, uri: mongoUri });
  // With a stand-in the patients are invented, and whoever tries the service sees it after one sign-in.
  const mustChangePassword = standIn === null;
  const where = { dataDir: settings.dataDir, isTerminal: process.stdout.isTTY === true, mustChangePassword };
  try {
    return await firstSignIn(store, where, { ...commandViewer(), at: new Date() });
  } finally {
    await store.close();
  }
}

const FILE = 'first-admin-password';

/**
 * Creates the first admin, unless there are accounts already. What is printed on a terminal is gone with it; anywhere else
 * output is kept in logs, so the password is stored in a file that only this user can read.
 */
export async function firstSignIn(
  store: Pick<Store, 'accounts' | 'sessions' | 'knownDevices' | 'auditEvents'>,
  { dataDir, isTerminal, ...first }: { dataDir: string; isTerminal: boolean; mustChangePassword: boolean },
  by: Actor,
): Promise<FirstSignIn> {
  const password = await createFirstAdmin(store, by, first);
  if (password === null) return { hasAdmin: (await store.accounts.byName(FIRST_ADMIN)) !== null };
  if (isTerminal) return { password };
  const passwordFile = join(dataDir, FILE);
  // A file that exists would keep its mode.
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600, flag: 'wx' });
  return { passwordFile };
}
