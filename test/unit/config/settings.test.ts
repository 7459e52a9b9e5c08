import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSettings } from '../../../config/settings.ts';
import { SettingsError } from '../../../config/settingsError.ts';

const folder = mkdtempSync(join(tmpdir(), 'kipu-referrals-settings-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SECRET = 'Zx9-very-secret';
const one = { name: 'north', accessId: 'id', secretKey: SECRET, appId: 'app' };
const single = { KIPU_ACCESS_ID: 'id', KIPU_SECRET_KEY: SECRET, KIPU_APP_ID: 'app' };
const openId = {
  ...{ OIDC_ISSUER: 'https://i.test', OIDC_CLIENT_ID: 'id', OIDC_CLIENT_SECRET: SECRET },
  ...{ WEB_URL: 'https://referrals.test', WEB_TRUSTED_PROXIES: '192.0.2.1' },
};
let files = 0;

/** Writes a file with this content, as JSON unless it is a string. */
function fileOf(content: unknown): string {
  files += 1;
  const file = join(folder, `instances-${files}.json`);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const blank = fileOf(' \n');

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readSettings(env);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

/** An object whose length is not a number and cannot be compared with one. */
const LENGTHY = { length: { toString: 1 } };

describe('readSettings', () => {
  it('accepts an empty environment', () => {
    expect(readSettings({})).toMatchObject({ instances: null, temporal: null, mongo: { uri: null } });
  });

  it('treats empty variables as absent, and trims values', () => {
    expect(readSettings({ MONGODB_URI: ' ', KIPU_ACCESS_ID: '', SYNC_PAGE_SIZE: ' 7 ' })).toEqual(
      readSettings({ SYNC_PAGE_SIZE: '7' }),
    );
  });

  it.each<[string, Record<string, string>, string[]]>([
    ['an unknown setting', { SYNC_PAGES: '5' }, ['SYNC_PAGES: unknown setting; see .env.example']],
    [
      'a misspelled setting',
      { SYNC_EVRY_MINUTES: '5', WEB_ADDRES: '127.0.0.1:1' },
      [
        'SYNC_EVRY_MINUTES: unknown setting. Did you mean SYNC_EVERY_MINUTES?',
        'WEB_ADDRES: unknown setting. Did you mean WEB_ADDRESS?',
      ],
    ],
    ['a word for a number', { SYNC_PAGE_SIZE: 'many' }, ['SYNC_PAGE_SIZE: must be a whole number from 1 to 250']],
    ['a fraction', { SYNC_PAGE_SIZE: '1.5' }, ['SYNC_PAGE_SIZE: must be a whole number from 1 to 250']],
    ['a number that is too small', { SYNC_EVERY_MINUTES: '0' }, ['SYNC_EVERY_MINUTES: must be at least 1']],
    ['a number that is too large', { KIPU_TIMEOUT_SECONDS: '101' }, ['KIPU_TIMEOUT_SECONDS: must be at most 100']],
    ['an unknown log level', { LOG_LEVEL: 'loud' }, ['LOG_LEVEL: must be debug, info, warn or error']],
    ['the address of another database', { MONGODB_URI: 'postgres://h/d' }, ['MONGODB_URI: must start with mongodb://']],
    ['a database name with a dot', { MONGODB_DATABASE: 'a.b' }, ['MONGODB_DATABASE: must be letters']],
    ['a metrics address without a port', { METRICS_ADDRESS: 'here' }, ['METRICS_ADDRESS: must be host:port']],
    ['a page address that is not a URL', { WEB_URL: 'referrals' }, ['WEB_URL: must be a URL']],
    ['a page address with a path', { WEB_URL: 'https://a.test/x' }, ['WEB_URL: must be https://host']],
    ['a page address by http', { WEB_URL: 'http://a.test' }, ['WEB_URL: must be https://']],
    [
      'a proxy that is not an IP address',
      { WEB_TRUSTED_PROXIES: '10.0.0.0/24, proxy' },
      ['WEB_TRUSTED_PROXIES: must be'],
    ],
    ['a proxy network that is not one', { WEB_TRUSTED_PROXIES: '10.0.0.0/33' }, ['WEB_TRUSTED_PROXIES: must be']],
    ['a proxy address in a short form', { WEB_TRUSTED_PROXIES: '10.1/8' }, ['WEB_TRUSTED_PROXIES: must be']],
    ...['0.0.0.0/0', '10.0.0.0/8', '10.0.0.0/23', '::/0', 'fd00::/63', '::ffff:10.0.0.0/104', '::ffff:0:0/96'].map(
      (wide): [string, Record<string, string>, string[]] => [
        `the proxies of a whole network, ${wide}`,
        { WEB_URL: 'https://a.test', WEB_TRUSTED_PROXIES: `192.0.2.1,${wide}` },
        ['WEB_TRUSTED_PROXIES: must not trust a network wider than /24'],
      ],
    ),
    ['https pages without their proxy', { WEB_URL: 'https://a.test' }, ['WEB_URL and WEB_TRUSTED_PROXIES: set both']],
    [
      'a proxy without the address that it serves',
      { WEB_TRUSTED_PROXIES: '192.0.2.1' },
      ['WEB_URL and WEB_TRUSTED_PROXIES: set both'],
    ],
    ['a permission that is neither', { UNLOCK_BY_HAND: 'maybe' }, ['UNLOCK_BY_HAND: must be yes or no']],
    ['a misspelled permission', { UNLOCK_BYHAND: 'no' }, ['UNLOCK_BYHAND: unknown setting']],
    ['two health addresses', { HEALTH_ADDRESS: '127.0.0.1:1', HEALTH_PORT: '1' }, ['are both set']],
    ['a health address without a port', { HEALTH_ADDRESS: '127.0.0.1' }, ['HEALTH_ADDRESS: must be host:port']],
    ['a provider by http', { ...openId, OIDC_ISSUER: 'http://i.test' }, ['OIDC_ISSUER: must be https://']],
    ['an incomplete provider', { ...openId, OIDC_CLIENT_ID: '' }, ['OIDC_*: set OIDC_ISSUER']],
    ['scopes without OpenID', { ...openId, OIDC_SCOPES: 'profile' }, ['OIDC_SCOPES: must include openid']],
    ['a misspelled provider', { OIDC_ISSUR: 'https://i.test' }, ['OIDC_ISSUR: unknown setting']],
    ['a profile that does not exist', { TEMPORAL_PROFILE: 'nope' }, ["TEMPORAL_*: can't be read"]],
    [
      'an incomplete single instance',
      { KIPU_ACCESS_ID: 'id' },
      ['KIPU_SECRET_KEY and KIPU_SECRET_KEY_FILE: set one of them', 'KIPU_APP_ID is missing'],
    ],
    ['a remote KIPU over http', { ...single, KIPU_BASE_URL: 'http://kipu.test' }, ['KIPU_BASE_URL must be https://']],
    [
      'credentials in the address',
      { ...single, KIPU_BASE_URL: `https://a:${SECRET}@k.test` },
      ['KIPU_BASE_URL must not hold'],
    ],
    ['an unknown digest', { ...single, KIPU_DIGEST: 'md5' }, ['KIPU_DIGEST must be one of sha256, sha1']],
    [
      'an unknown digest in a file',
      { KIPU_INSTANCES_FILE: fileOf([{ ...one, digest: 'SHA256' }]) },
      ['north digest must be one of sha256, sha1'],
    ],
    ['an unknown policy', { ...single, KIPU_LOCK_POLICY: 'perhaps' }, ['KIPU_LOCK_POLICY must be one of']],
    ['an unknown zone', { ...single, KIPU_TIME_ZONE: 'America/Nowhere' }, ['KIPU_TIME_ZONE must be the IANA name']],
    ['an abbreviation of a zone', { ...single, KIPU_TIME_ZONE: 'EST' }, ['KIPU_TIME_ZONE must be the IANA name']],
    [
      'an address of charts by http',
      { ...single, KIPU_CHART_URL: 'http://emr.example/{casefileNumber}' },
      ['kipu chartUrl must start with https://'],
    ],
    [
      'an address of charts that names none',
      { KIPU_INSTANCES_FILE: fileOf([{ ...one, chartUrl: 'https://emr.example/' }]) },
      ['north chartUrl must name the chart'],
    ],
    [
      'invalid zones of locations',
      {
        KIPU_INSTANCES_FILE: fileOf([
          { ...one, locationTimeZones: { 7: '-07:00', ' ': 'UTC' } },
          { ...one, name: 'x', locationTimeZones: 'UTC' },
        ]),
      },
      [
        'north locationTimeZones.7 must be the IANA name',
        'north locationTimeZones',
        'x locationTimeZones must be an object',
      ],
    ],
    [
      'a secret key and a file of it',
      { ...single, KIPU_SECRET_KEY_FILE: 'f' },
      ['KIPU_SECRET_KEY and KIPU_SECRET_KEY_FILE: set one of them'],
    ],
    ['a file and a single instance', { ...single, KIPU_INSTANCES_FILE: 'f' }, ['are both set']],
    ['a file that does not exist', { KIPU_INSTANCES_FILE: join(folder, 'none') }, ["can't be read"]],
    ['a file that is not JSON', { KIPU_INSTANCES_FILE: fileOf('name: x') }, ['is not valid JSON']],
    ['a file without instances', { KIPU_INSTANCES_FILE: fileOf([]) }, ['has no instances']],
    ['a file that is not a list', { KIPU_INSTANCES_FILE: fileOf(one) }, ['must be an array']],
    ['an unknown key', { KIPU_INSTANCES_FILE: fileOf([{ ...one, key: SECRET }]) }, ['north unknown key key']],
    ['a list with a length that is an object', { KIPU_INSTANCES_FILE: fileOf(LENGTHY) }, ['must be an array']],
    ...['secretKey', 'accessId', 'timeZone', 'locationTimeZones', 'webhookSecretsFile'].map(
      (field): [string, Record<string, string>, string[]] => [
        `an object with a length that is one too, as ${field}`,
        { KIPU_INSTANCES_FILE: fileOf([{ ...one, [field]: LENGTHY }]) },
        [`north ${field}`],
      ],
    ),
    [
      'such objects in place of webhook secrets',
      {
        KIPU_INSTANCES_FILE: fileOf([
          { ...one, webhookSecrets: [LENGTHY] },
          { ...one, name: 'x', webhookSecrets: LENGTHY },
        ]),
      },
      ['north webhookSecrets', 'x webhookSecrets'],
    ],
    ['a blank secret', { KIPU_INSTANCES_FILE: fileOf([{ ...one, secretKey: ' ' }]) }, ['north secretKey is blank']],
    [
      'a bad name',
      { KIPU_INSTANCES_FILE: fileOf([{ ...one, name: 'North!' }]) },
      ['name must be at most 40 lower-case letters'],
    ],
    ['the same name twice', { KIPU_INSTANCES_FILE: fileOf([one, one]) }, ['two instances are named "north"']],
    [
      'secret files that are missing or blank',
      {
        KIPU_INSTANCES_FILE: fileOf([
          { ...one, secretKey: undefined, secretKeyFile: 'none' },
          { ...one, name: 'x', secretKey: undefined, secretKeyFile: blank },
        ]),
      },
      ["north secretKeyFile can't be read", 'x secretKeyFile is blank'],
    ],
    [
      'several wrong settings, all listed at once',
      {
        SYNC_X: '1',
        SYNC_PAGE_SIZE: '0',
        LOG_LEVEL: 'loud',
        TEMPORAL_PROFILE: 'nope',
        KIPU_INSTANCES_FILE: fileOf([one, { ...one, baseUrl: 'http://kipu.test' }, { ...one, name: 'x', appId: '' }]),
      },
      ['SYNC_X', 'SYNC_PAGE_SIZE', 'LOG_LEVEL', 'baseUrl', 'x appId is blank', 'two instances', 'TEMPORAL_*'],
    ],
  ])('refuses %s', (_, env, expected) => {
    const problems = problemsOf(env);
    expect(problems).toHaveLength(expected.length);
    for (const part of expected) expect(problems).toContainEqual(expect.stringContaining(part));
    expect(problems.join('\n')).not.toContain(SECRET);
  });

  it('reads a file of instances, with a secret from a file in the same folder', () => {
    writeFileSync(join(folder, 'south.key'), `${SECRET}\n`);
    const south = {
      name: 'south',
      accessId: 'i',
      secretKeyFile: 'south.key',
      appId: 'a',
      digest: 'sha1',
      lockPolicy: 'never',
    };
    const { instances } = readSettings({ KIPU_INSTANCES_FILE: fileOf([one, south]) });
    expect(instances).toEqual([
      { ...one, baseUrl: 'https://api.kipuapi.com', digest: 'sha256', lockPolicy: 'webhook-missing' },
      {
        name: 'south',
        baseUrl: 'https://api.kipuapi.com',
        accessId: 'i',
        secretKey: SECRET,
        appId: 'a',
        digest: 'sha1',
        lockPolicy: 'never',
      },
    ]);
  });

  it.each([
    ['sha256', {}],
    ['sha1', { KIPU_DIGEST: 'sha1' }],
    ['sha256', { KIPU_DIGEST: 'sha256' }],
  ])('signs with %s for a single instance with %j', (digest, set) => {
    expect(readSettings({ ...single, ...set }).instances).toMatchObject([{ name: 'kipu', digest }]);
  });

  it('reads time zones: of instances, of locations, and of the single instance', () => {
    const north = { ...one, timeZone: 'America/New_York', locationTimeZones: { 7: 'America/Denver' } };
    const { instances } = readSettings({ KIPU_INSTANCES_FILE: fileOf([north]) });
    expect(instances).toMatchObject([{ timeZone: 'America/New_York', locationTimeZones: { 7: 'America/Denver' } }]);
    expect(readSettings({ ...single, KIPU_TIME_ZONE: 'Asia/Kolkata' }).instances).toMatchObject([
      { timeZone: 'Asia/Kolkata' },
    ]);
  });

  it('reads the address of a chart in KIPU, of an instance and of the single one', () => {
    const chartUrl = 'https://emr.example/patients/{casefileNumber}';
    expect(readSettings({ KIPU_INSTANCES_FILE: fileOf([{ ...one, chartUrl }]) }).instances).toMatchObject([
      { chartUrl },
    ]);
    expect(readSettings({ ...single, KIPU_CHART_URL: chartUrl }).instances).toMatchObject([{ chartUrl }]);
  });

  it('reads the address of the pages, the proxies and a provider', () => {
    const set = {
      ...{ WEB_URL: 'https://referrals.test/', WEB_IDLE_MINUTES: '5' },
      WEB_TRUSTED_PROXIES: '10.0.0.0/24, 192.0.2.1, ::1, fd00::/64, ::ffff:10.0.0.0/120',
    };
    expect(readSettings({ ...openId, ...set }).web).toMatchObject({
      ...{
        publicUrl: 'https://referrals.test',
        trustedProxies: ['10.0.0.0/24', '192.0.2.1', '::1', 'fd00::/64', '::ffff:10.0.0.0/120'],
        idleMs: 300_000,
      },
      openId: { issuer: 'https://i.test', clientId: 'id', roleClaim: 'role', instancesClaim: null },
    });
    expect(readSettings({}).web).toMatchObject({
      publicUrl: null,
      requireSecondFactor: false,
      trustedProxies: [],
      idleMs: 1_800_000,
      openId: null,
    });
  });

  it.each([
    [{}, null],
    [{ HEALTH_PORT: '8081' }, { host: '127.0.0.1', port: 8_081 }],
    [{ HEALTH_ADDRESS: '0.0.0.0:8081' }, { host: '0.0.0.0', port: 8_081 }],
    [{ HEALTH_ADDRESS: '[::1]:0' }, { host: '::1', port: 0 }],
  ])('serves the health of the worker with %j at %j', (set, health) => {
    expect(readSettings(set).worker.health).toEqual(health);
  });

  it("leaves Temporal's settings to its own library", () => {
    const { temporal } = readSettings({
      TEMPORAL_ADDRESS: 't.test:7233',
      TEMPORAL_NAMESPACE: 'n',
      TEMPORAL_API_KEY: 'k',
    });
    expect(temporal).toMatchObject({ address: 't.test:7233', namespace: 'n', connection: { apiKey: 'k' } });
  });
});

describe('The address of traces', () => {
  it.each<[string, Record<string, string>, string | null]>([
    ['is none by default', {}, null],
    [
      'is the base with a path',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318/' },
      'http://127.0.0.1:4318/v1/traces',
    ],
    [
      'is the whole URL for traces',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://a.test', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://b.test/x' },
      'https://b.test/x',
    ],
    [
      'is none where the SDK is disabled',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://a.test', OTEL_SDK_DISABLED: 'true' },
      null,
    ],
  ])('%s', (_, env, url) => {
    expect(readSettings(env).telemetry.tracesUrl).toBe(url);
  });
});
