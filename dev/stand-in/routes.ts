/** The endpoints, by the names that faults and calls use. */
export type RouteName = 'latest' | 'census' | 'chart' | 'admissions' | 'locations' | 'vaults';

/** A request line, read. */
export interface Route {
  name: RouteName;
  /** Of `chart` only. */
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

/** Finds the endpoint of a request uri; null where KIPU has none. A casefile id may come encoded. */
export function routeOf(requestUri: string): Route | null {
  const [path = '', ...rest] = requestUri.split('?');
  const query = new URLSearchParams(rest.join('?'));
  const name = Object.hasOwn(FIXED, path) ? FIXED[path] : undefined;
  if (name) return { name, casefileId: null, query };
  const segment = /^\/api\/patients\/([^/]+)$/.exec(path)?.[1];
  return segment === undefined ? null : { name: 'chart', casefileId: decoded(segment), query };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
