import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSettings } from '../../../config/settings.ts';
import { SettingsError } from '../../../config/settingsError.ts';

const folder = mkdtempSync(join(tmpdir(), 'kipu-referrals-keys-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fileOf = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const [key, old] = ['a'.repeat(32), 'b'.repeat(32)];

describe('The keys of the audit', () => {
  it.each<[string, Record<string, string>, string[]]>([
    ['none', {}, []],
    ['AUDIT_KEY', { AUDIT_KEY: key }, [key]],
    ['the lines of AUDIT_KEY_FILE', { AUDIT_KEY_FILE: fileOf('two', `${key}\n\n ${old} \n`) }, [key, old]],
  ])('are %s', (_, env, keys) => {
    expect(readSettings(env).mongo.auditKeys).toEqual(keys);
  });

  it.each<[string, Record<string, string>, string]>([
    ['a short key', { AUDIT_KEY: 'short-secret' }, 'AUDIT_KEY: a key must have at least 32 characters'],
    [
      'a short key in a file',
      { AUDIT_KEY_FILE: fileOf('short', `${key}\nshort-secret`) },
      'AUDIT_KEY_FILE: a key must',
    ],
    ['a blank file', { AUDIT_KEY_FILE: fileOf('blank', ' \n') }, 'the file is blank'],
    ['a missing file', { AUDIT_KEY_FILE: join(folder, 'none') }, "the file can't be read"],
    ['both settings', { AUDIT_KEY: key, AUDIT_KEY_FILE: join(folder, 'none') }, 'use only one of them'],
    ['a misspelled setting', { AUDIT_KEYS: key }, 'AUDIT_KEYS: unknown setting'],
  ])('cannot be %s, and the error does not repeat the key', (_, env, problem) => {
    let text = '';
    try {
      readSettings(env);
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      text = error.message;
    }
    expect(text).toContain(problem);
    expect(text).not.toMatch(/short-secret|aaaa/);
  });
});
