import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Instance } from '../world/instances.ts';
import { type Answer, APP_NOT_FOUND, NO_RECIPIENT, NOT_AUTHENTICATED, refusal } from './answer.ts';
import type { Route } from './routes.ts';

/** The parts of a request that authentication reads. */
export interface SignedRequest {
  requestUri: string;
  headers: IncomingHttpHeaders;
}

/** Returns the instance whose access id a request names, whether or not its signature is valid. */
export function namedInstance(instances: readonly Instance[], { headers }: SignedRequest): Instance | null {
  const accessId = authorizationOf(headers)?.accessId;
  return instances.find(({ layout }) => layout.credentials.accessId === accessId) ?? null;
}

/**
 * Returns KIPU's refusal of a request, by the recorded matrix, or null if the request is accepted. KIPU knows the app id of
 * another instance, so it is a mixed triple (failed to authenticate) and not an unknown recipient. A wrong Accept header is
 * not in the matrix.
 */
export function authenticate(
  instances: readonly Instance[],
  request: SignedRequest,
  route: Route,
  now: Date,
): Answer | null {
  const { requestUri, headers } = request;
  const authorization = authorizationOf(headers);
  const instance = namedInstance(instances, request);
  if (!authorization || !instance) return APP_NOT_FOUND;
  const { credentials } = instance.layout;
  const { digest, inactive } = instance.settings;
  if (inactive || (digest !== 'both' && digest !== authorization.digest)) return NOT_AUTHENTICATED;
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

/** The largest difference between a request's date and KIPU's clock. KIPU does not document it; this is the default of APIAuth. */
const SIGNATURE_WINDOW_MS = 15 * 60_000;

export type Digest = 'sha1' | 'sha256';

const DIGESTS: Readonly<Record<string, Digest>> = { APIAuth: 'sha1', 'APIAuth-HMAC-SHA256': 'sha256' };

/** The parts of an `Authorization` header. */
interface Authorization {
  digest: Digest;
  accessId: string;
  signature: string;
}

/**
 * Signs a GET as KIPU checks it: HMAC over `,,<request_uri>,<Date>`.
 * @param requestUri path and query, byte for byte as sent
 * @returns base64
 */
export function signatureOf(digest: Digest, secretKey: string, requestUri: string, date: string): string {
  // latin1: Node decodes each byte of the request line to one character.
  return createHmac(digest, secretKey)
    .update(Buffer.from(`,,${requestUri},${date}`, 'latin1'))
    .digest('base64');
}

/** Reads `Authorization`; returns null if it is missing or of another scheme. */
function authorizationOf(headers: IncomingHttpHeaders): Authorization | null {
  const [, scheme = '', accessId, signature] = /^(\S+) ([^\s:]+):(\S+)$/.exec(headers.authorization ?? '') ?? [];
  const digest = Object.hasOwn(DIGESTS, scheme) ? DIGESTS[scheme] : undefined;
  return digest && accessId && signature ? { digest, accessId, signature } : null;
}

/** Returns the signed date: `Date`, or `X-Auth-Date` of a client that cannot set `Date`. */
function signedDate(headers: IncomingHttpHeaders): string | null {
  const substitute = headers['x-auth-date'];
  return headers.date ?? (typeof substitute === 'string' ? substitute : null);
}

/** Returns whether a GET was signed with this key, for exactly this request line, within the window around `now`. */
function isSignedBy(secretKey: string, requestUri: string, headers: IncomingHttpHeaders, now: Date): boolean {
  const authorization = authorizationOf(headers);
  const date = signedDate(headers);
  if (!authorization || !date) return false;
  const at = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(date)
    ? Date.parse(date)
    : Number.NaN;
  if (!(Math.abs(now.getTime() - at) <= SIGNATURE_WINDOW_MS)) return false;
  const expected = Buffer.from(signatureOf(authorization.digest, secretKey, requestUri, date));
  const actual = Buffer.from(authorization.signature);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}
