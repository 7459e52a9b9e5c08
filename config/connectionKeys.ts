import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { SettingsError } from './settingsError.ts';

const BYTES = 32;
const MAX_KEYS = 2;
const ID_LENGTH = 8;

/** A key that encrypts the secrets of stored connections. */
export interface ConnectionKey {
  /** Stored with each secret, so that the right key is found again. It says nothing about the key. */
  id: string;
  bytes: Uint8Array;
}

/**
 * Returns the keys of stored connections: of CONNECTIONS_KEY one, of CONNECTIONS_KEY_FILE one per line. The first one encrypts,
 * both decrypt. @throws SettingsError
 */
export function connectionKeysIn(set: Readonly<Record<string, string>>): ConnectionKey[] {
  const { CONNECTIONS_KEY: key, CONNECTIONS_KEY_FILE: file } = set;
  if (key !== undefined && file !== undefined)
    throw new SettingsError(['CONNECTIONS_KEY and CONNECTIONS_KEY_FILE are both set: use only one of them']);
  const name = file === undefined ? 'CONNECTIONS_KEY' : 'CONNECTIONS_KEY_FILE';
  const found = (file === undefined ? [key ?? ''] : linesOf(file)).map((line) => line.trim()).filter(Boolean);
  if (file !== undefined && found.length === 0) throw new SettingsError([`${name}: the file is blank`]);
  if (found.length > MAX_KEYS)
    throw new SettingsError([`${name}: at most ${MAX_KEYS} keys: the one that encrypts, and the one that it replaces`]);
  const keys = found.map((line) => parseConnectionKey(line));
  if (keys.includes(null))
    throw new SettingsError([`${name}: a key must be ${BYTES} bytes in base64 (openssl rand -base64 ${BYTES})`]);
  return keys.filter((one) => one !== null);
}

/** Returns the key of a text; null where it is not 32 bytes in base64. */
export function parseConnectionKey(text: string): ConnectionKey | null {
  const bytes = Buffer.from(text, 'base64');
  // Buffer.from skips what is not base64.
  if (bytes.length !== BYTES || bytes.toString('base64') !== text) return null;
  const id = createHash('sha256').update('kipu-referrals connections key').update(bytes).digest('hex');
  return { id: id.slice(0, ID_LENGTH), bytes };
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    throw new SettingsError(["CONNECTIONS_KEY_FILE: the file can't be read"]);
  }
}
