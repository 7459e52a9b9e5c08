import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { misspelledSettings } from '../../../config/misspelled.ts';
import { readSettings, settingNames } from '../../../config/settings.ts';
import { SettingsError } from '../../../config/settingsError.ts';
import { settingViews } from '../../../config/settingViews.ts';
import { temporalSettingNames } from '../../../config/temporal.ts';
import {
  bytesOf,
  documentsLike,
  FUZZ_MS,
  fuzz,
  jsonText,
  MARK,
  markedText,
  mostly,
  oddText,
} from '../../support/arbitraries.ts';

vi.setConfig({ testTimeout: FUZZ_MS });

const folder = mkdtempSync(join(tmpdir(), 'kipu-referrals-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const key = Buffer.alloc(32, 7).toString('base64');
const webhookSecrets = ['a-secret-of-sixteen', `whsec_${key}`];

/** Values that are right for a setting. */
const right: Record<string, readonly string[]> = {
  ...{ MONGODB_URI: ['mongodb://127.0.0.1/x', 'mongodb+srv://u:p@db.example.org/?tls=true'], AUDIT_KEY: [key] },
  ...{ CONNECTIONS_KEY: [key], KIPU_ACCESS_ID: ['id'], KIPU_SECRET_KEY: ['key'], KIPU_APP_ID: ['app'] },
  ...{ KIPU_BASE_URL: ['https://api.kipuapi.com'], KIPU_TIME_ZONE: ['America/Chicago'], KIPU_LOCK_POLICY: ['always'] },
  ...{ KIPU_WEBHOOK_SECRETS: [webhookSecrets.join(',')], NOTICE_URL: ['https://hooks.example.org/x'] },
  ...{ SMTP_URL: ['smtp://u:p@mail.example.org:587', 'smtps://mail.example.org'], MAIL_FROM: ['kipu@example.org'] },
  ...{ TEMPORAL_ADDRESS: ['127.0.0.1:7233', 'x.example.org:7233'], TEMPORAL_API_KEY: ['k'], TEMPORAL_TLS: ['true'] },
  ...{
    WEB_URL: ['https://referrals.example.org'],
    WEB_TRUSTED_PROXIES: ['10.0.0.5, fd00::/64'],
    WEB_ADDRESS: ['[::1]:80'],
  },
  ...{
    OIDC_ISSUER: ['https://login.example.org'],
    OIDC_CLIENT_ID: ['id'],
    OIDC_CLIENT_SECRET: ['s'],
    LOG_LEVEL: ['info'],
  },
  ...{ MONGODB_INSECURE: ['yes'], TEMPORAL_INSECURE: ['yes'], NOTICE_INSECURE: ['no'], HEALTH_TOKEN: ['x'.repeat(16)] },
};

/** Names of settings whose values are secret, or contain one. */
const SECRET = /KEY|SECRET|TOKEN|PASSWORD|SMTP_URL|MONGODB_URI|NOTICE_URL|_DATA$/;

/** Odd values around those that addresses, lists and numbers are made of. */
const oddValue = fc.oneof(
  markedText,
  oddText,
  fc.constantFrom(
    ...[
      'smtp://%ff:p@h',
      'smtp://u:%@h:25',
      'smtp://u:p%zz@h',
      'smtp://',
      'smtp://h:99999',
      'smtps://[::1',
      'mongodb://',
      'mongodb://%',
    ],
    ...[
      'mongodb://u:p@/x?tls=%',
      'mongodb+srv://a,b',
      'https://u:p@h/',
      'https://',
      'http:///',
      'https://h:0',
      'https://\u2028',
    ],
    ...[
      '10.0.0.0/33',
      '::/-1',
      '/',
      '1.2.3.4/',
      ',,,',
      '1e3',
      '0x7',
      '٣',
      '1_000',
      '+1',
      ' 1',
      '1.0',
      '-0',
      'Infinity',
      '[::1]:',
    ],
    ...[
      '127.0.0.1:99999',
      ':80',
      '[::]:1',
      'Etc/Unknown',
      'GMT+25',
      '../x',
      'yes ',
      'YES',
      `${key}\n${key}`,
      key.slice(1),
    ],
  ),
);

/** Reads the settings. Returns the problems; none where they can be used. @throws any error but that of settings */
function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    const settings = readSettings(env);
    for (const number of [settings.web.port, settings.kipu.timeoutMs, settings.runs.pageSize, settings.freshWithinMs])
      expect(Number.isSafeInteger(number)).toBe(true);
    settingViews(env);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    return error.problems;
  }
}

/** Expects that problems name settings, and repeat nothing that is secret. */
function expectClean(problems: readonly string[], secrets: readonly string[]): void {
  for (const problem of problems) {
    expect(problem).toMatch(/[A-Z]{3}/);
    for (const secret of secrets) expect(problem).not.toContain(secret);
  }
}

let files = 0;
function fileOf(content: string | Uint8Array): string {
  files += 1;
  const file = join(folder, `f${files % 20}`);
  writeFileSync(file, content);
  return file;
}

describe('Any environment', () => {
  const names = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...Object.keys(right)) },
    { weight: 3, arbitrary: fc.constantFrom(...settingNames, ...temporalSettingNames) },
    fc.constantFrom('KIPU_', 'WEB_ADDRES', 'TEMPORAL_GRPC_META_X', '__proto__', 'MAIL_FORM', MARK),
  );
  const environment = fc
    .array(
      names.chain((name) =>
        fc.tuple(
          fc.constant(name),
          mostly(fc.constantFrom(...(Object.hasOwn(right, name) ? (right[name] ?? []) : ['1'])), oddValue),
        ),
      ),
      {
        maxLength: 14,
      },
    )
    // DATA_DIR and files may be any path: nothing is read or written but what a file setting names.
    .map(
      (pairs) => Object.fromEntries(pairs.filter(([name]) => !/_(FILE|PATH)$/.test(name))) as Record<string, string>,
    );

  it('is used, or refused with problems that name settings and repeat no secret', async () => {
    let used = 0;
    await fuzz('environments', { inputs: environment, runs: 300 }, (env) => {
      const problems = problemsOf(env);
      if (problems.length === 0) used += 1;
      const secret = Object.entries(env).filter(([name, value]) => SECRET.test(name) && value.includes(MARK));
      expectClean(problems, secret.length > 0 ? [MARK] : []);
    });
    expect(used).toBeGreaterThan(0);
  });

  it.each(Object.keys(right))('with anything in %s alone is used or refused', async (name) => {
    await fuzz(`values of ${name}`, { inputs: oddValue, runs: 12 }, (value) => {
      const problems = problemsOf({ [name]: value });
      expectClean(problems, SECRET.test(name) ? [MARK] : []);
    });
  });

  it('has its misspelled names found without an error', async () => {
    await fuzz('names of settings', { inputs: oddText.map((text) => text.slice(0, 80)), runs: 50 }, (name) => {
      for (const problem of misspelledSettings([name, `KIPU_${name}`], settingNames))
        expect(problem).toContain('setting');
    });
  });
});

describe('Anything in a file that a setting names', () => {
  const north = {
    ...{
      name: 'north',
      baseUrl: 'https://kipu.example',
      accessId: 'id',
      secretKey: MARK,
      appId: 'app',
      digest: 'sha1',
    },
    ...{ lockPolicy: 'always', timeZone: 'America/Chicago', locationTimeZones: { 7: 'America/Denver' } },
    ...{
      chartUrl: 'https://kipu.example/{casefileNumber}',
      callsPerSecond: 5,
      webhookSecrets: [`${MARK}-secret-long-enough`],
    },
  };
  const south = {
    name: 'south',
    accessId: 'id',
    secretKeyFile: 'k',
    appId: 'a',
    webhookSecretsFile: { 'chart-update': 'w' },
  };

  it('is used as instances, or refused with problems that repeat no secret', async () => {
    let used = 0;
    // The mark is a secret here, so it is no name of anything else.
    const list = documentsLike([[north], [north, south]], { right: [[north]], weight: 6 });
    const odd = bytesOf(jsonText(list.map((json) => JSON.parse(JSON.stringify(json ?? null)))));
    await fuzz('files of instances', { inputs: odd, runs: 150 }, (bytes) => {
      const problems = problemsOf({ KIPU_INSTANCES_FILE: fileOf(bytes) });
      if (problems.length === 0) used += 1;
      for (const problem of problems) expect(problem).toMatch(/^KIPU_INSTANCES_FILE/);
    });
    expect(used).toBeGreaterThan(0);
  });

  it.each(['AUDIT_KEY_FILE', 'CONNECTIONS_KEY_FILE', 'KIPU_SECRET_KEY_FILE', 'TEMPORAL_CONFIG_FILE'])(
    'of %s is used, or refused without any of it',
    async (name) => {
      const toml = `[profile.default]\naddress = "${MARK}:7233"\napi_key = "${MARK}"\n`;
      const content = bytesOf(fc.oneof(fc.constantFrom(key, `${key}\n${key}`, toml, `${toml}]`), markedText, oddText));
      await fuzz(`contents of ${name}`, { inputs: content, runs: 30 }, (bytes) => {
        const file = { [name]: fileOf(bytes), KIPU_ACCESS_ID: 'id', KIPU_APP_ID: 'app', TEMPORAL_INSECURE: 'yes' };
        expectClean(problemsOf(name === 'KIPU_SECRET_KEY_FILE' ? file : { ...file, KIPU_SECRET_KEY: 'key' }), [MARK]);
      });
    },
  );
});
