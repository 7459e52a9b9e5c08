import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fileVariables } from '../../../config/secretFiles.ts';
import { readSettings } from '../../../config/settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'kipu-referrals-secrets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(name: string, content: string): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

const values: Record<string, string> = {
  MONGODB_URI: 'mongodb://u:p@a.test/?tls=true',
  HEALTH_TOKEN: 'an-invented-token-of-a-monitor',
  NOTICE_URL: 'https://hooks.test/invented',
  SMTP_URL: 'smtps://u:p@mail.test',
  OIDC_CLIENT_SECRET: 'an-invented-secret',
};
const others = {
  ...{ MAIL_FROM: 'kipu@example.org', OIDC_ISSUER: 'https://i.test', OIDC_CLIENT_ID: 'id' },
  ...{ WEB_URL: 'https://referrals.test', WEB_TRUSTED_PROXIES: '192.0.2.1' },
};

describe('A secret in a file', () => {
  it('is read as if it were set itself, for every setting that may be in a file', () => {
    const files = Object.entries(values).map(([name, value]) => [`${name}_FILE`, fileOf(name, ` ${value}\n`)]);
    expect(files.map(([name]) => name).sort()).toEqual(Object.keys(fileVariables).sort());
    expect(readSettings({ ...others, ...Object.fromEntries(files) })).toEqual(readSettings({ ...others, ...values }));
  });

  it.each<[string, Record<string, string>, string]>([
    ['missing', { MONGODB_URI_FILE: join(folder, 'none') }, "MONGODB_URI_FILE: the file can't be read"],
    ['blank', { HEALTH_TOKEN_FILE: fileOf('blank', ' \n') }, 'HEALTH_TOKEN_FILE: the file is blank'],
    [
      'set twice',
      { NOTICE_URL: 'https://a.test', NOTICE_URL_FILE: fileOf('notice', 'https://b.test') },
      'NOTICE_URL and NOTICE_URL_FILE are both set: use only one of them',
    ],
    ['not valid', { MONGODB_URI_FILE: fileOf('uri', 'quiet') }, 'MONGODB_URI: must start with mongodb://'],
  ])('is refused where it is %s, without its value', (_, env, problem) => {
    const read = () => readSettings(env);
    expect(read).toThrow(problem);
    expect(read).not.toThrow(/quiet/);
  });
});
