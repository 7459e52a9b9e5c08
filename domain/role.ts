/** What a person may do: `viewer` sees, `staff` also unlocks and starts runs, `admin` does everything. */
export const roles = ['viewer', 'staff', 'admin'] as const;
export type Role = (typeof roles)[number];

/** The instances that a person may see; `*`: all of them, also later ones. */
export type VisibleInstances = '*' | readonly string[];

/** What a route requires of the person who calls it. */
export type Requirement = 'nothing' | 'see' | 'unlock' | 'administer';

const MAY: Readonly<Record<Role, readonly Requirement[]>> = {
  viewer: ['nothing', 'see'],
  staff: ['nothing', 'see', 'unlock'],
  admin: ['nothing', 'see', 'unlock', 'administer'],
};

/** Returns true when the role is enough. */
export function isAllowed(role: Role, need: Requirement): boolean {
  return MAY[role].includes(need);
}

/** Somebody who is signed in. */
export interface SignedInUser {
  /** The account's sign-in name: what the audit calls them. */
  user: string;
  /** As it is shown. */
  name: string;
  role: Role;
  instances: VisibleInstances;
}

/** Returns true when they may see what belongs to the instance. */
export function canSee(who: SignedInUser, instance: string): boolean {
  return who.instances === '*' || who.instances.includes(instance);
}

/** Returns true when they may unlock held records and start runs. */
export function canUnlock(who: SignedInUser): boolean {
  return isAllowed(who.role, 'unlock');
}
