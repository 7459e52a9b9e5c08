import { type Role, roles, type VisibleInstances } from '../../domain/role.ts';

/** Whom an OpenID provider vouches for, as far as it matters here. */
export interface Person {
  /** What they might be called here, the best first. */
  names: string[];
  displayName: string;
  role: Role;
  instances: VisibleInstances;
}

export type Claims = Readonly<Record<string, unknown>>;

/**
 * Reads a provider's claims. The role claim names our roles, as a text or a list; the highest counts, others say nothing.
 * The instances claim names instances, or `*`.
 */
export function parseClaims(
  claims: Claims,
  { roleClaim, instancesClaim }: { roleClaim: string; instancesClaim: string | null },
): Person | { refused: 'no-role' | 'no-instance' } {
  const given = textsOf(claims, roleClaim);
  const role = roles.findLast((one) => given.includes(one));
  if (role === undefined) return { refused: 'no-role' };
  const named = instancesClaim === null ? ['*'] : textsOf(claims, instancesClaim);
  if (named.length === 0) return { refused: 'no-instance' };
  const called = ['preferred_username', 'email', 'sub'].flatMap((claim) => oneText(claims[claim]));
  return {
    // No name of an account that signs in here looks like this one.
    names: called.map((name) => `openid:${name.toLowerCase()}`),
    displayName: oneText(claims.name)[0] ?? called[0] ?? 'Somebody',
    role,
    instances: named.includes('*') ? '*' : named,
  };
}

/** The claim as texts; dots lead into objects, unless a claim is called so. */
function textsOf(claims: Claims, path: string): string[] {
  const value = Object.hasOwn(claims, path) ? claims[path] : path.split('.').reduce(inside, claims);
  if (Array.isArray(value)) return value.flatMap(oneText);
  return oneText(value).flatMap((text) => text.split(/[\s,]+/));
}

function inside(value: unknown, key: string): unknown {
  const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
  return isObject ? Object.entries(value).find(([name]) => name === key)?.[1] : undefined;
}

function oneText(value: unknown): string[] {
  return typeof value === 'string' && value.trim() !== '' ? [value.trim().slice(0, 200)] : [];
}
