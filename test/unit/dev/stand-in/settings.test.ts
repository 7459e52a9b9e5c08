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

describe('Rows of the census', () => {
  const CLINICAL = ['level_of_care', 'program', 'discharge_type', 'discharge_or_transition_name', 'next_level_of_care'];
  const keys = async (level?: string) => Object.keys((await census(level))[0] ?? {});

  it('have no clinical field with the setting plain', async () => {
    expect(await keys()).toContain('last_updated_at');
    for (const field of CLINICAL) expect(await keys()).not.toContain(field);
  });

  it('have no last_updated_at with the setting bare', async () => {
    const plain = await keys();
    set({ rows: 'bare' });
    expect(await keys()).toEqual(plain.filter((field) => field !== 'last_updated_at'));
  });

  it('are the whole chart at phi_level=high only, with the setting chart', async () => {
    const plain = await keys();
    set({ rows: 'chart' });
    for (const row of await census()) expect(row).toEqual(truth(row.casefile_id));
    expect(await keys('medium')).toEqual(plain);
  });

  it('have the destination and not some other fields, with the setting partial', async () => {
    set({ rows: 'partial' });
    const missing = ['dob', 'discharge_type', 'next_level_of_care'];
    expect((await keys()).toSorted()).toEqual(PATIENT_FIELDS.filter((field) => !missing.includes(field)).toSorted());
  });

  it('have the destination from before its last change, with the setting stale', async () => {
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
  ] as const)('have every field empty in every list, with the setting %s; ids: %s', async (rows, ids) => {
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

describe('Dates', () => {
  it.each([
    ['day', /^\d{4}-\d\d-\d\d$/],
    ['time', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/],
    ['offset', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/],
  ] as const)('have one form: %s', async (timestamps, form) => {
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
    'in %s are local midnight for admissions, also in winter, and the same instant otherwise',
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

  it('that cannot be read are unchanged', async () => {
    set({ timestamps: 'offset' });
    const odd = { admission_date: '0000-00-00', discharge_date: '', next_level_of_care_date: null };
    expect(await served(standIn.add(NAME, odd).casefileId)).toMatchObject(odd);
  });
});

describe('Values', () => {
  it('have the prefix of levels of care', async () => {
    set({ levelPrefix: true });
    const { casefileId } = standIn.add(NAME, { level_of_care: 'IOP', next_level_of_care: ' ' });
    expect(await served(casefileId)).toMatchObject({ level_of_care: 'UR LOC: IOP', next_level_of_care: ' ' });
  });

  it.each([
    [true, '7', '8', '9', '1'],
    [false, 7, 8, 9, 1],
  ])(
    'are numbers as text: %s',
    async (numbersAsText, location_id, discharge_or_transition_id, mr_number, current_page) => {
      set({ numbersAsText });
      for (const write of [Number, String]) {
        const ids = { location_id: write(7), discharge_or_transition_id: write(8), mr_number: write(9) };
        const { casefileId } = standIn.add(NAME, ids);
        expect(await served(casefileId)).toMatchObject({ location_id, discharge_or_transition_id, mr_number });
      }
      expect(listIn(await get(LATEST, ALL_DATES)).pagination.current_page).toBe(current_page);
      const [location] = JSON.parse((await get('/api/locations')).text).locations;
      expect(typeof location.location_id).toBe(numbersAsText ? 'string' : 'number');
    },
  );

  it.each([
    ['lower', false, false],
    ['upper', true, true],
    ['mixed', true, false],
  ] as const)('are casefile ids in %s case', async (casefileCase, inCensus, inOthers) => {
    set({ casefileCase });
    const { casefileId } = chartOf(standIn, NAME, 'discharged');
    const spelled = (upper: boolean) => (upper ? casefileId.toUpperCase() : casefileId);
    expect((await census()).map((row) => row.casefile_id)).toContain(spelled(inCensus));
    expect((await latest()).map((row) => row.casefile_id)).toContain(spelled(inOthers));
    expect((await served(casefileId.toUpperCase())).casefile_id).toBe(spelled(inOthers));
  });
});
