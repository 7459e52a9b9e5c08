import { describe, expect, it } from 'vitest';
import type { CallFacts, SampleFacts, Sampler } from '../../../kipu/index.ts';
import { answer, failureOf, startRawServer, testClient } from '../../support/rawServer.ts';

const MASTER = '5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe';
const id = (number: number) => `${number}:${MASTER}`;
const days = { startDay: '2026-01-01', endDay: '2026-01-31' };

type Question = 'left' | 'named';
type Patient = Record<string, unknown>;

/** Starts a KIPU with these lists (by path, page by page) and charts (by number), and returns a sampler of it. */
async function samplerOf(lists: Record<string, Patient[][]>, charts: Record<string, unknown> = {}) {
  const asked: string[] = [];
  const server = await startRawServer((socket, head) => {
    const uri = new URL(head.split(' ')[1] ?? '', 'http://kipu');
    asked.push(uri.pathname);
    const pages = lists[uri.pathname];
    const page = Number(uri.searchParams.get('page'));
    const patient = charts[uri.pathname.split('/')[3] ?? ''];
    const body =
      pages === undefined
        ? { patient }
        : {
            pagination: { total_pages: pages.length, total_records: pages.flat().length },
            patients: pages[page - 1] ?? [],
          };
    socket.write(answer(pages === undefined && patient === undefined ? 404 : 200, JSON.stringify(body)));
  });
  const sampler = testClient(server.url).sampler<Question>({
    questions: { left: ({ dischargeDate }) => dischargeDate !== null, named: ({ firstName }) => firstName !== null },
    zones: [],
    alternate: ({ dischargeDate }) => dischargeDate !== null,
  });
  return { sampler, asked };
}

const latest = (sampler: Sampler<Question>, page = 1) => sampler.latest({ ...days, page, per: 2 });
const list = (facts: SampleFacts<Question>, name: keyof SampleFacts<Question>['lists']) => {
  const found = facts.lists[name];
  if (found === null) throw new Error(`the list ${name} was not read`);
  return found;
};

describe('A sampler', () => {
  it('counts rows, repeated and unusable ones, blank ones, keys, dates and answers, over pages', async () => {
    const { sampler } = await samplerOf({
      '/api/patients/latest': [
        [
          {
            casefile_id: id(1),
            first_name: 'Ada',
            mr_number: 7,
            dob: '1990-01-02',
            discharge_date: '2026-01-05 10:00:00',
          },
          { casefile_id: id(1), first_name: ' ', mr_number: '7', dob: '1990-01-02 00:00:00', discharge_date: null },
        ],
        [
          { casefile_id: id(2).toUpperCase(), first_name: null, mr_number: '', dob: '1990-02-30' },
          { casefile_id: 'none', first_name: 'Ben', created_at: '2026-01-05T10:00:00-05:00' },
        ],
      ],
    });
    expect(await latest(sampler)).toBe(2);
    expect(list(sampler.facts(), 'latest').complete).toBe(false);
    expect(await latest(sampler, 2)).toBe(null);
    const facts = sampler.facts();
    const { keys, dates, ...seen } = list(facts, 'latest');
    expect(seen).toEqual({
      ...{ seen: 4, pages: 2, complete: true, totalRecords: 4, refused: 1, blank: 0, withChart: 0, repeated: 1 },
      ...{ ids: { capitals: 1, small: 2 }, unreadable: { dob: 1 }, yes: { left: 1, named: 1 } },
    });
    expect(keys.first_name).toEqual({ present: 4, filled: 2, numbers: 0, digits: 0 });
    expect(keys.mr_number).toEqual({ present: 3, filled: 2, numbers: 1, digits: 1 });
    expect(keys.last_name).toEqual({ present: 0, filled: 0, numbers: 0, digits: 0 });
    expect(dates.dob).toEqual({ day: 1, clock: 1, utc: 0, offset: 0, midnight: 1 });
    expect(dates.discharge_date).toEqual({ day: 0, clock: 1, utc: 0, offset: 0, midnight: 0 });
    // A row without a usable id belongs to no chart, and an empty one does not describe its chart.
    expect(facts.everywhere).toEqual({ charts: 1, yes: { left: 1, named: 1 } });
    expect(facts.lists.census).toBeNull();
  });

  it('distinguishes the census of days from the current census', async () => {
    const { sampler } = await samplerOf({ '/api/patients/census': [[{ casefile_id: id(1), first_name: 'Ada' }]] });
    await sampler.census({ ...days, page: 1, per: 5 });
    expect(sampler.facts().lists.hereNow).toBeNull();
    await sampler.census({ page: 1, per: 5 });
    expect(list(sampler.facts(), 'census').seen + list(sampler.facts(), 'hereNow').seen).toBe(2);
  });

  it('reads each chart once, alternating discharged and other ones, and none of the vault', async () => {
    const discharged = (number: number) => ({ casefile_id: id(number), discharge_date: '2026-01-05' });
    const here = (number: number) => ({ casefile_id: id(number) });
    const rows = [here(1), here(2), here(3), discharged(4), discharged(5), discharged(4)];
    const charts = Object.fromEntries(rows.map((row) => [row.casefile_id.split(':')[0], row]));
    const { sampler, asked } = await samplerOf(
      { '/api/patients/latest': [rows], '/api/vaults/patients': [[here(9)]] },
      charts,
    );
    await latest(sampler);
    await sampler.vaulted({ page: 1, per: 5 });
    const found: boolean[] = [];
    for (let read = 0; read < 6; read += 1) found.push(await sampler.chart());
    expect(found).toEqual([true, true, true, true, true, false]);
    expect(asked.slice(2)).toEqual([4, 1, 5, 2, 3].map((number) => `/api/patients/${number}`));
    expect(sampler.facts().charts).toMatchObject({ seen: 5, yes: { left: 2, named: 0 } });
  });

  it('compares rows of the census with their charts, unless the chart changed in between', async () => {
    const row = (number: number, rest: Patient) => ({ casefile_id: id(number), first_name: 'Ada', ...rest });
    const at = (minute: number) => `2026-01-05 10:0${minute}:00`;
    const { sampler } = await samplerOf(
      {
        '/api/patients/census': [
          [
            row(1, { level_of_care: 'IOP', last_updated_at: at(1) }),
            row(2, { level_of_care: 'IOP', last_updated_at: at(1) }),
            row(3, { level_of_care: 'IOP', last_updated_at: at(1) }),
            row(4, { discharge_or_transition_name: null }),
            row(5, { first_name: '', last_name: null }),
          ],
        ],
      },
      {
        1: row(1, { level_of_care: 'IOP ', program: 'Adult', last_updated_at: at(1) }),
        2: row(2, { level_of_care: 'PHP', last_updated_at: at(1) }),
        3: row(3, { level_of_care: 'PHP', last_updated_at: at(2) }),
        4: row(4, { discharge_or_transition_name: 'Oak Lodge' }),
        5: row(5, {}),
      },
    );
    await sampler.census({ ...days, page: 1, per: 9 });
    while (await sampler.chart());
    expect(sampler.facts().rowsBesideCharts).toEqual({
      ...{ compared: 3, differ: 2 },
      keys: { level_of_care: 1, discharge_or_transition_name: 1 },
    });
  });

  it.each<[string, unknown, string]>([
    ['about another chart', { casefile_id: id(2) }, 'chart-unreadable'],
    ['without a patient', null, 'chart-unreadable'],
    ['of no chart', undefined, 'not-found'],
  ])('rejects an answer %s, and counts nothing of it', async (_, patient, code) => {
    const { sampler } = await samplerOf({ '/api/patients/latest': [[{ casefile_id: id(1) }]] }, { 1: patient });
    await latest(sampler);
    expect((await failureOf(sampler.chart())).code).toBe(code);
    expect(sampler.facts().charts.seen).toBe(0);
    expect(await sampler.chart()).toBe(false);
  });

  it('returns no value, and no key that is not one of a chart', async () => {
    const marked = Object.fromEntries(
      ['mr_number', 'first_name', 'level_of_care', 'dob', 'zzmark_key', 'zzmark'].map((key) => [key, `zzmark ${key}`]),
    );
    const patient = { casefile_id: id(1), created_at: '2026-01-05T10:11:12-05:00', ...marked };
    const lists = { '/api/patients/latest': [[patient]], '/api/patients/census': [[patient]] };
    const { sampler } = await samplerOf(lists, { 1: { ...patient, last_name: 'zzmark' } });
    await latest(sampler);
    await sampler.census({ page: 1, per: 5 });
    await sampler.chart();
    expect(sampler.facts().charts.seen).toBe(1);
    expect(JSON.stringify(sampler.facts())).not.toMatch(/zzmark|5ca1ab1e|10:11|2026/);
  });
});

describe('onCall', () => {
  it('gets the route, status, time and clock of every call, also of a failed one', async () => {
    const calls: CallFacts[] = [];
    const now = () => new Date('2026-01-06T09:08:07Z');
    const date = 'Tue, 06 Jan 2026 09:07:07 GMT';
    let status = 200;
    const server = await startRawServer((socket) => {
      if (status === 0) socket.destroy();
      else socket.write(answer(status, '{"locations":[]}', status === 200 ? { date } : {}));
    });
    const client = testClient(server.url, { now, onCall: (call) => calls.push(call) });
    await client.locations();
    status = 403;
    await failureOf(client.chart(id(1)));
    status = 0;
    await failureOf(client.locations());
    // Never sent.
    await failureOf(client.chart('nobody'));
    expect(calls).toEqual([
      { route: 'GET /api/locations', status: 200, code: null, ms: expect.any(Number), clockSkewMs: 60_000 },
      {
        route: 'GET /api/patients/{patient_id}',
        status: 403,
        code: 'forbidden',
        ms: expect.any(Number),
        clockSkewMs: null,
      },
      { route: 'GET /api/locations', status: null, code: 'connection-lost', ms: expect.any(Number), clockSkewMs: null },
    ]);
  });
});
