import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PATIENT_FIELDS, type SettingsPatch, type StandIn, startStandIn } from '../../../../dev/stand-in/index.ts';
import { ALL_DATES, call, chartOf, chartUri, listIn, patientIn } from '../../../support/signedCall.ts';

const START = new Date('2026-11-03T16:20:30Z');
const NAME = 'north-harbor';
const [LATEST, CENSUS] = ['/api/patients/latest', '/api/patients/census'];
let standIn: StandIn;
beforeEach(async () => {
  standIn = await startStandIn({ startedAt: START, now: () => START });
});
afterEach(() => standIn.close());

const get = (path: string, query = '', instance = NAME) => call(standIn, instance, path, query, { date: START });
const set = (patch: SettingsPatch) => standIn.configure({ instances: { [NAME]: patch } });
const rowsOf = async (path: string, query: string) => listIn(await get(path, `${query}&per=100`)).patients;
const census = (level = 'high') => rowsOf(CENSUS, `phi_level=${level}&${ALL_DATES}`);
const latest = () => rowsOf(LATEST, ALL_DATES);
const served = async (casefileId: string) => patientIn(await get(...chartUri(casefileId)));
const truth = (casefileId: unknown) => standIn.charts(NAME).find((chart) => chart.casefileId === casefileId)?.patient;

describe('rows of the census', () => {
  const CLINICAL = ['level_of_care', 'program', 'discharge_type', 'discharge_or_transition_name', 'next_level_of_care'];
  const keys = async (level?: string) => Object.keys((await census(level))[0] ?? {});

  it('plain: have no clinical field', async () => {
    expect(await keys()).toContain('last_updated_at');
    for (const field of CLINICAL) expect(await keys()).not.toContain(field);
  });

  it('bare: have no last_updated_at either', async () => {
    const plain = await keys();
    set({ rows: 'bare' });
    expect(await keys()).toEqual(plain.filter((field) => field !== 'last_updated_at'));
  });

  it('chart: are the whole chart at phi_level=high, and only there', async () => {
    const plain = await keys();
    set({ rows: 'chart' });
    for (const row of await census()) expect(row).toEqual(truth(row.casefile_id));
    expect(await keys('medium')).toEqual(plain);
  });

  it('partial: have the destination and lack some other fields', async () => {
    set({ rows: 'partial' });
    const missing = ['dob', 'discharge_type', 'next_level_of_care'];
    expect((await keys()).toSorted()).toEqual(PATIENT_FIELDS.filter((field) => !missing.includes(field)).toSorted());
  });

  it('stale: have the destination of before its last change', async () => {
    set({ rows: 'stale' });
    const { casefileId } = chartOf(standIn, NAME, 'planned');
    const shown = async () => (await census()).find((row) => row.casefile_id === casefileId);
    expect(await shown()).toMatchObject({ discharge_or_transition_name: null });
    standIn.edit(NAME, casefileId, { discharge_or_transition_name: 'Gull Point House' });
    standIn.edit(NAME, casefileId, { discharge_or_transition_name: 'Two Rivers House' });
    standIn.edit(NAME, casefileId, { program: 'Adult' });
    const now = truth(casefileId);
    expect(await shown()).toEqual({
      ...now,
      discharge_or_transition_name: 'Gull Point House',
    });
    expect((await served(casefileId)).discharge_or_transition_name).toBe('Two Rivers House');
  });

  it.each([
    ['blank', true],
    ['blank-without-ids', false],
  ] as const)('%s: are there with every field empty, in every list; ids: %s', async (rows, ids) => {
    const before = (await census()).map((row) => row.casefile_id);
    set({ rows });
    for (const list of [await census(), await latest()]) {
      expect(list).toHaveLength(40);
      for (const { casefile_id: _, ...fields } of list) {
        expect(Object.values(fields).length).toBeGreaterThan(8);
        expect(Object.values(fields).every((value) => value === null)).toBe(true);
      }
    }
    expect((await census()).map((row) => row.casefile_id)).toEqual(ids ? before : before.map(() => null));
  });
});

describe('dates', () => {
  it.each([
    ['day', /^\d{4}-\d\d-\d\d$/],
    ['time', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/],
    ['offset', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/],
  ] as const)('in one form: %s', async (timestamps, form) => {
    set({ timestamps });
    const { casefileId } = chartOf(standIn, NAME, 'discharged');
    const { admission_date, discharge_date, created_at, last_updated_at } = await served(casefileId);
    for (const date of [admission_date, discharge_date, created_at, last_updated_at]) expect(date).toMatch(form);
    for (const row of await latest()) expect(row.last_updated_at).toMatch(form);
    expect(String(admission_date).slice(0, 10)).toBe(String(truth(casefileId)?.admission_date).slice(0, 10));
  });

  it.each([
    ['America/Los_Angeles', '2026-07-05T00:00:00-07:00', '2026-12-05T00:00:00-08:00', '2026-07-09T18:30:00-07:00'],
    ['Asia/Kolkata', '2026-07-05T00:00:00+05:30', '2026-12-05T00:00:00+05:30', '2026-07-10T07:00:00+05:30'],
    ['UTC', '2026-07-05T00:00:00+00:00', '2026-12-05T00:00:00+00:00', '2026-07-10T01:30:00+00:00'],
  ])(
    'of %s: admission is local midnight, also in winter; other times are the same instant',
    async (timeZone, ...expected) => {
      set({ timeZone, timestamps: 'offset' });
      const summer = standIn.add(NAME, { admission_date: '2026-07-05', discharge_date: '2026-07-10 01:30:00' });
      const winter = standIn.add(NAME, { admission_date: '2026-12-05T00:00:00-05:00' });
      const shown = await served(summer.casefileId);
      expect([shown.admission_date, (await served(winter.casefileId)).admission_date, shown.discharge_date]).toEqual(
        expected,
      );
    },
  );

  it('that cannot be read stay as they are', async () => {
    set({ timestamps: 'offset' });
    const odd = { admission_date: '0000-00-00', discharge_date: '', next_level_of_care_date: null };
    expect(await served(standIn.add(NAME, odd).casefileId)).toMatchObject(odd);
  });
});

describe('values', () => {
  it('levels of care with the prefix', async () => {
    set({ levelPrefix: true });
    const { casefileId } = standIn.add(NAME, { level_of_care: 'IOP', next_level_of_care: ' ' });
    expect(await served(casefileId)).toMatchObject({ level_of_care: 'UR LOC: IOP', next_level_of_care: ' ' });
  });

  it.each([
    [true, '7', '8', '9', '1'],
    [false, 7, 8, 9, 1],
  ])('numbers as text: %s', async (numbersAsText, location_id, discharge_or_transition_id, mr_number, current_page) => {
    set({ numbersAsText });
    for (const write of [Number, String]) {
      const ids = { location_id: write(7), discharge_or_transition_id: write(8), mr_number: write(9) };
      const { casefileId } = standIn.add(NAME, ids);
      expect(await served(casefileId)).toMatchObject({ location_id, discharge_or_transition_id, mr_number });
    }
    expect(listIn(await get(LATEST, ALL_DATES)).pagination.current_page).toBe(current_page);
    const [location] = JSON.parse((await get('/api/locations')).text).locations;
    expect(typeof location.location_id).toBe(numbersAsText ? 'string' : 'number');
  });

  it.each([
    ['lower', false, false],
    ['upper', true, true],
    ['mixed', true, false],
  ] as const)('casefile ids in %s case', async (casefileCase, inCensus, inOthers) => {
    set({ casefileCase });
    const { casefileId } = chartOf(standIn, NAME, 'discharged');
    const spelled = (upper: boolean) => (upper ? casefileId.toUpperCase() : casefileId);
    expect((await census()).map((row) => row.casefile_id)).toContain(spelled(inCensus));
    expect((await latest()).map((row) => row.casefile_id)).toContain(spelled(inOthers));
    expect((await served(casefileId.toUpperCase())).casefile_id).toBe(spelled(inOthers));
  });
});
