import { describe, expect, it } from 'vitest';
import { page } from '../../../cli/doctor/livePage.ts';
import { PATIENT_FIELDS, type Patch, type SettingsPatch, type StandIn } from '../../../dev/stand-in/index.ts';
import { reportOf, withStandIn } from '../../support/liveReports.ts';
import { answer, startRawServer, startServerAnswering } from '../../support/rawServer.ts';

const MASTER_ID = '5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe';
/** The marks of texts, keys, error bodies, and of parts of ids and dates that no count contains. */
const MARKS = /zzmark|5ca1ab1e|90417|1931|1957|07-09|11-03|21:43/i;

const DATES: Patch = {
  ...{ dob: '1931-07-09', date_of_death: '1957-07-09' },
  ...{ admission_date: '2026-11-03T21:43:00-05:00', discharge_date: '2026-11-03 21:43:00' },
  ...{ created_at: '2026-11-03T21:43:00-05:00', last_updated_at: '2026-11-03T21:43:00-05:00' },
  ...{ anticipated_discharge_date: '2026-11-03', next_level_of_care_date: '2026-11-03' },
};

/** Adds charts with marks in every text, and dates that are easy to find. */
function mark(standIn: StandIn): void {
  const texts = PATIENT_FIELDS.filter((field) => !(field in DATES) && field !== 'casefile_id');
  for (let number = 90_417; number < 90_429; number += 1) {
    standIn.add('north-harbor', {
      ...Object.fromEntries(texts.map((field) => [field, `zzmark ${field} TEST`])),
      ...{ ...DATES, casefile_id: `${number}:${MASTER_ID}`, zzmark_key: 'zzmark', level_of_care: 'UR LOC: zzmark' },
    });
  }
}

describe('The report of an instance whose charts are marked', () => {
  it.each<SettingsPatch>([
    {},
    { rows: 'chart', rowsTwice: true },
    { rows: 'partial', levelPrefix: true, casefileCase: 'mixed' },
    { rows: 'stale', endpointsOff: ['vaults'] },
    { rows: 'blank' },
    { rows: 'blank-without-ids', digest: 'sha1' },
    { timestamps: 'offset', timeZone: 'America/Denver' },
    { inactive: true },
    { clockOffMs: 1_200_000 },
    { rateLimit: { perMinute: 6, retryAfterSeconds: 9 } },
  ])('has no mark in text or JSON, with the settings %j', async (settings) => {
    await withStandIn(
      settings,
      async (standIn) => {
        mark(standIn);
        standIn.faults.inject({ kind: 'bad-field', route: 'chart', field: 'discharge_date', value: 'zzmark' });
        standIn.faults.inject({ kind: 'bad-casefile', route: 'latest', id: 'zzmark' });
        const report = await reportOf(standIn);
        const isRead = !settings.inactive && settings.clockOffMs === undefined;
        expect(report.facts.lists.latest?.read ?? 0).toBeGreaterThanOrEqual(isRead ? 12 : 0);
        expect(JSON.stringify(standIn.charts('north-harbor'))).toMatch(MARKS);
        expect(JSON.stringify(report)).not.toMatch(MARKS);
        expect(page(report)).not.toMatch(MARKS);
      },
      { charts: 0 },
    );
  });

  const body = JSON.stringify({ errors: 'zzmark', zzmark: [`90417:${MASTER_ID}`] });
  it.each([200, 302, 400, 401, 403, 404, 406, 410, 422, 429, 500, 503])(
    'has no mark where all bodies have one and the status is %i',
    async (status) => {
      const server = await startServerAnswering(
        answer(status, body, { 'x-zzmark': 'zzmark', location: 'http://zzmark/' }),
      );
      await withStandIn({}, async (standIn) => {
        const report = await reportOf(standIn, { baseUrl: server.url });
        expect(report.ok).toBe(false);
        expect(`${page(report)}${JSON.stringify(report)}`).not.toMatch(MARKS);
      });
    },
  );

  it('has no mark where only the locations can be read and all other answers are marked', async () => {
    const server = await startRawServer((socket, head) => {
      const isLocations = head.startsWith('GET /api/locations');
      socket.write(isLocations ? answer(200, '{"locations":[]}') : answer(410, body));
    });
    await withStandIn({}, async (standIn) => {
      const report = await reportOf(standIn, { baseUrl: server.url });
      const off = 'endpoint-off';
      expect(report.facts.endpoints).toEqual({ locations: 'answers', latest: off, census: off, vaults: off });
      expect(`${page(report)}${JSON.stringify(report)}`).not.toMatch(MARKS);
    });
  });

  it('shows names of locations without control characters', async () => {
    const locations = [{ location_id: 1, location_name: 'Oak\u001b[2J \u202eLodge\r\n', enabled: true }];
    const server = await startServerAnswering(answer(200, JSON.stringify({ locations, patients: [] })));
    await withStandIn({}, async (standIn) => {
      const text = page(await reportOf(standIn, { baseUrl: server.url }));
      expect(text).toContain('Oak [2J Lodge');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be in the text
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    });
  });
});
