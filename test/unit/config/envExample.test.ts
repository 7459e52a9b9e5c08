import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSettings, settingNames } from '../../../config/settings.ts';
import { temporalSettingNames } from '../../../config/temporal.ts';
import { root } from '../../support/imports.ts';

const text = readFileSync(join(root, '.env.example'), 'utf8');
const named = Array.from(text.matchAll(/^#?([A-Z][A-Z_]*)=(.*)$/gm), ([, name = '', value = '']) => ({ name, value }));

describe('.env.example', () => {
  it('lists every setting once, and nothing else', () => {
    expect(named.map(({ name }) => name).sort()).toEqual([...settingNames, ...temporalSettingNames].sort());
  });

  it('states the defaults', () => {
    // A named profile must exist, so the default name is not set here.
    const stated = named.filter(({ name, value }) => value !== '' && name !== 'TEMPORAL_PROFILE');
    expect(stated.length).toBeGreaterThan(15);
    expect(readSettings(Object.fromEntries(stated.map(({ name, value }) => [name, value])))).toEqual(readSettings({}));
  });

  it('states the defaults of a single instance', () => {
    const single = { KIPU_ACCESS_ID: 'a', KIPU_SECRET_KEY: 'b', KIPU_APP_ID: 'c' };
    const stated = named.filter(({ name, value }) => value !== '' && name.startsWith('KIPU_'));
    const { instances } = readSettings({
      ...single,
      ...Object.fromEntries(stated.map(({ name, value }) => [name, value])),
    });
    expect(instances).toEqual(readSettings(single).instances);
  });

  it('has every setting commented out', () => {
    expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
  });
});
