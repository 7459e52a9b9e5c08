/** What a person may do: `viewer` sees, `staff` also unlocks and starts runs, `admin` does everything. */
export const roles = ['viewer', 'staff', 'admin'] as const;
export type Role = (typeof roles)[number];

/** The instances that a person may see; `*`: all of them, also later ones. */
export type SeenInstances = '*' | readonly string[];
