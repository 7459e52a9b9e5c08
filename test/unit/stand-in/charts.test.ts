import { afterEach, describe, expect, it } from 'vitest';
import { masterIdOf, type StandIn, type StandInOptions, startStandIn } from '../../../dev/stand-in/index.ts';
import { chartOf } from './call.ts';

const BORN = new Date('2026-11-03T16:20:30.456Z');
const running: StandIn[] = [];
afterEach(async () => void (await Promise.all(running.splice(0).map((standIn) => standIn.close()))));

async function start(options: StandInOptions = {}): Promise<StandIn> {
  const standIn = await startStandIn({ bornAt: BORN, now: () => BORN, ...options });
  running.push(standIn);
  return standIn;
}

const NAMES = ['north-harbor', 'cedar-grove', 'blue-mesa'];
const bytes = (standIn: StandIn) => JSON.stringify(NAMES.map((name) => standIn.charts(name)));
const all = (standIn: StandIn) => NAMES.flatMap((name) => standIn.charts(name));

describe('birth', () => {
  it('gives the same charts for the same seed and day, byte for byte, and others for another seed', async () => {
    const first = bytes(await start({ ticks: 30 }));
    expect(bytes(await start({ ticks: 30 }))).toBe(first);
    expect(bytes(await start({ ticks: 31 }))).not.toBe(first);
    expect(bytes(await start({ ticks: 30, seed: 2 }))).not.toBe(first);
  });

  it('has charts of every kind in every instance', async () => {
    const standIn = await start();
    for (const name of NAMES) {
      expect(new Set(standIn.charts(name).map(({ kind }) => kind)).size).toBe(12);
      expect(standIn.charts(name)).toHaveLength(40);
    }
    const missing = ['mr_number', 'first_name', 'last_name', 'dob', 'admission_date'] as const;
    const notReady = standIn.charts('blue-mesa').filter(({ kind }) => kind === 'not-ready');
    const left = notReady.map(({ patient }) => missing.filter((field) => !String(patient[field] ?? '').trim()));
    expect(left.flat().toSorted()).toEqual(missing.toSorted());
  });

  it('was updated within the last twenty days, never after birth, and made before', async () => {
    for (const { updatedAt, patient } of all(await start({ charts: 120 }))) {
      expect(+updatedAt).toBeLessThanOrEqual(+BORN);
      expect(+updatedAt).toBeGreaterThan(+BORN - 20 * 24 * 3_600_000);
      expect(instant(patient.last_updated_at)).toBe(+updatedAt);
      expect(instant(String(patient.created_at))).toBeLessThanOrEqual(+updatedAt);
    }
  });

  it('discharges some today, some days ago, some in days to come', async () => {
    const standIn = await start();
    const day = (kind: string) =>
      new Date(instant(String(chartOf(standIn, 'north-harbor', kind).patient.discharge_date))).toISOString();
    expect(day('discharged-today').slice(0, 10)).toBe('2026-11-03');
    expect(day('discharged') < '2026-11-03').toBe(true);
    expect(day('discharge-ahead') > '2026-11-04').toBe(true);
  });

  it('readmits a person in a new casefile, after the discharge', async () => {
    const standIn = await start();
    const again = chartOf(standIn, 'north-harbor', 'readmission');
    const stays = standIn
      .charts('north-harbor')
      .filter(({ casefileId }) => masterIdOf(casefileId) === masterIdOf(again.casefileId));
    expect(stays.map(({ kind }) => kind)).toEqual(['discharged', 'readmission']);
    expect(instant(String(again.patient.admission_date).slice(0, 10))).toBeGreaterThanOrEqual(
      instant(String(stays[0]?.patient.discharge_date).slice(0, 10)),
    );
  });

  it('has placeholders, and people whose name merely begins with Test', async () => {
    const standIn = await start();
    const says = /^test($|[^a-z])/i;
    for (const { kind, patient } of all(standIn)) {
      const found = [patient.mr_number, patient.first_name, patient.last_name].some((text) => says.test(String(text)));
      expect(found).toBe(kind === 'test');
    }
    expect(chartOf(standIn, 'north-harbor', 'nearly-test').patient.last_name).toMatch(/^\s*Test[a-z]+/);
  });
});

it('is as untidy as KIPU: three forms of dates, numbers and strings, nulls and empties, blanks and curly quotes', async () => {
  const charts = all(await start());
  const values = (field: keyof (typeof charts)[0]['patient']) => charts.map(({ patient }) => patient[field]);
  const forms = [/^\d{4}-\d\d-\d\d$/, /^[\d-]{10} \d\d:\d\d:\d\d$/, /^[\d-]{10}T\d\d:\d\d:\d\d[+-]\d\d:\d\d$/];
  for (const form of forms)
    expect(values('admission_date').filter((date) => form.test(String(date)))).not.toHaveLength(0);
  for (const form of forms)
    expect(values('discharge_date').filter((date) => form.test(String(date)))).not.toHaveLength(0);
  for (const stamp of values('last_updated_at'))
    expect(forms.slice(1).some((form) => form.test(String(stamp)))).toBe(true);
  expect(new Set(values('mr_number').map((value) => typeof value))).toEqual(new Set(['number', 'string']));
  expect(values('middle_name')).toEqual(expect.arrayContaining([null, '', ' ']));
  const destinations = values('discharge_or_transition_name').join('|');
  expect(destinations).toMatch(/[\u2018\u2019]/);
  for (const mark of ['\u201c', '\u00a0', '\t']) expect(destinations).toContain(mark);
});

it.each([0, 1, 3, 41])('is born with %i charts', async (charts) => {
  const standIn = await start({ charts, instances: [{ name: 'lone-pine' }, { name: 'far-shore', charts: 2 }] });
  expect([standIn.charts('lone-pine').length, standIn.charts('far-shore').length]).toEqual([charts, 2]);
});

it('knows no other instance', async () => {
  const standIn = await start();
  expect(() => standIn.charts('elsewhere')).toThrow('no instance is called elsewhere');
});

function instant(text: string): number {
  return Date.parse(/^[\d-]{10} /.test(text) ? `${text.replace(' ', 'T')}Z` : text);
}
