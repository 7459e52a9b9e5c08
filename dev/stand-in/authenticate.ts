import type { IncomingHttpHeaders } from 'node:http';
import type { Instance } from './instances.ts';
import { type Answer, APP_NOT_FOUND, NO_RECIPIENT, NOT_AUTHENTICATED, refusal } from './refusals.ts';
import type { Route } from './routes.ts';
import { isSignedBy, presented } from './signature.ts';

/** A request as far as authentication looks at it. */
export interface SignedRequest {
  requestUri: string;
  headers: IncomingHttpHeaders;
}

/** Returns the instance whose access id a request names, whether or not it proves to be its owner. */
export function namedInstance(instances: readonly Instance[], { headers }: SignedRequest): Instance | null {
  const accessId = presented(headers)?.accessId;
  return instances.find(({ layout }) => layout.credentials.accessId === accessId) ?? null;
}

/**
 * Refuses a request by the recorded matrix; null lets it pass. An app id of another instance is known to KIPU, so it is a
 * mixed triple (failed to authenticate) and not an unknown recipient. A wrong Accept header is not in the matrix.
 */
export function authenticate(
  instances: readonly Instance[],
  request: SignedRequest,
  route: Route,
  now: Date,
): Answer | null {
  const { requestUri, headers } = request;
  const proof = presented(headers);
  const instance = namedInstance(instances, request);
  if (!proof || !instance) return APP_NOT_FOUND;
  const { credentials } = instance.layout;
  const { digest, inactive } = instance.settings;
  if (inactive || (digest !== 'both' && digest !== proof.digest)) return NOT_AUTHENTICATED;
  if (!isSignedBy(credentials.secretKey, requestUri, headers, now)) return NOT_AUTHENTICATED;
  const appId = route.query.get('app_id');
  if (!instances.some(({ layout }) => layout.credentials.appId === appId)) return NO_RECIPIENT;
  if (appId !== credentials.appId) return NOT_AUTHENTICATED;
  if (!acceptsVersion3(headers.accept)) return refusal(406, 'Not acceptable');
  return null;
}

function acceptsVersion3(accept: string | undefined): boolean {
  return /^application\/vnd\.kipusystems\+json\s*;\s*version=3$/i.test(accept?.trim() ?? '');
}
