/** What a person may do: `viewer` sees, `staff` also unlocks and starts runs, `admin` does everything. */
export const roles = ['viewer', 'staff', 'admin'] as const;
export type Role = (typeof roles)[number];

/** The instances that a person may see; `*`: all of them, also later ones. */
export type SeenInstances = '*' | readonly string[];

/** What a route requires of the person who calls it. */
export type Need = 'nothing' | 'see' | 'unlock' | 'administer';

const MAY: Readonly<Record<Role, readonly Need[]>> = {
  viewer: ['nothing', 'see'],
  staff: ['nothing', 'see', 'unlock'],
  admin: ['nothing', 'see', 'unlock', 'administer'],
};

/** Returns true when the role is enough. */
export function may(role: Role, need: Need): boolean {
  return MAY[role].includes(need);
}

/** Somebody who is signed in. */
export interface Who {
  /** The account's sign-in name: what the audit calls them. */
  user: string;
  /** As it is shown. */
  name: string;
  role: Role;
  instances: SeenInstances;
}

/** Returns true when they may see what belongs to the instance. */
export function maySee(who: Who, instance: string): boolean {
  return who.instances === '*' || who.instances.includes(instance);
}

/** Returns true when they may unlock held records and start runs. */
export function mayUnlock(who: Who): boolean {
  return may(who.role, 'unlock');
}
