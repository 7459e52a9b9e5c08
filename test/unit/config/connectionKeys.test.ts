import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connectionKeysIn } from '../../../config/connectionKeys.ts';
import { readSettings } from '../../../config/settings.ts';

const [key = '', other = '', third = ''] = [1, 2, 3].map(() => randomBytes(32).toString('base64'));
const folder = mkdtempSync(join(tmpdir(), 'keys-'));
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe('The keys of stored connections', () => {
  it('come from the setting, or from the lines of a file, the encrypting one first', () => {
    expect(connectionKeysIn({})).toEqual([]);
    const [fromSetting] = connectionKeysIn({ CONNECTIONS_KEY: key });
    const fromFile = connectionKeysIn({ CONNECTIONS_KEY_FILE: file('both', `${other}\n${key}\n`) });
    expect(fromFile).toHaveLength(2);
    expect(fromFile[1]).toEqual(fromSetting);
    expect(fromFile[0]?.id).not.toBe(fromSetting?.id);
    expect(Buffer.from(fromSetting?.bytes ?? []).toString('base64')).toBe(key);
    expect(fromSetting?.id).toMatch(/^[0-9a-f]{8}$/);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['set twice', { CONNECTIONS_KEY: key, CONNECTIONS_KEY_FILE: '/nowhere' }, /both set/],
    ['too short', { CONNECTIONS_KEY: randomBytes(31).toString('base64') }, /32 bytes in base64/],
    ['not base64', { CONNECTIONS_KEY: `${key}!` }, /32 bytes in base64/],
    ['in no file', { CONNECTIONS_KEY_FILE: join(folder, 'none') }, /can't be read/],
    ['in a blank file', { CONNECTIONS_KEY_FILE: file('blank', '\n') }, /is blank/],
    ['too many', { CONNECTIONS_KEY_FILE: file('three', [key, other, third].join('\n')) }, /at most 2 keys/],
  ])('are refused when they are %s', (_, set, text) => {
    expect(() => connectionKeysIn(set)).toThrow(text);
    expect(() => connectionKeysIn(set)).not.toThrow(key);
  });

  it('let the service run without any instance in the settings', () => {
    expect(readSettings({}).instances).toBeNull();
    expect(readSettings({ CONNECTIONS_KEY: key }).instances).toEqual([]);
  });
});
