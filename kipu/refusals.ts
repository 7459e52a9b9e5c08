import type { KipuErrorCode } from './errors.ts';

/** A refusal that KIPU names by a fixed text, in our words. */
interface Refusal {
  text: string;
  code: KipuErrorCode;
  detail: string;
}

/** Source: a recorded matrix of answers; the texts follow "Access Denied - ". */
const REFUSALS: readonly Refusal[] = [
  {
    text: 'api client app not found',
    code: 'unknown-client',
    detail: 'KIPU does not know the access id; check accessId',
  },
  {
    text: 'api client app failed to authenticate',
    code: 'authentication-failed',
    detail:
      'the signature was not accepted; check the secret key, that access id, secret key and app id are one triple, ' +
      'the digest, and that the client is active in KIPU',
  },
  {
    text: 'invalid or missing recipient',
    code: 'unknown-recipient',
    detail: 'KIPU does not know the app id; check appId',
  },
];

/** Deepest nesting below `errors` that is looked at. */
const DEEPEST = 4;

/**
 * Returns what the body of a 401 or 403 says in one of KIPU's fixed texts; null where it says none of them, or several.
 * The body only chooses between our own words: nothing of it is returned.
 */
export function refusalOf(body: string): Pick<Refusal, 'code' | 'detail'> | null {
  const said = textsIn(errorsOf(body), DEEPEST).map((text) => text.toLowerCase().replace(/\s+/g, ' '));
  const named = REFUSALS.filter(({ text }) => said.some((one) => one.includes(text)));
  const [only, another] = named;
  return only === undefined || another !== undefined ? null : { code: only.code, detail: only.detail };
}

function errorsOf(body: string): unknown {
  try {
    const json: unknown = JSON.parse(body);
    return json !== null && typeof json === 'object' && 'errors' in json ? json.errors : null;
  } catch {
    return null;
  }
}

/** Returns the texts of a text, an array or an object, nested as far as `depth`. */
function textsIn(value: unknown, depth: number): string[] {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object' || depth === 0) return [];
  return Object.values(value).flatMap((one) => textsIn(one, depth - 1));
}
