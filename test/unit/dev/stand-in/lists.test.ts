import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Patch, type StandIn, startStandIn } from '../../../../dev/stand-in/index.ts';
import { ALL_DATES, allIds, call, chartOf, chartUri, idsIn, listIn } from '../../../support/signedCall.ts';

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
const allIdsNow = (path: string, query: string) => allIds(standIn, 'north-harbor', path, query, 9, clock);
const [LATEST, CENSUS, ADMISSIONS, VAULTS] = [
  '/api/patients/latest',
  '/api/patients/census',
  '/api/patients/admissions',
  '/api/vaults/patients',
];

describe('The list latest', () => {
  it('has rows with the fields of data warehouses, without the destination', async () => {
    const { patients } = listIn(await get(LATEST, `${ALL_DATES}&per=100`));
    expect(patients).toHaveLength(40);
    const charts = new Map(standIn.charts('north-harbor').map(({ casefileId, patient }) => [casefileId, patient]));
    for (const row of patients) {
      expect(charts.get(String(row.casefile_id))).toMatchObject(row);
      for (const field of ['last_updated_at', 'discharge_date', 'discharge_type', 'discharge_type_code'])
        expect(row).toHaveProperty(field);
      for (const field of ['referrer_name', 'level_of_care', 'location_id', 'location_name'])
        expect(row).toHaveProperty(field);
      for (const field of ['discharge_or_transition_name', 'discharge_or_transition_id', 'next_level_of_care'])
        expect(row).not.toHaveProperty(field);
    }
  });

  it('lists charts updated in a range of UTC days, both included, the latest first', async () => {
    const id = standIn.charts('north-harbor')[0]?.casefileId ?? '';
    const find = async (start: string, end: string) =>
      idsIn(await get(LATEST, `start_date=${start}&end_date=${end}&per=100`)).includes(id);
    standIn.edit('north-harbor', id, { last_updated_at: '2026-10-31T23:59:30-05:00' });
    expect(await find('2026-10-31', '2026-10-31')).toBe(false);
    expect(await find('2026-11-01', '2026-11-01')).toBe(true);
    expect(await find('2026-10-31', '2026-11-02')).toBe(true);
    expect(await find('2026-11-02', '2026-11-01')).toBe(false);
    const ids = await allIdsNow(LATEST, ALL_DATES);
    expect(ids).toHaveLength(40);
    const updated = new Map(
      standIn.charts('north-harbor').map(({ casefileId, updatedAt }) => [casefileId, +updatedAt]),
    );
    const times = ids.map((each) => updated.get(String(each)) ?? 0);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
  });
});

describe('The census', () => {
  const PAST: Patch = { admission_date: '2026-10-01', discharge_date: '2026-10-20 09:00:00' };
  it.each<[string, Patch, string, boolean]>([
    ['here since October', { admission_date: '2026-10-05', discharge_date: null }, '', true],
    ['admitted today', { admission_date: '2026-11-03 00:00:00', discharge_date: '' }, '', true],
    ['admitted tomorrow', { admission_date: '2026-11-04', discharge_date: null }, '', false],
    ['discharged', PAST, '', false],
    ['discharged this morning', { ...PAST, discharge_date: '2026-11-03 09:00:00' }, '', false],
    ['discharged this evening', { ...PAST, discharge_date: '2026-11-03 21:00:00' }, '', true],
    ['discharged, asked from the day after', PAST, 'start_date=2026-10-21', false],
    ['discharged, asked from that day', PAST, 'start_date=2026-10-20', true],
    ['discharged, asked for a day in between', PAST, 'start_date=2026-10-10&end_date=2026-10-10', true],
    ['discharged, asked up to the day before admission', PAST, 'end_date=2026-09-30', false],
    ['here since October, asked for today', { ...PAST, discharge_date: null }, 'start_date=2026-11-03', true],
    ['no record number', { admission_date: '2026-10-05', mr_number: ' ' }, '', true],
    ['no record number, no pre-admissions', { mr_number: '' }, 'exclude_preadmission=true', false],
    ['a record number, no pre-admissions', { mr_number: 'MR-7' }, 'exclude_preadmission=true', true],
    ['no admission date', { admission_date: null }, '', true],
    ['no admission date, asked for today', { admission_date: null }, 'start_date=2026-11-03&end_date=2026-11-03', true],
    ['this location', { location_id: 4711 }, 'location_id=4711', true],
    ['another location', { location_id: 4711 }, 'location_id=4712', false],
    ['an empty location asked for', { location_id: 4711 }, 'location_id=', true],
  ])('of a patient %s', async (_, fields, query, listed) => {
    const { casefileId } = standIn.add('north-harbor', fields);
    expect((await allIdsNow(CENSUS, `phi_level=high&${query}`)).includes(casefileId)).toBe(listed);
  });

  it('lists present patients only, and with dates discharged ones too', async () => {
    const charts = standIn.charts('north-harbor');
    const here = await allIdsNow(CENSUS, 'phi_level=high');
    const left = ['discharged', 'discharged-today', 'blank-destination'];
    expect(charts.filter(({ kind }) => kind === 'discharged').length).toBeGreaterThan(2);
    for (const { casefileId, kind, patient } of charts) {
      const hasLeft =
        left.includes(kind) && ![null, '', '0000-00-00'].includes(patient.discharge_date as string | null);
      if (kind === 'admitted' || kind === 'planned') expect(here).toContain(casefileId);
      if (hasLeft) expect(here).not.toContain(casefileId);
    }
    expect(await allIdsNow(CENSUS, `phi_level=high&${ALL_DATES}`)).toHaveLength(40);
  });

  it('changes as time passes, at a discharge and when the day of an admission begins, and with a setting', async () => {
    const since = { admission_date: '2026-10-05' };
    const leaving = standIn.add('north-harbor', { ...since, discharge_date: '2026-11-03 16:20:40' });
    const coming = standIn.add('north-harbor', { admission_date: '2026-11-04', discharge_date: null });
    const here = async (at: string) => {
      clock = new Date(at);
      const ids = await allIdsNow(CENSUS, 'phi_level=high');
      return [leaving, coming].map(({ casefileId }) => ids.includes(casefileId));
    };
    expect(await here('2026-11-03T16:20:39Z')).toEqual([true, false]);
    expect(await here('2026-11-03T16:20:40Z')).toEqual([false, false]);
    // Midnight in New York.
    expect(await here('2026-11-04T04:59:59Z')).toEqual([false, false]);
    expect(await here('2026-11-04T05:00:00Z')).toEqual([false, true]);
    expect(await here('2026-11-03T16:20:39Z')).toEqual([true, false]);
    standIn.configure({ instances: { 'north-harbor': { vanished: 1 } } });
    expect(await here('2026-11-03T16:20:39Z')).toEqual([false, false]);
  });

  it('uses the day on the clock of the instance', async () => {
    clock = new Date('2026-11-03T20:00:00Z');
    const day = { admission_date: '2026-11-04', discharge_date: null };
    const berlin = standIn.add('blue-mesa', day);
    clock = new Date('2026-11-03T23:30:00Z');
    expect(await allIds(standIn, 'blue-mesa', CENSUS, 'phi_level=high', 50, clock)).toContain(berlin.casefileId);
    const newYork = standIn.add('north-harbor', day);
    expect(await allIdsNow(CENSUS, 'phi_level=high')).not.toContain(newYork.casefileId);
  });
});

it.each([
  ['2025-01-02', 'start_date=2025-01-02&end_date=2025-01-02', true],
  ['2025-01-02T00:00:00+05:30', 'start_date=2025-01-02&end_date=2025-01-02', true],
  ['2025-01-02', 'start_date=2025-01-03&end_date=2025-02-01', false],
  ['', ALL_DATES, false],
])(
  'The list admissions finds the admission of %s by its local day for %s: %s',
  async (admission_date, query, listed) => {
    const { casefileId } = standIn.add('north-harbor', { admission_date });
    const ids = await allIdsNow(ADMISSIONS, `phi_level=high&${query}`);
    expect(ids.includes(casefileId)).toBe(listed);
  },
);

it('A removed chart moves from every list to the vault', async () => {
  const { casefileId } = chartOf(standIn, 'north-harbor', 'planned');
  standIn.remove('north-harbor', casefileId);
  expect(idsIn(await get(VAULTS))).toEqual([casefileId]);
  expect(idsIn(await get(VAULTS, 'start_date=2026-11-03&end_date=2026-11-03'))).toEqual([casefileId]);
  expect(idsIn(await get(VAULTS, 'end_date=2026-11-02'))).toEqual([]);
  expect(await allIdsNow(LATEST, ALL_DATES)).not.toContain(casefileId);
  expect(await allIdsNow(CENSUS, 'phi_level=high')).not.toContain(casefileId);
  expect((await get(...chartUri(casefileId))).status).toBe(404);
});
