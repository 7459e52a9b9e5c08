import { z } from 'zod';
import { signInName } from '../../../client/accountViews.ts';
import { isEmailAddress } from '../../../domain/notification.ts';
import { type Role, roles, type SignedInUser, type VisibleInstances } from '../../../domain/role.ts';
import type { AccountDocument } from '../../../store/accessDocuments.ts';
import { texts } from './texts.ts';

/** What a person enters about an account. */
export interface AccountForm {
  name: string;
  displayName: string;
  role: Role;
  instances: VisibleInstances;
  email: string;
  /** Whether administrators agreed to lower their own account. */
  confirmed: boolean;
}

const form = z.object({
  name: z.string().max(300).catch(''),
  displayName: z.string().trim().max(300).catch(''),
  role: z.enum(roles).catch('viewer'),
  instance: z
    .preprocess((value) => (value === undefined ? [] : [value].flat()), z.array(z.string().max(100)))
    .catch([]),
  email: z.string().trim().max(300).catch(''),
  confirm: z.string().optional().catch(undefined),
});

export const blank: AccountForm = {
  ...{ name: '', displayName: '', role: 'viewer', instances: [], email: '', confirmed: false },
};

/** Returns what a form says. */
export function accountForm(body: unknown): AccountForm {
  const { instance, confirm, ...rest } = form.parse(body ?? {});
  return { ...rest, instances: instance.includes('*') ? '*' : instance, confirmed: confirm === 'yes' };
}

/** Returns the fields of a form, as a browser sends them. */
export function fieldsOf({ name, displayName, role, instances, email }: AccountForm) {
  return { name, displayName, role, instance: instances === '*' ? ['*'] : [...instances], email };
}

/** Returns why the account can't be like that, in words; null when it can. */
export function problemOf({ displayName, instances, email }: AccountForm): string | null {
  if (displayName === '' || displayName.length > 80) return texts.problems.displayName;
  if (instances !== '*' && instances.length === 0) return texts.problems.instances;
  return email === '' || isEmailAddress(email) ? null : texts.problems.email;
}

/** Returns why the account of an invitation can't be added, in words; null when it can. */
export function inviteProblem(wanted: AccountForm): string | null {
  return signInName(wanted.name) === null ? texts.problems.name : problemOf(wanted);
}

/** Returns true if users would lose rights of their own account. */
export function lowersOwn(who: SignedInUser, account: AccountDocument, { role, instances }: AccountForm): boolean {
  if (account.name !== who.user) return false;
  const keeps = instances === '*' || (who.instances !== '*' && who.instances.every((one) => instances.includes(one)));
  return role !== who.role || !keeps;
}

/** Returns true if administrators may manage the account: they see every instance that it sees. */
export function mayManage(who: SignedInUser, { instances }: Pick<AccountDocument, 'instances'>): boolean {
  if (who.instances === '*') return true;
  const own = who.instances;
  return instances !== '*' && instances.every((instance) => own.includes(instance));
}
