import type { Role, SeenInstances } from '../domain/role.ts';
import type { AccountDocument } from '../store/accessDocuments.ts';

/** An account in a list. */
export interface AccountView {
  name: string;
  shownName: string;
  role: Role;
  instances: SeenInstances;
  signsInBy: 'password' | 'OpenID Connect';
  disabled: boolean;
  createdAt: Date;
}

export function accountView(account: AccountDocument): AccountView {
  const { name, shownName, role, instances, openId, disabled, createdAt } = account;
  const signsInBy = openId === null ? 'password' : 'OpenID Connect';
  return { name, shownName, role, instances, signsInBy, disabled, createdAt };
}
