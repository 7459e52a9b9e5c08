import { afterEach, describe, expect, it } from 'vitest';
import { masterIdOf, type StandIn, type StandInOptions, startStandIn } from '../../../../dev/stand-in/index.ts';
import { chartOf } from '../../../support/signedCall.ts';

const START = new Date('2026-11-03T16:20:30.456Z');
const running: StandIn[] = [];
afterEach(async () => void (await Promise.all(running.splice(0).map((standIn) => standIn.close()))));

async function start(options: StandInOptions = {}): Promise<StandIn> {
  const standIn = await startStandIn({ startedAt: START, now: () => START, ...options });
  running.push(standIn);
  return standIn;
}

const NAMES = ['north-harbor', 'cedar-grove', 'blue-mesa'];
const bytes = (standIn: StandIn) => JSON.stringify(NAMES.map((name) => standIn.charts(name)));
const all = (standIn: StandIn) => NAMES.flatMap((name) => standIn.charts(name));

describe('The first charts', () => {
  it('are the same for the same seed and day, byte for byte, and others for another seed', async () => {
    const first = bytes(await start({ ticks: 30 }));
    expect(bytes(await start({ ticks: 30 }))).toBe(first);
    expect(bytes(await start({ ticks: 31 }))).not.toBe(first);
    expect(bytes(await start({ ticks: 30, seed: 2 }))).not.toBe(first);
  });

  it('are of every kind in every instance', async () => {
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

  it('were updated within the last twenty days, not after the start, and created earlier', async () => {
    for (const { updatedAt, patient } of all(await start({ charts: 120 }))) {
      expect(+updatedAt).toBeLessThanOrEqual(+START);
      expect(+updatedAt).toBeGreaterThan(+START - 20 * 24 * 3_600_000);
      expect(instant(patient.last_updated_at)).toBe(+updatedAt);
      expect(instant(String(patient.created_at))).toBeLessThanOrEqual(+updatedAt);
    }
  });

  it('have discharges today, days ago, and in the future', async () => {
    const standIn = await start();
    const day = (kind: string) =>
      new Date(instant(String(chartOf(standIn, 'north-harbor', kind).patient.discharge_date))).toISOString();
    expect(day('discharged-today').slice(0, 10)).toBe('2026-11-03');
    expect(day('discharged') < '2026-11-03').toBe(true);
    expect(day('discharge-ahead') > '2026-11-04').toBe(true);
  });

  it('include a readmission with a new casefile, after the discharge', async () => {
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

  it('differ in every instance in what lists depend on: discharged with a destination, present, several locations', async () => {
    const standIn = await start();
    for (const name of NAMES) {
      const charts = standIn.charts(name);
      const left = charts.filter(({ kind }) => kind === 'discharged');
      expect(left.every(({ patient }) => instant(String(patient.discharge_date)) < +START)).toBe(true);
      expect(left.some(({ patient }) => String(patient.discharge_or_transition_name).trim() !== '')).toBe(true);
      expect(charts.some(({ kind }) => kind === 'admitted')).toBe(true);
      expect(new Set(charts.map(({ patient }) => patient.location_name)).size).toBe(3);
    }
  });

  it('include placeholders, and people whose name begins with Test', async () => {
    const standIn = await start();
    const says = /^test($|[^a-z])/i;
    for (const { kind, patient } of all(standIn)) {
      const found = [patient.mr_number, patient.first_name, patient.last_name].some((text) => says.test(String(text)));
      expect(found).toBe(kind === 'test');
    }
    expect(chartOf(standIn, 'north-harbor', 'nearly-test').patient.last_name).toMatch(/^\s*Test[a-z]+/);
  });
});

it('The charts are as irregular as those of KIPU: three forms of dates, numbers and strings, nulls and empties, blanks and curly quotes', async () => {
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

it.each([0, 1, 3, 41])('A stand-in starts with %i charts', async (charts) => {
  const standIn = await start({ charts, instances: [{ name: 'lone-pine' }, { name: 'far-shore', charts: 2 }] });
  expect([standIn.charts('lone-pine').length, standIn.charts('far-shore').length]).toEqual([charts, 2]);
});

it('A stand-in throws for an unknown instance', async () => {
  const standIn = await start();
  expect(() => standIn.charts('elsewhere')).toThrow('no instance is called elsewhere');
});

it('Admission is written as local midnight in each form, so that its first ten characters are the local day', async () => {
  const zones = { 'north-harbor': 'America/New_York', 'cedar-grove': 'America/Denver', 'blue-mesa': 'Europe/Berlin' };
  const standIn = await start();
  for (const [name, timeZone] of Object.entries(zones)) {
    const dates = standIn.charts(name).flatMap(({ patient }) => String(patient.admission_date ?? '').trim() || []);
    for (const date of dates.filter((text) => text.length > 10)) expect(date.slice(11, 19)).toBe('00:00:00');
    const withOffset = dates.filter((text) => text.includes('T'));
    expect(withOffset.length).toBeGreaterThan(0);
    const clock = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      dateStyle: 'short',
      timeStyle: 'medium',
      hour12: false,
    });
    for (const date of withOffset) {
      expect(clock.format(new Date(date)).replace(', 24:', ', 00:')).toBe(`${date.slice(0, 10)}, 00:00:00`);
    }
  }
});

function instant(text: string): number {
  return Date.parse(/^[\d-]{10} /.test(text) ? `${text.replace(' ', 'T')}Z` : text);
}
