import { readFileSync } from 'node:fs';
import { SettingsError } from './settingsError.ts';

const MIN_LENGTH = 32;

/** Returns the keys of the audit: of AUDIT_KEY one, of AUDIT_KEY_FILE one per line. @throws SettingsError */
export function auditKeysIn(set: Readonly<Record<string, string>>): string[] {
  const { AUDIT_KEY: key, AUDIT_KEY_FILE: file } = set;
  if (key !== undefined && file !== undefined)
    throw new SettingsError(['AUDIT_KEY and AUDIT_KEY_FILE are both set: use only one of them']);
  const name = file === undefined ? 'AUDIT_KEY' : 'AUDIT_KEY_FILE';
  const keys = file === undefined ? [key ?? ''] : linesOf(file);
  const found = keys.map((line) => line.trim()).filter((line) => line !== '');
  if (file !== undefined && found.length === 0) throw new SettingsError(['AUDIT_KEY_FILE: the file is blank']);
  if (found.some(({ length }) => length < MIN_LENGTH))
    throw new SettingsError([`${name}: a key must have at least ${MIN_LENGTH} characters (openssl rand -hex 32)`]);
  return found;
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    throw new SettingsError(["AUDIT_KEY_FILE: the file can't be read"]);
  }
}
