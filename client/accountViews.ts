import type { Role, VisibleInstances } from '../domain/role.ts';
import type { AccountDocument } from '../store/accessDocuments.ts';

const NAME = /^[a-z0-9][a-z0-9._@-]{0,63}$/;

/** Returns a sign-in name in its stored form, in lower case; null when the text is not a valid name. */
export function signInName(typed: string): string | null {
  const name = typed.normalize('NFKC').trim().toLowerCase();
  return NAME.test(name) ? name : null;
}

/** An account in a list. */
export interface AccountView {
  name: string;
  displayName: string;
  role: Role;
  instances: VisibleInstances;
  signsInBy: 'password' | 'OpenID Connect';
  /** Whether its owner has yet to choose a password by a link. */
  invited: boolean;
  secondFactor: boolean;
  /** Whether its owner has not replaced the password yet that somebody gave. */
  mustChangePassword: boolean;
  disabled: boolean;
  createdAt: Date;
  /** Null before the first sign-in. */
  signedInAt: Date | null;
}

export function accountView(account: AccountDocument): AccountView {
  const { name, displayName, role, instances, openId, disabled, createdAt } = account;
  const signsInBy = openId === null ? 'password' : 'OpenID Connect';
  return {
    name,
    displayName,
    role,
    instances,
    signsInBy,
    invited: openId === null && account.passwordHash === null,
    secondFactor: Boolean(account.secondFactor),
    mustChangePassword: Boolean(account.mustChangePassword),
    disabled,
    createdAt,
    signedInAt: account.signedInAt ?? null,
  };
}

/** Returns `all instances`, or their names. */
export function instancesText(instances: VisibleInstances): string {
  return instances === '*' ? 'all instances' : `instances ${instances.join(', ')}`;
}
