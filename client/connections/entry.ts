import { type Instance, parseInstance } from '../../config/instances.ts';
import { SettingsError } from '../../config/settingsError.ts';

/** Thrown when a connection can't be added or changed. Its message is for the person who asked. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

/** What a person enters for a connection. */
export interface ConnectionEntry {
  name: string;
  baseUrl?: string | undefined;
  appId: string;
  accessId: string;
  secretKey: string;
  digest?: string | undefined;
  lockPolicy?: string | undefined;
  timeZone?: string | undefined;
  locationTimeZones?: Record<string, string> | undefined;
  callsPerSecond?: number | undefined;
}

/** What people call the fields. */
const FIELDS: Readonly<Record<string, string>> = {
  ...{ name: 'The name', baseUrl: 'The address', appId: 'The app id', accessId: 'The access id' },
  ...{ secretKey: 'The secret key', digest: 'The digest', lockPolicy: 'The lock policy', timeZone: 'The time zone' },
  callsPerSecond: 'The calls per second',
};
const NEEDED = ['name', 'accessId', 'secretKey', 'appId'];

/** Returns what a person entered as an instance. @throws ConnectionError with everything that is wrong with it */
export function parseEntry(entry: Record<string, unknown>): Instance {
  const given = Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined && value !== ''));
  const missing = NEEDED.filter((field) => given[field] === undefined);
  if (missing.length > 0) throw new ConnectionError(missing.map((field) => `${FIELDS[field]} is missing.`).join(' '));
  try {
    return parseInstance(given, '');
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const name = typeof given.name === 'string' ? given.name : '';
    throw new ConnectionError(error.problems.map((problem) => inWords(problem, name)).join(' '));
  }
}

/** Returns `The time zone must be …` of `: north timeZone must be …`. */
function inWords(problem: string, name: string): string {
  const text = problem.replace(/^: /, '').replace(`${name} `, '');
  const [field = '', ...rest] = text.split(' ');
  const [place, ...path] = field.split('.');
  const words =
    FIELDS[place ?? ''] ?? (place === 'locationTimeZones' ? `The time zone of location ${path.join('.')}` : field);
  return `${words} ${rest.join(' ')}.`;
}
