import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PATIENT_FIELDS, type StandIn, startStandIn } from '../../../../dev/stand-in/index.ts';
import { ALL_DATES, allIds, call, chartOf, chartUri, listIn, patientIn } from '../../../support/signedCall.ts';

const START = new Date('2026-11-03T16:20:30Z');
let clock: Date;
let standIn: StandIn;
beforeEach(async () => {
  clock = START;
  standIn = await startStandIn({ startedAt: START, now: () => clock });
});
afterEach(() => standIn.close());

const get = (path: string, query = '', instance = 'north-harbor') =>
  call(standIn, instance, path, query, { date: clock });
const [LATEST, CENSUS, ADMISSIONS, VAULTS] = [
  '/api/patients/latest',
  '/api/patients/census',
  '/api/patients/admissions',
  '/api/vaults/patients',
];

describe('A chart', () => {
  it('is served completely, value for value', async () => {
    for (const { casefileId, patient } of standIn.charts('cedar-grove')) {
      const served = patientIn(await get(...chartUri(casefileId), 'cedar-grove'));
      expect(served).toEqual(patient);
      expect(Object.keys(served)).toEqual(PATIENT_FIELDS);
    }
  });

  const ID = '12:0d9c2b4e-7f31-4a55-9c1e-3b5d7f9a1c2e';
  const OTHER = '00000000-0000-4000-8000-000000000000';
  it.each([
    ['the pair', '12', `phi_level=high&patient_master_id=${ID.slice(3)}`, 200],
    ['the master id in capitals', '12', `phi_level=high&patient_master_id=${ID.slice(3).toUpperCase()}`, 200],
    ['the switches of details', '12', `phi_level=high&patient_master_id=${ID.slice(3)}&insurance_detail=v121`, 200],
    ['no phi_level', '12', `patient_master_id=${ID.slice(3)}`, 422],
    ['an empty phi_level', '12', `phi_level=&patient_master_id=${ID.slice(3)}`, 422],
    ['an unknown phi_level', '12', `phi_level=all&patient_master_id=${ID.slice(3)}`, 422],
    ['no patient_master_id', '12', 'phi_level=high', 422],
    ['an empty patient_master_id', '12', 'phi_level=high&patient_master_id=', 422],
    ['neither', '12', '', 422],
    ['another number', '13', `phi_level=high&patient_master_id=${ID.slice(3)}`, 404],
    ['another master id', '12', `phi_level=high&patient_master_id=${OTHER}`, 404],
    ['the casefile id in the path', ID, `phi_level=high&patient_master_id=${ID.slice(3)}`, 404],
    ['the casefile id, encoded', ID.replace(':', '%3A'), `phi_level=high&patient_master_id=${ID.slice(3)}`, 404],
    ['a name in the path', 'somebody', `phi_level=high&patient_master_id=${ID.slice(3)}`, 404],
    ['something below it', '12/care_team', `phi_level=high&patient_master_id=${ID.slice(3)}`, 404],
  ])('requested with %s answers', async (_, id, query, status) => {
    standIn.add('north-harbor', { casefile_id: ID });
    const called = await get(`/api/patients/${id}`, query);
    expect(called.status).toBe(status);
    if (status === 200) expect(patientIn(called).casefile_id).toBe(ID);
    else expect(JSON.parse(called.text)).toEqual({ errors: expect.any(String) });
  });

  it('has no names below the phi level high', async () => {
    const { casefileId, patient } = chartOf(standIn, 'north-harbor', 'planned');
    const served = async (level: string) => patientIn(await get(...chartUri(casefileId, level)));
    expect(await served('low')).toMatchObject({ casefile_id: casefileId, last_name: null, dob: null });
    expect(await served('medium')).toMatchObject({ last_name: patient.last_name, dob: null });
  });
});

describe('Parameters', () => {
  it.each([
    [LATEST, '', 422],
    [LATEST, 'start_date=2026-11-01', 422],
    [LATEST, 'end_date=2026-11-01', 422],
    [LATEST, 'start_date=2026-02-30&end_date=2026-11-01', 422],
    [LATEST, 'start_date=2026-11-01&end_date=yesterday', 422],
    [LATEST, 'start_date=2026-11-01&end_date=2026-11-03', 200],
    [LATEST, 'start_date=2026-11-01&end_date=2026-11-03&phi_level=all', 200],
    [CENSUS, '', 422],
    [CENSUS, 'phi_level=all', 422],
    [CENSUS, 'phi_level=high&start_date=soon', 422],
    [CENSUS, 'phi_level=low', 200],
    [ADMISSIONS, '', 422],
    [ADMISSIONS, 'phi_level=high', 422],
    [ADMISSIONS, ALL_DATES, 422],
    [ADMISSIONS, `phi_level=high&${ALL_DATES}`, 200],
    [VAULTS, '', 200],
    [VAULTS, 'start_date=never', 422],
    ['/api/locations', '', 200],
    ['/api/nothing', '', 404],
    ['/api/patients', '', 404],
  ])('%s?%s', async (path, query, status) => {
    const called = await get(path, query);
    expect(called.status).toBe(status);
    if (status !== 200) expect(JSON.parse(called.text)).toEqual({ errors: expect.any(String) });
  });
});

describe('Pages', () => {
  it.each([
    ['', 20, 2],
    ['page=2', 20, 2],
    ['page=3', 0, 2],
    ['per=7&page=6', 5, 6],
    ['per=100', 40, 1],
    ['per=0', 20, 2],
    ['per=x&page=-1', 20, 2],
  ])('%s: %i rows of %i pages', async (query, rows, pages) => {
    const { patients, pagination } = listIn(await get(LATEST, `${ALL_DATES}&${query}`));
    expect(patients).toHaveLength(rows);
    expect(pagination).toMatchObject({ total_pages: pages, total_records: 40 });
  });

  it.each([
    [LATEST, ALL_DATES],
    [CENSUS, `phi_level=high&${ALL_DATES}`],
    [ADMISSIONS, `phi_level=high&${ALL_DATES}`],
    [VAULTS, ''],
  ])('of %s have 20 rows by default, and at most 100', async (path, query) => {
    const many = await startStandIn({ charts: 0, instances: [{ name: 'many' }], startedAt: START, now: () => START });
    for (let n = 0; n < 130; n += 1) {
      const { casefileId } = many.add('many');
      if (path === VAULTS) many.remove('many', casefileId);
    }
    const shape = async (per: string) => {
      const { patients, pagination } = listIn(await call(many, 'many', path, `${query}&${per}`, { date: START }));
      return [patients.length, pagination.records_per_page, pagination.total_pages, pagination.total_records];
    };
    expect([await shape(''), await shape('per=500')]).toEqual([
      [20, 20, 7, 130],
      [100, 100, 2, 130],
    ]);
    expect(new Set(await allIds(many, 'many', path, query, 50, START)).size).toBe(130);
    await many.close();
  });

  it('have numbers as strings in every second instance, as locations do', async () => {
    expect(listIn(await get(LATEST, `${ALL_DATES}&per=5`, 'cedar-grove')).pagination).toEqual({
      current_page: '1',
      total_pages: '8',
      records_per_page: '5',
      total_records: '40',
    });
    const shown = async (name: string) =>
      JSON.parse((await get('/api/locations', '', name)).text).locations[0].location_id;
    expect([typeof (await shown('north-harbor')), typeof (await shown('cedar-grove'))]).toEqual(['number', 'string']);
  });
});

it('Every chart is at an enabled location', async () => {
  for (const instance of ['north-harbor', 'cedar-grove']) {
    const { locations } = JSON.parse((await get('/api/locations', '', instance)).text);
    const enabled = locations
      .filter((location: { enabled: boolean }) => location.enabled)
      .map(({ location_id, location_name }: Record<string, unknown>) => ({ location_id, location_name }));
    expect([locations.length, enabled.length]).toEqual([4, 3]);
    for (const { patient } of standIn.charts(instance)) {
      const { location_id, location_name } = patient;
      expect(enabled).toContainEqual({ location_id, location_name });
    }
  }
});

it('Calls are counted by instance and route, without paths', async () => {
  await get(LATEST, ALL_DATES);
  await get(LATEST, ALL_DATES, 'blue-mesa');
  await get('/api/patients/1', 'phi_level=high&patient_master_id=2');
  await get('/api/patients/1:2');
  expect(standIn.calls.count({ route: 'latest' })).toBe(2);
  expect(standIn.calls.count({ instance: 'blue-mesa' })).toBe(1);
  expect(standIn.calls.log.slice(-2)).toEqual([
    { instance: 'north-harbor', route: 'chart', status: 404, at: expect.any(Number) },
    { instance: 'north-harbor', route: null, status: 404, at: expect.any(Number) },
  ]);
  standIn.calls.reset();
  expect(standIn.calls.count()).toBe(0);
});
