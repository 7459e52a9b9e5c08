import type { RouteName } from '../world/settings.ts';

/** A parsed request line. */
export interface Route {
  name: RouteName;
  /** The number and the master id of `chart`, in lower case; null if the master id is missing, and for lists. */
  casefileId: string | null;
  query: URLSearchParams;
}

const FIXED: Readonly<Record<string, RouteName>> = {
  '/api/patients/latest': 'latest',
  '/api/patients/census': 'census',
  '/api/patients/admissions': 'admissions',
  '/api/locations': 'locations',
  '/api/vaults/patients': 'vaults',
};

/** Returns the endpoint of a request uri, or null if KIPU has none. The id in the path is the number of the casefile id. */
export function routeOf(requestUri: string): Route | null {
  const [path = '', ...rest] = requestUri.split('?');
  const query = new URLSearchParams(rest.join('?'));
  const name = Object.hasOwn(FIXED, path) ? FIXED[path] : undefined;
  if (name) return { name, casefileId: null, query };
  const number = /^\/api\/patients\/(\d+)$/.exec(path)?.[1];
  if (number === undefined) return null;
  const masterId = query.get('patient_master_id');
  return { name: 'chart', casefileId: masterId ? `${number}:${masterId}`.toLowerCase() : null, query };
}
