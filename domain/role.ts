/** What a user may do: `viewer` reads, `staff` also unlocks and starts runs, `admin` does everything. */
export const roles = ['viewer', 'staff', 'admin'] as const;
export type Role = (typeof roles)[number];

/** The instances that a user may see. `*` means all, including later ones. */
export type VisibleInstances = '*' | readonly string[];

/** The permission that a route requires. */
export type Requirement = 'nothing' | 'see' | 'unlock' | 'administer';

const MAY: Readonly<Record<Role, readonly Requirement[]>> = {
  viewer: ['nothing', 'see'],
  staff: ['nothing', 'see', 'unlock'],
  admin: ['nothing', 'see', 'unlock', 'administer'],
};

/** Returns true if the role has the permission. */
export function isAllowed(role: Role, need: Requirement): boolean {
  return MAY[role].includes(need);
}

/** A user who is signed in. */
export interface SignedInUser {
  /** The sign-in name of the account, which the audit records. */
  user: string;
  /** The displayed name. */
  name: string;
  role: Role;
  instances: VisibleInstances;
  /** The time zone that the person chose for lists of several KIPU connections; absent for none. */
  timeZone?: string;
}

/** Returns true if the user may see what belongs to the instance. */
export function canSee(who: Pick<SignedInUser, 'instances'>, instance: string): boolean {
  return who.instances === '*' || who.instances.includes(instance);
}

/** Returns true if the user may unlock held records and start runs. */
export function canUnlock(who: SignedInUser): boolean {
  return isAllowed(who.role, 'unlock');
}
