import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSettings, settingNames } from '../../../config/settings.ts';
import { temporalSettingNames } from '../../../config/temporal.ts';
import { root } from '../../support/imports.ts';

const text = readFileSync(join(root, '.env.example'), 'utf8');
const named = Array.from(text.matchAll(/^#?([A-Z][A-Z_]*)=(.*)$/gm), ([, name = '', value = '']) => ({ name, value }));

describe('.env.example', () => {
  it('names every setting, each once, and nothing else', () => {
    expect(named.map(({ name }) => name).sort()).toEqual([...settingNames, ...temporalSettingNames].sort());
  });

  it('tells the defaults', () => {
    // A profile that is named must exist; only where none is named may it be missing.
    const given = named.filter(({ name, value }) => value !== '' && name !== 'TEMPORAL_PROFILE');
    expect(given.length).toBeGreaterThan(15);
    expect(readSettings(Object.fromEntries(given.map(({ name, value }) => [name, value])))).toEqual(readSettings({}));
  });

  it('tells the defaults of a single instance', () => {
    const single = { KIPU_ACCESS_ID: 'a', KIPU_SECRET_KEY: 'b', KIPU_APP_ID: 'c' };
    const given = named.filter(({ name, value }) => value !== '' && name.startsWith('KIPU_'));
    const told = readSettings({ ...single, ...Object.fromEntries(given.map(({ name, value }) => [name, value])) });
    expect(told.instances).toEqual(readSettings(single).instances);
  });

  it('sets nothing by itself', () => {
    expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
  });
});
