import { randomUUID } from 'node:crypto';
import type { Role, VisibleInstances } from '../domain/role.ts';
import type { AccountDocument } from '../store/accessDocuments.ts';
import type { Store } from '../store/connect.ts';
import { generatePassword, hashPassword } from './passwords.ts';

type AccountStore = {
  accounts: Pick<Store['accounts'], 'byName' | 'add' | 'setPassword' | 'setDisabled'>;
  sessions: Pick<Store['sessions'], 'endAll'>;
  auditEvents: Pick<Store['auditEvents'], 'add'>;
};

/** Who changes an account, and when. */
export interface Actor {
  who: string;
  at: Date;
}

/** The name of the account that the first start creates. */
export const FIRST_ADMIN = 'admin';

/**
 * Creates the first account where there is none, and returns its password, which is stored nowhere; returns null where
 * there are accounts. Of several calls at the same time only one creates it.
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

/** Adds an account. `taken`: another account has the name. */
export async function addAccount(
  store: AccountStore,
  account: { name: string; displayName: string; password: string; role: Role; instances: VisibleInstances },
  by: Actor,
): Promise<'done' | 'taken'> {
  const { password, ...rest } = account;
  if (!(await store.accounts.add({ ...rest, passwordHash: await hashPassword(password) }, by.at))) return 'taken';
  await auditAccount(store, by, `added ${account.name}: role ${account.role}, ${instancesText(account.instances)}`);
  return 'done';
}

/** Sets a new password and ends all sessions of the account. `elsewhere`: an OpenID provider has the password. */
export async function changePassword(
  store: AccountStore,
  { name, password }: { name: string; password: string },
  by: Actor,
): Promise<'done' | 'unknown' | 'elsewhere'> {
  const account = await store.accounts.byName(name);
  if (account === null) return 'unknown';
  if (!(await store.accounts.setPassword(name, await hashPassword(password), by.at))) return 'elsewhere';
  await store.sessions.endAll(account._id);
  await auditAccount(store, by, `new password for ${name}`);
  return 'done';
}

/** Disables an account, or enables it again; both end its sessions. */
export async function setDisabled(
  store: AccountStore,
  { name, disabled }: { name: string; disabled: boolean },
  by: Actor,
): Promise<'done' | 'unknown'> {
  const account = await store.accounts.byName(name);
  if (account === null || !(await store.accounts.setDisabled(name, disabled, by.at))) return 'unknown';
  await store.sessions.endAll(account._id);
  await auditAccount(store, by, `${disabled ? 'disabled' : 'enabled'} ${name}`);
  return 'done';
}

/** An account in a list. */
export interface AccountView {
  name: string;
  displayName: string;
  role: Role;
  instances: VisibleInstances;
  signsInBy: 'password' | 'OpenID Connect';
  disabled: boolean;
  createdAt: Date;
}

export function accountView(account: AccountDocument): AccountView {
  const { name, displayName, role, instances, openId, disabled, createdAt } = account;
  const signsInBy = openId === null ? 'password' : 'OpenID Connect';
  return { name, displayName, role, instances, signsInBy, disabled, createdAt };
}

/** Returns `all instances`, or their names. */
export function instancesText(instances: VisibleInstances): string {
  return instances === '*' ? 'all instances' : `instances ${instances.join(', ')}`;
}

async function auditAccount(
  { auditEvents }: Pick<AccountStore, 'auditEvents'>,
  by: Actor,
  outcome: string,
): Promise<void> {
  const nothing = { instance: null, record: null, why: null };
  await auditEvents.add({ _id: `account/${randomUUID()}`, ...by, what: 'account-changed', ...nothing, outcome });
}
