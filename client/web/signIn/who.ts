import type { Role, SeenInstances } from '../../../domain/role.ts';
import { may } from './limits.ts';

export type { Role } from '../../../domain/role.ts';

/** Who is signed in. */
export interface Who {
  /** The account's sign-in name: what the audit calls them. */
  user: string;
  /** As it is shown. */
  name: string;
  role: Role;
  instances: SeenInstances;
}

/** True when they may see what belongs to the instance. */
export function maySee(who: Who, instance: string): boolean {
  return who.instances === '*' || who.instances.includes(instance);
}

/** True when they may unlock held records and start runs. */
export function mayUnlock(who: Who): boolean {
  return may(who.role, 'unlock');
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is signed in; null for nobody. Behind the guard it is never null. */
    who: Who | null;
    /** The token that every form which POSTs carries as `_csrf` (or the header `x-csrf-token`). */
    csrfToken(): string;
  }
}
