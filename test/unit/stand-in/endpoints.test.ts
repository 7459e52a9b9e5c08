import { afterEach, beforeEach, expect, it } from 'vitest';
import { PATIENT_FIELDS, type StandIn, startStandIn } from '../../../dev/stand-in/index.ts';
import { call, chartOf, everyId, idsIn, listIn, patientIn } from './call.ts';

const BORN = new Date('2026-11-03T16:20:30Z');
let clock: Date;
let standIn: StandIn;
beforeEach(async () => {
  clock = BORN;
  standIn = await startStandIn({ bornAt: BORN, now: () => clock });
});
afterEach(() => standIn.close());

const get = (path: string, query = '', instance = 'north-harbor') =>
  call(standIn, instance, path, query, { date: clock });
const latest = '/api/patients/latest';

it('serves the whole record, value for value', async () => {
  for (const { casefileId, patient } of standIn.charts('cedar-grove')) {
    const served = patientIn(await get(`/api/patients/${casefileId}`, 'phi_level=high', 'cedar-grove'));
    expect(served).toEqual(patient);
    expect(Object.keys(served)).toEqual(PATIENT_FIELDS);
  }
});

it('lists rows whose values are those of the record, without the destination', async () => {
  const { patients } = listIn(await get(latest, 'per=100'));
  expect(patients).toHaveLength(40);
  const charts = new Map(standIn.charts('north-harbor').map(({ casefileId, patient }) => [casefileId, patient]));
  for (const row of patients) {
    expect(charts.get(String(row.casefile_id))).toMatchObject(row);
    expect(row).toHaveProperty('last_updated_at');
    expect(row).not.toHaveProperty('discharge_or_transition_name');
  }
});

it.each([
  ['', 20, 2],
  ['page=2', 20, 2],
  ['page=3', 0, 2],
  ['per=7&page=6', 5, 6],
  ['per=100', 40, 1],
  ['per=0', 20, 2],
  ['per=x&page=-1', 20, 2],
])('pages %s into %i rows of %i pages', async (query, rows, pages) => {
  const { patients, pagination } = listIn(await get(latest, query));
  expect(patients).toHaveLength(rows);
  expect(pagination).toMatchObject({ total_pages: pages, total_records: 40 });
});

it('caps a page at 100 rows', async () => {
  const many = await startStandIn({ charts: 130, bornAt: BORN, now: () => BORN });
  const { patients, pagination } = listIn(await call(many, 'blue-mesa', latest, 'per=500', { date: BORN }));
  expect([patients.length, pagination.records_per_page, pagination.total_pages]).toEqual([100, 100, 2]);
  await many.close();
});

it('writes pagination and location ids as strings in every second instance', async () => {
  expect(listIn(await get(latest, 'per=5', 'cedar-grove')).pagination).toEqual({
    current_page: '1',
    total_pages: '8',
    records_per_page: '5',
    total_records: '40',
  });
  const shown = async (name: string) =>
    JSON.parse((await get('/api/locations', '', name)).text).locations[0].location_id;
  expect([typeof (await shown('north-harbor')), typeof (await shown('cedar-grove'))]).toEqual(['number', 'string']);
});

it('lists what was updated in a range of UTC days, both included, the latest first', async () => {
  const [chart] = standIn.charts('north-harbor');
  const id = chart?.casefileId ?? '';
  const find = async (start: string, end: string) =>
    idsIn(await get(latest, `start_date=${start}&end_date=${end}&per=100`)).includes(id);
  standIn.edit('north-harbor', id, { last_updated_at: '2026-10-31T23:59:30-05:00' });
  expect(await find('2026-10-31', '2026-10-31')).toBe(false);
  expect(await find('2026-11-01', '2026-11-01')).toBe(true);
  expect(await find('2026-10-31', '2026-11-02')).toBe(true);
  expect(await find('2026-11-02', '2026-11-01')).toBe(false);
  const ids = await everyIdNow(latest);
  expect(ids).toHaveLength(40);
  const updated = new Map(standIn.charts('north-harbor').map(({ casefileId, updatedAt }) => [casefileId, +updatedAt]));
  const times = ids.map((each) => updated.get(String(each)) ?? 0);
  expect(times).toEqual(times.toSorted((a, b) => b - a));
});

it('answers census with everybody, or with those who were there in the range, and by location', async () => {
  expect(await everyIdNow('/api/patients/census')).toHaveLength(40);
  const gone = chartOf(standIn, 'north-harbor', 'discharged');
  const there = chartOf(standIn, 'north-harbor', 'admitted');
  standIn.edit('north-harbor', gone.casefileId, {
    admission_date: '2026-10-01',
    discharge_date: '2026-10-20 09:00:00',
  });
  standIn.edit('north-harbor', there.casefileId, { admission_date: '2026-10-05', discharge_date: null });
  const ids = idsIn(await get('/api/patients/census', 'start_date=2026-10-21&per=100'));
  expect(ids).not.toContain(gone.casefileId);
  expect(ids).toContain(there.casefileId);
  const place = String(there.patient.location_id);
  const located = idsIn(await get('/api/patients/census', `location_id=${place}&per=100`));
  const expected = standIn.charts('north-harbor').filter(({ patient }) => String(patient.location_id) === place);
  expect(located.toSorted()).toEqual(expected.map(({ casefileId }) => casefileId).toSorted());
});

it('answers admissions by the day of admission', async () => {
  const { casefileId } = chartOf(standIn, 'north-harbor', 'planned');
  standIn.edit('north-harbor', casefileId, { admission_date: '2025-01-02' });
  expect(idsIn(await get('/api/patients/admissions', 'start_date=2025-01-02&end_date=2025-01-02'))).toEqual([
    casefileId,
  ]);
});

it('moves a removed chart from every list into the vault', async () => {
  const { casefileId } = chartOf(standIn, 'north-harbor', 'planned');
  standIn.remove('north-harbor', casefileId);
  expect(idsIn(await get('/api/vaults/patients'))).toEqual([casefileId]);
  expect(await everyIdNow(latest)).not.toContain(casefileId);
  expect(await everyIdNow('/api/patients/census')).not.toContain(casefileId);
  expect((await get(`/api/patients/${casefileId}`)).status).toBe(404);
});

it.each([
  ['/api/patients/1:00000000-0000-4000-8000-000000000000', '', 404],
  ['/api/patients/%E0%A4%A', '', 404],
  ['/api/nothing', '', 404],
  [latest, 'start_date=2026-02-30', 422],
  [latest, 'end_date=yesterday', 422],
  ['/api/patients/census', 'phi_level=all', 422],
])('refuses %s %s with %i', async (path, query, status) => {
  const called = await get(path, query);
  expect([called.status, JSON.parse(called.text)]).toEqual([status, { error: expect.any(String) }]);
});

it('withholds names below the high phi level', async () => {
  const { casefileId, patient } = chartOf(standIn, 'north-harbor', 'planned');
  const served = async (level: string) => patientIn(await get(`/api/patients/${casefileId}`, `phi_level=${level}`));
  expect(await served('low')).toMatchObject({ casefile_id: casefileId, last_name: null, dob: null });
  expect(await served('medium')).toMatchObject({ last_name: patient.last_name, dob: null });
});

it('counts calls by instance and route and logs no path', async () => {
  await get(latest);
  await get(latest, '', 'blue-mesa');
  await get('/api/patients/1:2');
  expect(standIn.calls.count({ route: 'latest' })).toBe(2);
  expect(standIn.calls.count({ instance: 'blue-mesa' })).toBe(1);
  expect(standIn.calls.log.at(-1)).toEqual({ instance: 'north-harbor', route: 'chart', status: 404 });
  standIn.resetCalls();
  expect(standIn.calls.count()).toBe(0);
});

async function everyIdNow(path: string): Promise<unknown[]> {
  return everyId(standIn, 'north-harbor', path, '', 9, clock);
}
