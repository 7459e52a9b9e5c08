import { createHash, randomBytes } from 'node:crypto';
import type { Role, VisibleInstances } from '../domain/role.ts';
import { DAY_MS } from '../domain/time.ts';
import type { AccountDocument } from '../store/accessDocuments.ts';
import type { Store } from '../store/connect.ts';
import { type Actor, auditAccount } from './accounts.ts';
import { instancesText } from './accountViews.ts';
import { hashPassword } from './passwords.ts';

const VALID_MS = 7 * DAY_MS;

type LinkStore = {
  accounts: Pick<Store['accounts'], 'byName' | 'add' | 'removePassword'>;
  passwordLinks: Pick<Store['passwordLinks'], 'add'>;
  sessions: Pick<Store['sessions'], 'endAll'>;
  knownDevices: Pick<Store['knownDevices'], 'forgetAll'>;
  auditEvents: Pick<Store['auditEvents'], 'add'>;
};

/** A link for the owner of an account. The token is stored as a hash only. */
export interface PasswordLink {
  token: string;
  expiresAt: Date;
}

/** Adds an account without a password, and returns the link by which its owner chooses one. `taken`: another has the name. */
export async function inviteAccount(
  store: LinkStore,
  account: { name: string; displayName: string; role: Role; instances: VisibleInstances },
  by: Actor,
): Promise<PasswordLink | 'taken'> {
  if (!(await store.accounts.add({ ...account, passwordHash: null }, by.at))) return 'taken';
  const added = await store.accounts.byName(account.name);
  if (added === null) return 'taken';
  const { name, role, instances } = account;
  await auditAccount(store, by, `invited ${name}: role ${role}, ${instancesText(instances)}`);
  return linkFor(store, added, by.at);
}

/**
 * Removes the password of an account, ends its sessions, and returns the link by which its owner chooses another one.
 * `elsewhere`: an OpenID provider has the password.
 */
export async function resetPassword(
  store: LinkStore,
  name: string,
  by: Actor,
): Promise<PasswordLink | 'unknown' | 'elsewhere'> {
  if ((await store.accounts.byName(name)) === null) return 'unknown';
  const account = await store.accounts.removePassword(name, by.at);
  if (account === null) return 'elsewhere';
  await store.sessions.endAll(account._id);
  await store.knownDevices.forgetAll(account._id);
  await auditAccount(store, by, `removed the password of ${name} and made a link to choose another`);
  return linkFor(store, account, by.at);
}

async function linkFor(store: LinkStore, { _id, epoch }: AccountDocument, at: Date): Promise<PasswordLink> {
  const token = randomBytes(32).toString('base64url');
  const expiresAt = new Date(at.getTime() + VALID_MS);
  await store.passwordLinks.add({ _id: hashOf(token), account: _id, epoch, expiresAt });
  return { token, expiresAt };
}

type UseStore = {
  accounts: Pick<Store['accounts'], 'get' | 'choosePassword'>;
  passwordLinks: Pick<Store['passwordLinks'], 'get' | 'end'>;
  auditEvents: Pick<Store['auditEvents'], 'add'>;
};

/** Returns the account of a link; null if the link was used, has expired, or the account changed since it was made. */
export async function accountOfLink(
  store: Pick<UseStore, 'accounts' | 'passwordLinks'>,
  token: string,
  now: Date,
): Promise<AccountDocument | null> {
  const link = await store.passwordLinks.get(hashOf(token), now);
  const account = link === null ? null : await store.accounts.get(link.account);
  return account !== null && account.epoch === link?.epoch && !account.disabled ? account : null;
}

/** Sets the password that the owner chose, and ends the link. Returns false if the link is no longer valid. */
export async function usePasswordLink(
  store: UseStore,
  token: string,
  password: string,
  { from, at }: { from: string; at: Date },
): Promise<boolean> {
  const account = await accountOfLink(store, token, at);
  if (account === null) return false;
  const { _id, name, epoch } = account;
  // The epoch makes the link valid once, also for two requests at the same time.
  if (!(await store.accounts.choosePassword(_id, epoch, await hashPassword(password), at))) return false;
  await store.passwordLinks.end(hashOf(token));
  await auditAccount(store, { who: name, from, at }, `new password for ${name}, by its owner through a link`);
  return true;
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
