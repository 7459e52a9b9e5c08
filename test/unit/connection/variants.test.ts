import { describe, expect, it } from 'vitest';
import type { Instance } from '../../../config/instances.ts';
import { MAX_CALLS } from '../../../connection/probe.ts';
import type { Credentials, Fault, SettingsPatch } from '../../../dev/stand-in/index.ts';
import { details, reportOf, withStandIn } from '../../support/liveReports.ts';

describe('doctor --live at a KIPU as the facts have it', () => {
  it('finds nothing to fix', async () => {
    await withStandIn({}, async (standIn) => {
      const report = await reportOf(standIn);
      expect(report.findings.filter(({ fix }) => fix !== null)).toEqual([]);
      expect(report).toMatchObject({ instance: 'north-harbor', ok: true, facts: { stopped: null } });
      expect(report.calls).toBe(standIn.calls.count());
      expect(report.next).toEqual([
        "In KIPU's API Management, turn on Chart Update and Patient Creation at North Harbor Detox, North Harbor Residential, North Harbor Women's Program; kipu-referrals webhooks shows the addresses.",
        'Run kipu-referrals setup, then kipu-referrals sync north-harbor --wait.',
      ]);
    });
  });

  it('makes no more than 30 calls, however many charts there are', async () => {
    await withStandIn(
      { digest: 'sha1' },
      async (standIn) => {
        const report = await reportOf(standIn);
        expect(standIn.calls.count()).toBe(MAX_CALLS);
        expect(report.facts.lists.latest).toMatchObject({ read: 200 });
        expect(report.facts.lists.latest?.stated).toBeGreaterThan(400);
      },
      { charts: 900 },
    );
  });
});

describe('doctor --live names what an instance plays', () => {
  it.each<[SettingsPatch, string, string | RegExp, object]>([
    [{ digest: 'sha1' }, 'credentials', '✗ refused with sha256, accepted with sha1', { digest: { accepted: 'sha1' } }],
    [{ digest: 'sha256' }, 'credentials', '✓ accepted, signed with sha256', { digest: { tried: ['sha256'] } }],
    [
      { inactive: true },
      'credentials',
      '✗ KIPU knows the access id, and does not accept the signature, with sha256 and with sha1',
      { stopped: 'authentication-failed', digest: { accepted: null } },
    ],
    [{ clockOffMs: 180_000 }, 'clock', "! 3 min behind KIPU's", { clockSkewMs: -180_000 }],
    [{ clockOffMs: -600_000 }, 'clock', "✗ 10 min ahead of KIPU's", { clockSkewMs: 600_000 }],
    [{ clockOffMs: 1_200_000 }, 'clock', "✗ 20 min behind KIPU's", { digest: { tried: ['sha256'] } }],
    [
      { clockOffMs: 1_200_000 },
      'credentials',
      '✗ refused; the wrong clock explains it',
      { stopped: 'authentication-failed' },
    ],
    [{}, 'answers', /^✓ 30 answers: median \d+ ms, slowest \d+ ms$/, { answers: { count: 30 } }],
    [
      {},
      'locations',
      "✓ 4: North Harbor Detox, North Harbor Residential, North Harbor Women's Program, North Harbor Annex (not enabled)",
      {},
    ],
    [{}, 'endpoints', '✓ locations, latest, census, vaults, chart answer', {}],
    [
      { endpointsOff: ['latest'] },
      'endpoints',
      '✗ GET /api/patients/latest is off (410)',
      { endpoints: { latest: 'endpoint-off', census: 'answers', chart: 'answers' }, lists: { latest: null } },
    ],
    [{ endpointsOff: ['census'] }, 'endpoints', '✗ GET /api/patients/census is off (410)', { censusRows: null }],
    [
      { endpointsOff: ['chart'] },
      'endpoints',
      '✗ GET /api/patients/{patient_id} is off (410)',
      { required: null, failedCharts: {} },
    ],
    [{ endpointsOff: ['vaults'] }, 'endpoints', '✗ GET /api/vaults/patients is off (410)', {}],
    [{ endpointsOff: ['locations'] }, 'endpoints', '✗ GET /api/locations is off (410)', { locations: null }],
    [
      { rateLimit: { perMinute: 5, retryAfterSeconds: 30 } },
      'reading',
      '✗ stopped: KIPU limits the rate of calls (429), at GET /api/patients/{patient_id}',
      { stopped: 'rate-limited', answers: { count: 6 } },
    ],
    [
      {},
      'charts',
      '✓ 2026-10-13 to 2026-11-13',
      {
        lists: {
          latest: { stated: 40, read: 40 },
          census: { stated: 40, read: 40 },
          hereNow: { discharged: 0 },
          vaults: { stated: 0 },
        },
      },
    ],
    [{ vanished: 1 }, 'charts', '! none, 2026-10-13 to 2026-11-13', { required: null, timeZone: { source: null } }],
    [
      { rows: 'blank' },
      'empty rows',
      '✗ in 108 of 108 rows every field is empty',
      { lists: { census: { read: 40, discharged: null } }, censusRows: { compared: 0 } },
    ],
    [{ rows: 'blank-without-ids' }, 'casefile ids', '✗ none is usable; 108 rows without one', { required: null }],
    [
      {},
      'required',
      /^✓ of 25 charts: firstName \d+ %, lastName \d+ %, dob \d+ %, admissionDate \d+ %, mrNumber \d+ %$/,
      { required: { charts: 25 } },
    ],
    [{}, 'destinations', /^✓ named in \d+ of 12 discharged charts \(\d+ %\)$/, { destinations: { discharged: 12 } }],
    [
      { rows: 'plain' },
      'census rows',
      '✓ without the destination; 14 keys missing; 25 compared with their charts agree',
      { censusRows: { chart: 0, destination: 0, compared: 25 } },
    ],
    [
      { rows: 'bare' },
      'census rows',
      '✓ without the destination; 15 keys missing; 25 compared with their charts agree',
      { censusRows: { missingKeys: expect.arrayContaining(['last_updated_at']) } },
    ],
    [
      { rows: 'chart' },
      'census rows',
      '✓ with the whole chart; 25 compared with their charts agree',
      { censusRows: { read: 40, chart: 40, missingKeys: [] } },
    ],
    [
      { rows: 'partial' },
      'census rows',
      '✓ with the destination; dob, discharge_type, next_level_of_care missing; 25 compared with their charts agree',
      { censusRows: { chart: 0, destination: 40, missingKeys: ['dob', 'discharge_type', 'next_level_of_care'] } },
    ],
    [
      { rows: 'stale' },
      'census rows',
      /^! with the whole chart; \d+ of 25 differ from their charts: discharge_or_transition_id, discharge_or_transition_name$/,
      { censusRows: { compared: 25 } },
    ],
    [
      {},
      'dates',
      '✓ come as days, times without a zone, times with an offset',
      { dates: { created_at: { day: 0, utc: 0 } } },
    ],
    [
      { timestamps: 'day' },
      'dates',
      '✓ come as days, times without a zone',
      { dates: { discharge_date: { clock: 0, offset: 0 }, created_at: { clock: 0 } } },
    ],
    [
      { timestamps: 'time' },
      'dates',
      '✓ come as days, times without a zone',
      { dates: { admission_date: { day: 0, clock: 39, midnight: 39 } } },
    ],
    [
      { timestamps: 'offset' },
      'dates',
      '✓ come as days, times without a zone, times with an offset',
      {
        dates: { admission_date: { offset: 39, midnight: 39 } },
        timeZone: { admissions: { timed: 39, midnight: 39 } },
      },
    ],
    [{}, 'time zone', '✓ offsets -04:00, -05:00 agree; set to America/New_York', {}],
    [
      { timeZone: 'America/Denver' },
      'time zone',
      '✗ offsets -06:00, -07:00 suggest America/Denver; set to America/New_York',
      { timeZone: { source: 'offsets', fitConfigured: 0, candidates: [{ zone: 'America/Denver' }] } },
    ],
    [
      { timestamps: 'time' },
      'time zone',
      '✓ no date has an offset, so it cannot be checked; set to America/New_York',
      { timeZone: { source: null, configured: ['America/New_York'] } },
    ],
    [{ placeholders: true }, 'placeholders', '✓ 3 of 40 charts say TEST', { placeholders: { charts: 3, of: 40 } }],
    [{ placeholders: false }, 'placeholders', '✓ no chart says TEST', { placeholders: { charts: 0 } }],
    [{ levelPrefix: false }, 'levels of care', '✓ without a prefix', { levelPrefix: { charts: 0, of: 40 } }],
    [{ levelPrefix: true }, 'levels of care', '✓ 40 of 40 charts with a prefix (UR LOC:)', {}],
    [{ casefileCase: 'lower' }, 'casefile ids', '✓ in lower case', { casefileIds: { capitals: 0 } }],
    [{ casefileCase: 'upper' }, 'casefile ids', '✓ in upper case; stored in one spelling', {}],
    [{ casefileCase: 'mixed' }, 'casefile ids', '✓ in lower and upper case; stored in one spelling', {}],
    [{ rowsTwice: false }, 'repeated rows', '✓ none', {}],
    [{ rowsTwice: true }, 'repeated rows', /^✓ \d+ of \d+ rows; each chart is counted once$/, {}],
    [{ numbersAsText: true }, 'numbers', '✓ as strings', { numbers: { numbers: 0 } }],
    [{ numbersAsText: false }, 'numbers', '✓ as numbers', { numbers: { strings: 0 } }],
  ])('%j: %s %s', async (settings, check, detail, facts) => {
    await withStandIn(settings, async (standIn) => {
      const report = await reportOf(standIn);
      const sentences = details(report, check);
      expect(sentences).toEqual([typeof detail === 'string' ? detail : expect.stringMatching(detail)]);
      expect(report.facts).toMatchObject(facts);
      expect(report.ok).toBe(report.findings.every(({ ok }) => ok));
      if (sentences.some((sentence) => sentence.startsWith('✗'))) expect(report.ok).toBe(false);
    });
  });

  it('counts the deleted charts of the vault', async () => {
    await withStandIn({}, async (standIn) => {
      for (const { casefileId } of standIn.charts('north-harbor').slice(0, 2))
        standIn.remove('north-harbor', casefileId);
      expect((await reportOf(standIn)).facts.lists).toMatchObject({ latest: { read: 38 }, vaults: { stated: 2 } });
    });
  });

  it('derives the zone from admissions at local midnight in UTC', async () => {
    const noOffset = {
      ...{ created_at: '2026-11-01 10:00:00', last_updated_at: '2026-11-02 10:00:00' },
      ...{ discharge_date: null, next_level_of_care_date: null },
    };
    await withStandIn(
      {},
      async (standIn) => {
        for (const admission_date of ['2026-07-02T05:00:00Z', '2026-10-02T05:00:00Z', '2026-11-02 06:00:00']) {
          standIn.add('north-harbor', { admission_date, ...noOffset });
        }
        const report = await reportOf(standIn, { timeZone: undefined });
        expect(details(report, 'time zone')).toEqual([
          '! admission dates, as midnights at -05:00, -06:00, suggest America/Chicago; none is set (UTC)',
        ]);
        expect(report.next[0]).toBe('Set timeZone to the zone of the facilities; the dates suggest America/Chicago.');
      },
      { charts: 0 },
    );
  });

  it('accepts the zones of single locations', async () => {
    await withStandIn({}, async (standIn) => {
      const zones = { timeZone: 'America/Denver', locationTimeZones: { 7: 'America/New_York' } };
      expect(details(await reportOf(standIn, zones), 'time zone')).toEqual([
        '✓ offsets -04:00, -05:00 agree; set to America/Denver, America/New_York',
      ]);
    });
  });
});

describe('doctor --live names the wrong part of the credentials:', () => {
  type Change = (own: Credentials, other: Credentials) => Partial<Instance>;
  it.each<[string, Change, string, string, number[]]>([
    [
      'an unknown access id',
      () => ({ accessId: 'nobody' }),
      'unknown-client',
      '✗ KIPU does not know the access id',
      [401],
    ],
    [
      'an unknown app id',
      () => ({ appId: 'nothing' }),
      'unknown-recipient',
      '✗ KIPU accepts the signature, and does not know the app id',
      [403],
    ],
    [
      'a wrong secret',
      () => ({ secretKey: 'wrong-secret' }),
      'authentication-failed',
      '✗ KIPU knows the access id, and does not accept the signature, with sha256 and with sha1',
      [403, 403],
    ],
    [
      'the app id of another instance',
      (_, { appId }) => ({ appId }),
      'authentication-failed',
      '✗ KIPU knows the access id, and does not accept the signature, with sha256 and with sha1',
      [403, 403],
    ],
  ])('%s, and makes no further call', async (_, change, code, detail, statuses) => {
    await withStandIn({}, async (standIn) => {
      const [own, other] = standIn.instances;
      if (own === undefined || other === undefined) throw new Error('the stand-in has fewer than two instances');
      const report = await reportOf(standIn, change(own, other));
      expect(details(report, 'credentials')).toEqual([detail]);
      expect(report).toMatchObject({ ok: false, facts: { stopped: code, digest: { accepted: null }, required: null } });
      expect(report.next.at(-1)).toBe('Run kipu-referrals doctor --live north-harbor again.');
      expect(standIn.calls.log.map(({ status }) => status)).toEqual(statuses);
      expect(JSON.stringify(report)).not.toContain(own.secretKey);
    });
  });

  it('the app id, also with the other digest', async () => {
    await withStandIn({ digest: 'sha1' }, async (standIn) => {
      const report = await reportOf(standIn, { appId: 'nothing' });
      expect(report.facts).toMatchObject({ stopped: 'unknown-recipient', digest: { tried: ['sha256', 'sha1'] } });
      expect(standIn.calls.count()).toBe(2);
    });
  });

  it('an address where no server listens', async () => {
    await withStandIn({}, async (standIn) => {
      const report = await reportOf(standIn, { baseUrl: 'http://127.0.0.1:1' });
      expect(details(report, 'credentials')).toEqual(['✗ no connection to this address']);
      expect(report).toMatchObject({ ok: false, calls: 1, facts: { stopped: 'unreachable', answers: null } });
    });
  });
});

describe('doctor --live describes failing calls:', () => {
  const off = (status: number, route: Fault['route'], times: Fault['times'] = 'always') =>
    ({ kind: 'status', status, route, times }) as Fault;
  it.each<[string, Fault, string, string[]]>([
    ['a 404', off(404, 'vaults'), 'endpoints', ['✗ GET /api/vaults/patients is off (404)']],
    ['a 403 of one endpoint', off(403, 'latest'), 'endpoints', ['✗ GET /api/patients/latest is off (403)']],
    ['a 422', off(422, 'census'), 'endpoints', ['✗ GET /api/patients/census refuses the request']],
    ['a 404 of every chart', off(404, 'chart'), 'endpoints', ['✗ GET /api/patients/{patient_id} is off (404)']],
    ['a 404 of one chart', off(404, 'chart', 1), 'unread charts', ['! 1 chart (not-found)']],
    ['a 503', off(503, 'latest'), 'endpoints', ['✗ GET /api/patients/latest fails (unavailable)']],
    [
      "a gateway's page",
      { kind: 'html', route: 'census', times: 'always' },
      'endpoints',
      ['✗ GET /api/patients/census fails (not-json)'],
    ],
    [
      'a 401 in other words',
      off(401, 'locations'),
      'credentials',
      ['✗ KIPU refuses (401) with an unknown text, with sha256 and with sha1'],
    ],
    [
      'a 403 in other words',
      off(403, 'locations'),
      'credentials',
      ['✗ KIPU refuses (403) with an unknown text, with sha256 and with sha1'],
    ],
    [
      'a 401 in the middle',
      off(401, 'census'),
      'reading',
      ['✗ stopped: KIPU refuses (401) with an unknown text, at GET /api/patients/census'],
    ],
    [
      'a redirect',
      { kind: 'redirect', location: 'http://127.0.0.1:1/', route: 'locations' },
      'credentials',
      ['✗ the address answers with a redirect, which is not followed'],
    ],
    [
      'a dropped connection',
      { kind: 'reset', at: 'start', route: 'locations' },
      'credentials',
      ['✗ the connection ends before the answer does'],
    ],
    [
      'a date that does not exist',
      { kind: 'bad-field', route: 'chart', field: 'discharge_date', value: '2026-02-30' },
      'unreadable',
      ['! values of discharge_date'],
    ],
    [
      'a row without a casefile id',
      { kind: 'bad-casefile', route: 'latest' },
      'casefile ids',
      ['✗ in lower case; 1 row without one'],
    ],
    [
      'totals left out',
      { kind: 'pagination', form: 'null', route: 'latest', times: 'always' },
      'charts',
      ['✓ 2026-10-13 to 2026-11-13'],
    ],
  ])('%s', async (_, fault, check, sentences) => {
    await withStandIn({}, async (standIn) => {
      standIn.faults.inject({ instance: 'north-harbor', ...fault });
      const report = await reportOf(standIn);
      expect(details(report, check)).toEqual(sentences);
      expect(standIn.calls.count()).toBe(report.calls);
      if (fault.kind === 'pagination') expect(report.facts.lists.latest).toMatchObject({ stated: null, read: 40 });
    });
  });

  it('a chart endpoint that fails, after three charts', async () => {
    await withStandIn({}, async (standIn) => {
      standIn.faults.inject({ kind: 'status', status: 500, route: 'chart', times: 'always' });
      expect((await reportOf(standIn)).facts.endpoints.chart).toBe('unavailable');
      expect(standIn.calls.count({ route: 'chart' })).toBe(3);
    });
  });

  it('tries the other digest once where the first refusal names no reason', async () => {
    await withStandIn({}, async (standIn) => {
      standIn.faults.inject({ kind: 'status', status: 403, route: 'locations', times: 1 });
      const report = await reportOf(standIn, { digest: 'sha1' });
      expect(details(report, 'credentials')).toEqual(['✗ refused with sha1, accepted with sha256']);
      expect(standIn.calls.log.filter(({ status }) => status === 403)).toHaveLength(1);
    });
  });
});
