import type { IncomingHttpHeaders } from 'node:http';
import { type Answer, refusal } from './answers.ts';
import type { Route } from './routes.ts';
import { isSignedBy, presented } from './signature.ts';
import type { Site } from './world.ts';

/** A request as far as it matters to KIPU. */
export interface Asked {
  requestUri: string;
  headers: IncomingHttpHeaders;
}

/** The instance whose access id a request names, whether or not it proves to be its owner. */
export function namedSite(sites: readonly Site[], { headers }: Asked): Site | null {
  const accessId = presented(headers)?.accessId;
  return sites.find(({ premises }) => premises.credentials.accessId === accessId) ?? null;
}

/**
 * Checks a request as KIPU does: 401 for the signature, 406 for the Accept header, 403 for an app id of another
 * instance. Null lets it pass.
 */
export function refused(site: Site | null, asked: Asked, route: Route, now: Date): Answer | null {
  const { requestUri, headers } = asked;
  if (!site || !isSignedBy(site.premises.credentials.secretKey, requestUri, headers, now)) {
    return refusal(401, 'Unauthorized');
  }
  if (!acceptsVersion3(headers.accept)) return refusal(406, 'Not acceptable');
  if (route.query.get('app_id') !== site.premises.credentials.appId) return refusal(403, 'Forbidden');
  return null;
}

function acceptsVersion3(accept: string | undefined): boolean {
  return /^application\/vnd\.kipusystems\+json\s*;\s*version=3$/i.test(accept?.trim() ?? '');
}
