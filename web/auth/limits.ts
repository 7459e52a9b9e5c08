import type { FastifyRequest } from 'fastify';
import { canSee, type Requirement, type SignedInUser } from '../../domain/role.ts';

/** What the route's `config.needs` says; without it to read needs `see`, and anything else `unlock`. */
export function requirementOf(request: FastifyRequest): Requirement {
  const { needs } = request.routeOptions.config;
  return needs ?? (request.method === 'GET' || request.method === 'HEAD' ? 'see' : 'unlock');
}

/** Of which instances records or runs are, by their ids; without those that are not there. */
export interface InstanceLookup {
  records(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  runs(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/**
 * True when everything that the request names is of instances that they may see. It looks at `instance`, `recordId` and
 * `runId`, wherever they stand: in the path, behind the `?`, in the form; one or several. What is not there may be seen by
 * nobody.
 */
export async function canSeeAllOf(who: SignedInUser, request: FastifyRequest, of: InstanceLookup): Promise<boolean> {
  const named = (name: string) => [
    ...new Set([request.params, request.query, request.body].flatMap((part) => textsOf(part, name))),
  ];
  const all = async (ids: string[], find: InstanceLookup['records']) => {
    if (ids.length === 0) return true;
    const found = await find(ids);
    return ids.every((id) => {
      const instance = found.get(id);
      return instance !== undefined && canSee(who, instance);
    });
  };
  return (
    // A filter that is left open is blank.
    named('instance').every((instance) => instance === '' || canSee(who, instance)) &&
    (await all(named('recordId'), of.records)) &&
    (await all(named('runId'), of.runs))
  );
}

function textsOf(part: unknown, name: string): string[] {
  if (typeof part !== 'object' || part === null || !Object.hasOwn(part, name)) return [];
  const value = Object.entries(part).find(([key]) => key === name)?.[1];
  return [value].flat().map(String);
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What it asks of whoever calls it; see `needOf`. */
    needs?: Requirement;
    /** A page asks for it by itself, again and again: it does not keep a session alive. */
    background?: boolean;
  }
}
