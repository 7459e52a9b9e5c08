import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingNames } from '../../../config/settings.ts';
import { settingTexts } from '../../../config/settingTexts.ts';
import { settingViews } from '../../../config/settingViews.ts';
import { temporalSettingNames } from '../../../config/temporal.ts';

const viewOf = (env: Record<string, string>, name: string) => {
  const { source, value } = settingViews(env).find((one) => one.name === name) ?? {};
  return [source, value];
};

describe('The settings as people see them', () => {
  it('are all settings, each once and with an explanation', () => {
    const all = Object.values(settingTexts).flatMap((group) => Object.entries(group));
    expect(all.map(([name]) => name).sort()).toEqual([...settingNames, ...temporalSettingNames].sort());
    expect(all.filter(([, { text }]) => text.length < 8)).toEqual([]);
  });

  it.each<[string, Record<string, string>, [string, string | null]]>([
    ['SYNC_EVERY_MINUTES', {}, ['default', '60']],
    ['SYNC_EVERY_MINUTES', { SYNC_EVERY_MINUTES: ' 15 ' }, ['environment', '15']],
    ['UNLOCK_BY_HAND', {}, ['default', 'yes']],
    ['MONGODB_INSECURE', {}, ['default', 'no']],
    ['WEB_URL', {}, ['none', null]],
    ['WEB_URL', { WEB_URL: ' ' }, ['none', null]],
    ['KIPU_SECRET_KEY', {}, ['none', null]],
    ['KIPU_SECRET_KEY', { KIPU_SECRET_KEY: 'quiet' }, ['environment', null]],
    ['KIPU_SECRET_KEY', { KIPU_SECRET_KEY_FILE: '/run/secrets/kipu' }, ['file', null]],
    ['MONGODB_URI', { MONGODB_URI_FILE: '/run/secrets/mongodb-uri' }, ['file', null]],
    ['KIPU_SECRET_KEY_FILE', { KIPU_SECRET_KEY_FILE: '/run/secrets/kipu' }, ['environment', '/run/secrets/kipu']],
    ['MONGODB_URI', { MONGODB_URI: 'mongodb://u:quiet@a.test,b.test/?tls=true' }, ['environment', 'a.test, b.test']],
    ['NOTICE_URL', { NOTICE_URL: 'https://hooks.test/quiet' }, ['environment', 'hooks.test']],
    ['SMTP_URL', { SMTP_URL: 'smtp://u:quiet@mail.test:587' }, ['environment', 'mail.test:587']],
    ['TEMPORAL_NAMESPACE', {}, ['default', 'default']],
    ['TEMPORAL_ADDRESS', { TEMPORAL_ADDRESS: 'a.test:7233' }, ['environment', 'a.test:7233']],
  ])('%s with %j is %j', (name, env, wanted) => {
    expect(viewOf(env, name)).toEqual(wanted);
  });

  it('name what comes from the profile of a configuration file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'profile-'));
    try {
      const file = join(folder, 'temporal.toml');
      writeFileSync(file, '[profile.default]\naddress = "b.test:7233"\nnamespace = "clinic"\n');
      const env = { TEMPORAL_CONFIG_FILE: file };
      expect(viewOf(env, 'TEMPORAL_ADDRESS')).toEqual(['file', 'b.test:7233']);
      expect(viewOf(env, 'TEMPORAL_NAMESPACE')).toEqual(['file', 'clinic']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('have no secret, whatever is set', () => {
    const marked = (name: string) => (/_URI$/.test(name) ? 'mongodb://u:quiet@a.test' : 'https://u:quiet@a.test/quiet');
    const secret = /SECRET_KEY$|SECRETS?$|ACCESS_ID|APP_ID|_KEY$|TOKEN$|_DATA$|_URI$|NOTICE_URL$|SMTP_URL$/;
    const names = [...settingNames, ...temporalSettingNames].filter((name) => secret.test(name));
    expect(names.length).toBeGreaterThan(11);
    for (const name of names) {
      // A wrong value of a setting of Temporal is refused before the page exists.
      const views = name.startsWith('TEMPORAL_TLS') ? settingViews({}) : settingViews({ [name]: marked(name) });
      expect([name, JSON.stringify(views).includes('quiet')]).toEqual([name, false]);
    }
  });
});
