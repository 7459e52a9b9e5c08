import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { checkKipu } from '../../../cli/doctor/kipu.ts';
import { checkAuditKey, checkNode, checkSettings, checkTimeZone } from '../../../cli/doctor/settings.ts';
import { checkRuns, checkWebhooks } from '../../../cli/doctor/store.ts';
import { scheduleFinding } from '../../../cli/doctor/temporal.ts';
import { wrapped } from '../../../cli/terminal/text.ts';
import type { Instance } from '../../../config/instances.ts';
import { bad, findingsText, good, warning } from '../../../connection/finding.ts';
import { startStandIn } from '../../../dev/stand-in/index.ts';
import { MINUTE_MS } from '../../../domain/time.ts';
import { DEFAULT_DIGEST, type Digest } from '../../../kipu/index.ts';
import { aFreshness, aRun, aWebhook, startedAt } from '../../support/runFixtures.ts';

describe('The doctor', () => {
  it('prints below each problem and warning what to do', () => {
    const findings = [good('Node', '20'), bad('MongoDB', 'away', 'Start it.'), warning('webhooks', 'off', 'On.')];
    expect(findingsText(findings).split('\n')).toEqual([
      '✓ Node      20',
      '✗ MongoDB   away',
      '            → Start it.',
      '! webhooks  off',
      '            → On.',
      '',
      '1 warning, 1 error',
    ]);
  });

  it('breaks lines to the width of the terminal', () => {
    const findings = [warning('webhooks', 'both are missing', 'Set up Chart Update in KIPU.')];
    const wrap = (first: string, text: string, indent: string) => wrapped(first, text, indent, 30);
    expect(findingsText(findings, wrap).split('\n').slice(0, 3)).toEqual([
      '! webhooks  both are missing',
      '            → Set up Chart',
      '              Update in KIPU.',
    ]);
  });

  it.each([
    ['20.19.0', false],
    ['22.18.0', false],
    ['22.19.0', true],
    ['24.0.0', true],
  ])('accepts Node %s: %j', (version, ok) => expect(checkNode(version).ok).toBe(ok));

  it.each<[string, Record<string, string>, string[]]>([
    [
      'an insecure connection that is allowed',
      { MONGODB_URI: 'mongodb://u:pw-secret@db.test', MONGODB_INSECURE: 'yes', METRICS_ADDRESS: '127.0.0.1:1' },
      ['security MONGODB_URI'],
    ],
    [
      'a real KIPU whose patients are stored locally',
      { KIPU_ACCESS_ID: 'a', KIPU_SECRET_KEY: 'pw-secret', KIPU_APP_ID: 'b', ALLOW_LOCAL_STORE: 'yes' },
      ['security local store'],
    ],
    ['nothing where all is secure', { MONGODB_URI: 'mongodb+srv://db.test', ALLOW_LOCAL_STORE: 'yes' }, []],
  ])('warns of %s', (_, env, checks) => {
    const { findings } = checkSettings(env);
    expect(findings.slice(1).map(({ check, ok, fix }) => [check, ok, fix !== null])).toEqual(
      checks.map((check) => [check, true, true]),
    );
    expect(findingsText(findings)).not.toContain('pw-secret');
  });

  it('returns each problem of the settings as a finding', () => {
    const { settings, findings } = checkSettings({ LOG_LEVEL: 'loud', SYNC_PAGE_SIZE: '0' });
    expect(settings).toBeNull();
    expect(findings.map(({ ok }) => ok)).toEqual([false, false]);
    expect(checkSettings({}).findings).toEqual([good('settings', 'KIPU local, MongoDB local, Temporal local')]);
  });

  const minutesAgo = (minutes: number) => new Date(startedAt.getTime() + minutes * MINUTE_MS);
  it.each([
    ['none', [], 0, false],
    ['a recent one', [aRun()], 89, true],
    ['an old one', [aRun()], 91, false],
    ['a failed one after a recent one', [aRun({ status: 'failed' }), aRun()], 5, true],
    ['only failed ones', [aRun({ status: 'failed', fault: { code: 'c', text: 'not allowed' } })], 5, false],
  ])('judges the age of the last completed run: %s', (_, runs, minutes, ok) => {
    expect(checkRuns('north', runs, 60, minutesAgo(minutes)).ok).toBe(ok);
  });

  it('says why the last run failed', () => {
    const fault = { code: 'forbidden', text: 'not allowed; check the credentials' };
    expect(checkRuns('north', [aRun({ status: 'failed', fault })], 60, minutesAgo(1)).fix).toBe(fault.text);
  });

  const BOUND = { 'chart-update': ['a-secret-of-updates'], 'patient-creation': ['a-secret-of-creations'] };
  const { webhooks } = aFreshness();
  const silent = { ...webhooks, 'chart-update': aWebhook({ health: 'missing', at: ['Annex'], lastDeliveryAt: null }) };
  it.each([
    ['both work', webhooks, BOUND, 'Patient Creation healthy, Chart Update healthy', null],
    [
      'one secret serves both',
      webhooks,
      ['a-secret-of-webhooks'],
      'Patient Creation healthy, Chart Update healthy; one secret serves both',
      null,
    ],
    [
      'one never arrived',
      silent,
      BOUND,
      'Patient Creation healthy, Chart Update missing',
      /^Annex: .*Set up the Chart Update webhook in KIPU/,
    ],
    [
      'there is no secret',
      webhooks,
      [],
      'refused: there is no secret for Patient Creation and Chart Update',
      'set one',
    ],
    [
      'one has no secret',
      webhooks,
      { 'chart-update': BOUND['chart-update'] },
      'refused: there is no secret for Patient Creation',
      'set one',
    ],
  ])('checks webhooks and only warns: %s', (_, known, secrets, detail, fix) => {
    const finding = checkWebhooks({ instance: 'north', webhooks: known }, secrets);
    expect(finding).toMatchObject({ ok: true, detail });
    expect(finding.fix).toEqual(fix === null ? null : expect.stringMatching(fix));
  });

  const places = { 7: 'America/Denver' };
  it.each([
    ['one is set', { timeZone: 'America/New_York' }, 'America/New_York', null],
    [
      'one is set, with another for a location',
      { timeZone: 'UTC', locationTimeZones: places },
      'UTC, another for 1 location',
      null,
    ],
    ['none is set', {}, 'not set; dates of charts are read in UTC', 'Set timeZone'],
    [
      'only locations have one',
      { locationTimeZones: places },
      'not set, another for 1 location; dates',
      'Set timeZone',
    ],
  ])('checks time zones and only warns: %s', (_, zones, detail, fix) => {
    const north = {
      ...{
        name: 'north',
        baseUrl: 'https://k.test',
        accessId: 'i',
        secretKey: 's',
        appId: 'a',
        digest: 'sha256' as const,
      },
      ...zones,
    };
    expect(checkTimeZone({ ...north, lockPolicy: 'never' })).toEqual({
      ...{ check: 'time zone north', ok: true, detail: expect.stringContaining(detail) },
      fix: fix === null ? null : expect.stringContaining(fix),
    });
  });

  it('warns where entries of the audit are not authenticated', () => {
    const mongo = { uri: null, database: 'd' };
    expect(checkAuditKey({ mongo: { ...mongo, auditKeys: ['k'] } })).toMatchObject({ ok: true, fix: null });
    const { ok, fix } = checkAuditKey({ mongo: { ...mongo, auditKeys: [] } });
    expect([ok, fix]).toEqual([true, expect.stringContaining('AUDIT_KEY_FILE')]);
  });

  const schedule = {
    ...{ instance: 'north', schedule: 'sync/north', note: 'KIPU moves', everyMinutes: 60, nextRunAt: startedAt },
    ...{ createdAt: startedAt, lastRunAt: null, runningNow: 0, skippedOverlap: 0, missedCatchUp: 0 },
  };
  it.each([
    ['missing', null, false, 'Run kipu-referrals setup.'],
    ['paused', { ...schedule, paused: true }, false, 'Run kipu-referrals schedule resume north.'],
    ['active', { ...schedule, paused: false }, true, null],
  ])('checks schedules: %s', (_, state, ok, fix) => {
    expect(scheduleFinding('north', state)).toMatchObject({ ok, fix });
  });
});

describe('checkKipu', () => {
  it.each<[string, (of: Instance, other: Instance) => Instance, boolean, string]>([
    ['the right credentials', (of) => of, true, 'accepted'],
    ['a wrong secret', (of) => ({ ...of, secretKey: 'wrong' }), false, 'Compare secretKey'],
    ["another instance's app id", (of, other) => ({ ...of, appId: other.appId }), false, 'of one KIPU instance'],
    ['an address where no server listens', (of) => ({ ...of, baseUrl: 'http://127.0.0.1:1' }), false, 'Check baseUrl'],
  ])('checks %s', async (_, change, ok, text) => {
    const standIn = await startStandIn({ port: 0, charts: 1 });
    try {
      const [of, other] = standIn.instances.map(
        ({ name, accessId, secretKey, appId }): Instance => ({
          ...{ name, accessId, secretKey, appId },
          ...{ baseUrl: standIn.url, digest: DEFAULT_DIGEST, lockPolicy: 'never' },
        }),
      );
      if (of === undefined || other === undefined) throw new Error('the stand-in has fewer than two instances');
      const finding = await checkKipu(change(of, other));
      expect(finding.ok).toBe(ok);
      expect(finding.fix ?? finding.detail).toContain(text);
      expect(JSON.stringify(finding)).not.toContain(of.secretKey);
    } finally {
      await standIn.close();
    }
  });
});

describe('checkKipu, where KIPU accepts only one digest', () => {
  const NOT_AUTHENTIC = 'Access Denied - API Client app failed to authenticate';
  const sha1 = 'APIAuth';
  const sha256 = 'APIAuth-HMAC-SHA256';

  it.each<[string, Digest, string | null, string, string[], RegExp]>([
    [
      'tells that KIPU accepts the other digest',
      'sha256',
      sha1,
      NOT_AUTHENTIC,
      [sha256, sha1],
      /^Set its digest to sha1: KIPU accepts/,
    ],
    [
      'tells that KIPU accepts the other digest',
      'sha1',
      sha256,
      NOT_AUTHENTIC,
      [sha1, sha256],
      /^Set its digest to sha256: KIPU accepts/,
    ],
    [
      'tries the other digest also after an unknown text',
      'sha256',
      sha1,
      'no',
      [sha256, sha1],
      /^Set its digest to sha1/,
    ],
    [
      'names the secret key where KIPU accepts neither digest',
      'sha256',
      null,
      NOT_AUTHENTIC,
      [sha256, sha1],
      /^Compare secretKey/,
    ],
    // More refusals than needed may lock a client out.
    [
      'does not try the other digest after a wrong app id',
      'sha256',
      null,
      'Invalid or Missing Recipient',
      [sha256],
      /^Compare appId/,
    ],
    [
      'does not try the other digest after a wrong access id',
      'sha256',
      null,
      'API Client app not found',
      [sha256],
      /^Compare accessId/,
    ],
  ])('%s (configured: %s)', async (_, digest, accepted, text, tried, fix) => {
    const schemes: string[] = [];
    const kipu = createServer(({ headers }, response) => {
      const [scheme = ''] = (headers.authorization ?? '').split(' ');
      schemes.push(scheme);
      response.writeHead(scheme === accepted ? 200 : 403, { 'content-type': 'application/json' });
      response.end(JSON.stringify(scheme === accepted ? { locations: [] } : { errors: text }));
    });
    await new Promise<void>((resolve) => kipu.listen(0, '127.0.0.1', resolve));
    try {
      const baseUrl = `http://127.0.0.1:${(kipu.address() as AddressInfo).port}`;
      const credentials = { accessId: 'a', secretKey: 'the-secret', appId: 'p' };
      const finding = await checkKipu({ name: 'north', baseUrl, ...credentials, digest, lockPolicy: 'never' });
      expect(finding).toMatchObject({ ok: false, fix: expect.stringMatching(fix) });
      expect(schemes).toEqual(tried);
      expect(JSON.stringify(finding)).not.toContain('the-secret');
    } finally {
      await new Promise((resolve) => kipu.close(resolve));
    }
  });
});
