import { randomUUID } from 'node:crypto';
import type { Role, VisibleInstances } from '../domain/role.ts';
import type { AccountDocument } from '../store/accessDocuments.ts';
import type { Store } from '../store/connect.ts';
import { instancesText } from './accountViews.ts';
import type { Viewer } from './audit.ts';
import { generatePassword, hashPassword } from './passwords.ts';
import { generateRecoveryCodes, hashRecoveryCode } from './secondFactor.ts';
import { forgetAttempts } from './signInAttempts.ts';

type AccountStore = {
  accounts: Pick<Store['accounts'], 'byName' | 'add' | 'setPassword' | 'setAccess' | 'setDisabled' | 'otherAdmins'>;
  sessions: Pick<Store['sessions'], 'endAll'>;
  knownDevices: Pick<Store['knownDevices'], 'forgetAll'>;
  auditEvents: Pick<Store['auditEvents'], 'add'>;
};

/** Who changes an account, when, and on pages from where. */
export interface Actor extends Pick<Viewer, 'who'>, Partial<Pick<Viewer, 'from' | 'session'>> {
  at: Date;
}

/** The name of the account that the first start creates. */
export const FIRST_ADMIN = 'admin';

/**
 * Creates the first account where there is none, and returns its password, which is stored nowhere; returns null where
 * there are accounts. Of several calls at the same time only one creates it.
 */
export async function createFirstAdmin(
  store: Pick<Store, 'accounts' | 'sessions' | 'knownDevices' | 'auditEvents'>,
  by: Actor,
  { mustChangePassword = true }: { mustChangePassword?: boolean } = {},
): Promise<string | null> {
  if (!(await store.accounts.isEmpty())) return null;
  const password = generatePassword();
  const admin = { name: FIRST_ADMIN, displayName: 'Administrator', password, role: 'admin', instances: '*' } as const;
  return (await addAccount(store, { ...admin, mustChangePassword }, by)) === 'done' ? password : null;
}

/** Adds an account. Its owner has to replace the password first, unless it says otherwise. `taken`: another account has the name. */
export async function addAccount(
  store: AccountStore,
  account: {
    name: string;
    displayName: string;
    password: string;
    mustChangePassword?: boolean;
    role: Role;
    instances: VisibleInstances;
  },
  by: Actor,
): Promise<'done' | 'taken'> {
  const { password, mustChangePassword = true, ...rest } = account;
  const added = { ...rest, mustChangePassword, passwordHash: await hashPassword(password) };
  if (!(await store.accounts.add(added, by.at))) return 'taken';
  await auditAccount(store, by, `added ${account.name}: role ${account.role}, ${instancesText(account.instances)}`);
  return 'done';
}

/** Sets a new password, which its owner has to replace, and ends all sessions of the account. `elsewhere`: an OpenID provider has the password. */
export async function changePassword(
  store: AccountStore,
  { name, password }: { name: string; password: string },
  by: Actor,
): Promise<'done' | 'unknown' | 'elsewhere'> {
  const account = await store.accounts.byName(name);
  if (account === null) return 'unknown';
  if (!(await store.accounts.setPassword(name, await hashPassword(password), by.at))) return 'elsewhere';
  await store.sessions.endAll(account._id);
  await store.knownDevices.forgetAll(account._id);
  await auditAccount(store, by, `new password for ${name}`);
  return 'done';
}

/**
 * Replaces the password of an account for its owner, and ends all its sessions. Returns the account, or null if it was
 * changed at the same time.
 */
export async function changeOwnPassword(
  store: {
    accounts: Pick<Store['accounts'], 'replacePassword'>;
    sessions: Pick<Store['sessions'], 'endAll'>;
    knownDevices: Pick<Store['knownDevices'], 'forgetAll'>;
    auditEvents: Pick<Store['auditEvents'], 'add'>;
  },
  { _id, name, passwordHash }: AccountDocument,
  fresh: string,
  by: Actor,
): Promise<AccountDocument | null> {
  const hashes = { from: passwordHash ?? '', to: await hashPassword(fresh) };
  const changed = await store.accounts.replacePassword(_id, hashes, by.at);
  if (changed === null) return null;
  await store.sessions.endAll(_id);
  await store.knownDevices.forgetAll(_id);
  await auditAccount(store, by, `new password for ${name}, by its owner`);
  return changed;
}

/** Turns on an authenticator app, and returns new recovery codes, which are stored as hashes; null if it is too late. */
export async function activateSecondFactor(
  store: { accounts: Pick<Store['accounts'], 'activateSecondFactor'>; auditEvents: Pick<Store['auditEvents'], 'add'> },
  { _id, name }: AccountDocument,
  { secret, step }: { secret: string; step: number },
  by: Actor,
): Promise<string[] | null> {
  const codes = generateRecoveryCodes();
  const factor = { secret, lastStep: step, recovery: codes.map(hashRecoveryCode) };
  if (!(await store.accounts.activateSecondFactor(_id, factor, by.at))) return null;
  await auditAccount(store, by, `second factor of ${name} turned on, by its owner`);
  return codes;
}

/** Removes the second factor of an account and ends its sessions. */
export async function resetSecondFactor(
  store: AccountStore & { accounts: Pick<Store['accounts'], 'resetSecondFactor'> },
  name: string,
  by: Actor,
): Promise<'done' | 'unknown'> {
  const account = await store.accounts.byName(name);
  if (account === null || !(await store.accounts.resetSecondFactor(name, by.at))) return 'unknown';
  await store.sessions.endAll(account._id);
  await auditAccount(store, by, `second factor of ${name} removed`);
  return 'done';
}

/** What can be changed of an account with a password. */
interface WantedAccess {
  name: string;
  displayName?: string | undefined;
  role?: Role | undefined;
  instances?: VisibleInstances | undefined;
}

/**
 * Sets the shown name, the role or the instances of an account, and ends its sessions. `elsewhere`: an OpenID provider has them.
 * `last-admin`: nobody else could administer the service.
 */
export async function changeAccess(
  store: AccountStore,
  { name, ...wanted }: WantedAccess,
  by: Actor,
): Promise<{ role: Role; instances: VisibleInstances } | 'unknown' | 'elsewhere' | 'last-admin'> {
  const account = await store.accounts.byName(name);
  if (account === null) return 'unknown';
  if (account.openId !== null) return 'elsewhere';
  const { displayName, role, instances } = account;
  const before = { displayName, role, instances };
  const access = {
    displayName: wanted.displayName ?? displayName,
    role: wanted.role ?? role,
    instances: wanted.instances ?? instances,
  };
  const kept = await keepingAdmin(store, account, access.role !== 'admin', {
    change: () => store.accounts.setAccess(name, access, by.at),
    undo: () => store.accounts.setAccess(name, before, by.at),
  });
  if (!kept) return 'last-admin';
  await store.sessions.endAll(account._id);
  const shown = access.displayName === displayName ? '' : ', shown name';
  const outcome = `changed ${name}: role ${access.role}, ${instancesText(access.instances)}${shown}`;
  await auditAccount(store, by, outcome);
  return { role: access.role, instances: access.instances };
}

/** Disables an account, or enables it again; both end its sessions. `last-admin`: nobody else could administer the service. */
export async function setDisabled(
  store: AccountStore,
  { name, disabled }: { name: string; disabled: boolean },
  by: Actor,
): Promise<'done' | 'unknown' | 'last-admin'> {
  const account = await store.accounts.byName(name);
  if (account === null) return 'unknown';
  const kept = await keepingAdmin(store, account, disabled, {
    change: () => store.accounts.setDisabled(name, disabled, by.at),
    undo: () => store.accounts.setDisabled(name, false, by.at),
  });
  if (!kept) return 'last-admin';
  await store.sessions.endAll(account._id);
  await auditAccount(store, by, `${disabled ? 'disabled' : 'enabled'} ${name}`);
  return 'done';
}

/**
 * Makes a change unless it would leave no administrator; then returns false. It looks again after the change and undoes it,
 * because two administrators may lower each other at the same time.
 */
async function keepingAdmin(
  { accounts }: Pick<AccountStore, 'accounts'>,
  { _id, role, disabled }: AccountDocument,
  lowers: boolean,
  { change, undo }: { change: () => Promise<unknown>; undo: () => Promise<unknown> },
): Promise<boolean> {
  const matters = lowers && role === 'admin' && !disabled;
  if (matters && (await accounts.otherAdmins(_id)) === 0) return false;
  await change();
  if (!matters || (await accounts.otherAdmins(_id)) > 0) return true;
  await undo();
  return false;
}

/** Removes the failed sign-in attempts of an account, so that its owner can sign in at once. */
export async function unblock(
  store: AccountStore & { signInAttempts: Pick<Store['signInAttempts'], 'forget'> },
  name: string,
  by: Actor,
): Promise<'done' | 'unknown'> {
  if ((await store.accounts.byName(name)) === null) return 'unknown';
  await forgetAttempts(store.signInAttempts, name, by.at);
  await auditAccount(store, by, `unblocked ${name}`);
  return 'done';
}

/** Ends all sessions of an account. */
export async function signOutEverywhere(
  store: AccountStore & { accounts: Pick<Store['accounts'], 'endSessions'> },
  name: string,
  by: Actor,
): Promise<'done' | 'unknown'> {
  const account = await store.accounts.byName(name);
  if (account === null || !(await store.accounts.endSessions(name, by.at))) return 'unknown';
  await store.sessions.endAll(account._id);
  await auditAccount(store, by, `signed ${name} out everywhere`);
  return 'done';
}

/** Stores what was done to an account. */
export async function auditAccount(
  { auditEvents }: Pick<AccountStore, 'auditEvents'>,
  by: Actor,
  outcome: string,
): Promise<void> {
  const nothing = { instance: null, record: null, why: null };
  await auditEvents.add({ _id: `account/${randomUUID()}`, ...by, what: 'account-changed', ...nothing, outcome });
}
