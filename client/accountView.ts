import type { Role, VisibleInstances } from '../domain/role.ts';
import type { AccountDocument } from '../store/accessDocuments.ts';

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
