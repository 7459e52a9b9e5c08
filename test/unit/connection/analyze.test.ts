import { describe, expect, it } from 'vitest';
import { page } from '../../../cli/doctor/livePage.ts';
import { analyze } from '../../../connection/analyze.ts';
import type { Observations } from '../../../connection/observations.ts';
import type { CallFacts, ZoneFacts } from '../../../kipu/index.ts';
import { aList, aSample, aShape, observed } from '../../support/liveObservations.ts';
import { details } from '../../support/liveReports.ts';

const all = { firstName: 10, lastName: 10, dob: 10, admissionDate: 10, mrNumber: 10 };
const DESTINATION = { discharge_or_transition_name: 10 };
const charts = (shape: ReturnType<typeof aShape>) => ({ sample: aSample({ charts: shape }) });
const call = (ms: number, clockSkewMs: number | null = 0, status: number | null = 200): CallFacts => {
  return { route: 'GET /x', status, code: null, ms, clockSkewMs };
};
const dated = { ...aShape(1), dates: { created_at: { day: 0, clock: 1, utc: 0, offset: 0, midnight: 0 } } };
const zones = (timeZones: string[], facts: Partial<ZoneFacts>): Partial<Observations> => ({
  settings: { digest: 'sha256', timeZones, hasWebhookSecret: true },
  sample: aSample({ charts: dated, zones: { ...aSample().zones, source: 'offsets', ...facts } }),
});
const eastAndCentral = {
  ...{ values: 5, offsets: { '-05:00': 4, '-06:00': 1 } },
  candidates: [
    { zone: 'America/New_York', fit: 4 },
    { zone: 'America/Chicago', fit: 1 },
  ],
};

describe('The report', () => {
  it.each<[string, Partial<Observations>, string, string[], string | null]>([
    [
      'median and slowest',
      { calls: [call(9.6), call(30), call(2), call(90, null, null)] },
      'answers',
      ['✓ 3 answers: median 10 ms, slowest 30 ms'],
      null,
    ],
    ['no answer', { calls: [call(90, null, null)] }, 'answers', [], null],
    ['a clock that agrees', { calls: [call(1, 1_999)] }, 'clock', ["✓ agrees with KIPU's"], null],
    ['a clock that is a little off', { calls: [call(1, -59_000)] }, 'clock', ["✓ 59 s behind KIPU's"], null],
    [
      'a clock that is off',
      { calls: [call(1, 60_000)] },
      'clock',
      ["! 60 s ahead of KIPU's"],
      "Synchronize this machine's clock",
    ],
    [
      'a clock that is off, once',
      { calls: [call(1, 300_000), call(1), call(1)] },
      'clock',
      ["✓ agrees with KIPU's"],
      null,
    ],
    [
      'a clock that is far off',
      { calls: [call(1, -300_000)] },
      'clock',
      ["✗ 5 min behind KIPU's"],
      "Synchronize this machine's clock",
    ],
    ['no location', { locations: [] }, 'locations', ['! none'], 'Ask KIPU why this client sees no locations.'],
    [
      'a location without a name',
      { locations: [{ id: '1', name: '', enabled: true }] },
      'locations',
      ['✓ 1: (no name)'],
      null,
    ],
    [
      'required fields in all',
      charts(aShape(10, all)),
      'required',
      ['✓ of 10 charts: firstName 100 %, lastName 100 %, dob 100 %, admissionDate 100 %, mrNumber 100 %'],
      null,
    ],
    [
      'a required field in few',
      charts(aShape(10, { ...all, mrNumber: 4 })),
      'required',
      ['! of 10 charts: firstName 100 %, lastName 100 %, dob 100 %, admissionDate 100 %, mrNumber 40 %'],
      'Have staff fill in mrNumber',
    ],
    [
      'a required field in none',
      charts(aShape(10, { ...all, dob: 0 })),
      'required',
      ['✗ of 10 charts: firstName 100 %, lastName 100 %, dob 0 %, admissionDate 100 %, mrNumber 100 %'],
      'Ask KIPU why no chart has dob',
    ],
    [
      'too few charts for a warning',
      charts(aShape(4, {})),
      'required',
      ['✓ of 4 charts: firstName 0 %, lastName 0 %, dob 0 %, admissionDate 0 %, mrNumber 0 %'],
      null,
    ],
    [
      'charts without the key of the destination',
      charts(aShape(1_000, { ...all, firstName: 999 })),
      'destinations',
      ['✗ none of 1000 charts has the key discharge_or_transition_name'],
      'Ask KIPU to let this client read discharge_or_transition_name',
    ],
    [
      'no discharged chart',
      charts(aShape(10, {}, DESTINATION)),
      'destinations',
      ['✓ no discharged chart in the sample'],
      null,
    ],
    [
      'half with a destination',
      charts(aShape(10, { discharged: 6, dischargedWithDestination: 3 }, DESTINATION)),
      'destinations',
      ['✓ named in 3 of 6 discharged charts (50 %)'],
      null,
    ],
    [
      'few with a destination',
      charts(aShape(10, { discharged: 6, dischargedWithDestination: 2 }, DESTINATION)),
      'destinations',
      ['! named in 2 of 6 discharged charts (33 %)'],
      'Have staff fill in Discharge/Transition To',
    ],
    [
      'none of few with a destination',
      charts(aShape(10, { discharged: 4 }, DESTINATION)),
      'destinations',
      ['✓ named in 0 of 4 discharged charts (0 %)'],
      null,
    ],
    [
      'some rows with a chart',
      {
        sample: aSample({
          lists: { ...aSample().lists, census: aList(aShape(10, {}, DESTINATION), { withChart: 7 }) },
        }),
      },
      'census rows',
      ['✓ 7 of 10 with the whole chart'],
      null,
    ],
    ['dates in no list', {}, 'time zone', [], null],
    [
      'no offset and no setting',
      zones([], { source: null }),
      'time zone',
      ['! no date has an offset, so it cannot be checked; none is set (UTC)'],
      'Set timeZone to the zone of the facilities, for example America/New_York.',
    ],
    [
      'offsets of two zones, one of them set',
      zones(['America/New_York'], { ...eastAndCentral, fitConfigured: 4 }),
      'time zone',
      [
        '✗ offsets -05:00, -06:00 suggest America/New_York (4 of 5) and America/Chicago (1 of 5); set to America/New_York',
      ],
      'Compare timeZone',
    ],
    [
      'offsets of two zones, none set',
      zones([], eastAndCentral),
      'time zone',
      ['! offsets -05:00, -06:00 suggest America/New_York (4 of 5) and America/Chicago (1 of 5); none is set (UTC)'],
      'locationTimeZones',
    ],
    [
      'offsets of two zones, both set',
      zones(['America/New_York', 'America/Chicago'], { ...eastAndCentral, fitConfigured: 5 }),
      'time zone',
      ['✓ offsets -05:00, -06:00 agree; set to America/New_York, America/Chicago'],
      null,
    ],
    [
      'an offset of no zone',
      zones(['America/New_York'], { values: 1, offsets: { '-13:30': 1 }, fitConfigured: 0 }),
      'time zone',
      ['! offsets -13:30 suggest no known zone; set to America/New_York'],
      'Set timeZone',
    ],
    [
      'several zones that fit all',
      zones([], {
        values: 1,
        offsets: { '-07:00': 1 },
        candidates: [
          { zone: 'America/Denver', fit: 1 },
          { zone: 'America/Phoenix', fit: 1 },
        ],
      }),
      'time zone',
      ['! offsets -07:00 suggest America/Denver or America/Phoenix; none is set (UTC)'],
      'the dates suggest America/Denver or America/Phoenix.',
    ],
  ])('describes %s', (_, seen, check, sentences, advice) => {
    const report = analyze(observed(seen));
    expect(details(report, check)).toEqual(sentences);
    const fix = report.findings.find((finding) => finding.check === check)?.fix ?? null;
    expect(fix).toEqual(advice === null ? null : expect.stringContaining(advice));
    if (fix !== null) expect(report.next).toContain(fix);
  });

  it('says that the census omits discharged charts, also with dates', () => {
    const lists = {
      ...{ latest: aList(aShape(9, { discharged: 3 })), census: aList(aShape(6), { totalRecords: null }) },
      ...{ hereNow: aList(aShape(6)), vaults: aList(aShape(0)) },
    };
    const found = analyze(observed({ sample: aSample({ lists }) })).findings.find(({ check }) => check === 'charts');
    expect(found?.lines).toEqual([
      'latest: 9 changed',
      'census of these days: 6 read, no total stated, 0 of 6 read discharged',
      'the census omits discharged charts, also with dates',
      'census without dates, here now: 6, 0 of 6 read discharged',
      'vault: 0 deleted',
    ]);
  });

  it('lists errors before warnings, each once', () => {
    const report = analyze(
      observed({
        settings: { digest: 'sha256', timeZones: [], hasWebhookSecret: false },
        digests: { tried: ['sha256', 'sha1'], accepted: 'sha1' },
        endpoints: { locations: null, latest: 'unavailable', census: 'unavailable', vaults: 'endpoint-off' },
        locations: [
          { id: '1', name: 'Oak', enabled: true },
          { id: '2', name: 'Elm', enabled: false },
        ],
        ...charts(aShape(10, { ...all, mrNumber: 4 }, DESTINATION)),
      }),
    );
    expect(report.next).toEqual([
      'Set its digest to sha1: KIPU accepts these credentials with it.',
      'The cause is KIPU or the network. The next sync tries again; if it continues, ask KIPU.',
      'Ask KIPU to turn GET /api/vaults/patients on for this client.',
      'Have staff fill in mrNumber: a chart is synced only when it has all five.',
      'Set webhookSecrets: a webhook without one is refused.',
      "In KIPU's API Management, turn on Chart Update and Patient Creation at Oak; kipu-referrals webhooks shows the addresses.",
      'Run kipu-referrals doctor --live north again.',
    ]);
  });

  it('fits 80 columns and loses no word', () => {
    const locations = Array.from({ length: 30 }, (_, index) => ({
      id: `${index}`,
      name: `\u00d6l\u6797 Lodge ${index}`,
      enabled: true,
    }));
    const report = analyze(
      observed({
        locations,
        calls: [call(1, 300_000)],
        ...zones(['America/New_York'], { ...eastAndCentral, fitConfigured: 4 }),
      }),
    );
    const lines = page(report).split('\n');
    expect(Math.max(...lines.map((line) => line.replace(/\u6797/g, '  ').length))).toBeLessThanOrEqual(80);
    const words = (text: string) => text.split(/\s+/).join(' ');
    for (const { detail } of report.findings) expect(words(page(report))).toContain(words(detail));
    for (const action of report.next) expect(words(page(report))).toContain(words(action));
  });
});
