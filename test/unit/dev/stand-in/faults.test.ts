import { get as httpGet } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Fault, type StandIn, startStandIn } from '../../../../dev/stand-in/index.ts';
import { ALL_DATES, allIds, call, chartUri, idsIn, listIn, patientIn } from '../../../support/signedCall.ts';

let standIn: StandIn;
beforeEach(async () => {
  standIn = await startStandIn({ charts: 20 });
});
afterEach(() => standIn.close());

const LATEST = '/api/patients/latest';
const latest = (query = '', instance = 'north-harbor') => call(standIn, instance, LATEST, `${ALL_DATES}&${query}`);
const statuses = async (times: number, query = '') => {
  const found: number[] = [];
  for (let n = 0; n < times; n += 1) found.push((await latest(query)).status);
  return found;
};

describe('The fault plan', () => {
  it.each<[string, Partial<Fault>, number[]]>([
    ['once', {}, [503, 200, 200, 200]],
    ['twice', { times: 2 }, [503, 503, 200, 200]],
    ['always', { times: 'always' }, [503, 503, 503, 503]],
    ['every second time', { everySecond: true }, [503, 200, 503, 200]],
    ['every second time, once', { everySecond: true, times: 1 }, [503, 200, 200, 200]],
    ['at another route', { route: 'census' }, [200, 200, 200, 200]],
    ['in another instance', { instance: 'blue-mesa' }, [200, 200, 200, 200]],
    ['on another page', { page: 2 }, [200, 200, 200, 200]],
    ['on this page', { page: 1, route: 'latest', instance: 'north-harbor' }, [503, 200, 200, 200]],
    ['for another chart', { casefileId: '1:2' }, [200, 200, 200, 200]],
  ])('applies a fault to %s', async (_, target, expected) => {
    standIn.faults.inject({ ...target, kind: 'status', status: 503 });
    expect(await statuses(4)).toEqual(expected);
  });

  it('removes one fault, and clears all', async () => {
    const handle = standIn.faults.inject({ kind: 'status', status: 500, times: 'always' });
    expect(await statuses(2)).toEqual([500, 500]);
    handle.remove();
    expect([...(await statuses(1)), handle.applied]).toEqual([200, 2]);
    standIn.faults.inject({ kind: 'status', status: 500 });
    standIn.faults.clear();
    expect(await statuses(1)).toEqual([200]);
  });

  it('applies a fault to one chart', async () => {
    const [first, second] = standIn.charts('north-harbor').map(({ casefileId }) => casefileId);
    standIn.faults.inject({ kind: 'status', status: 404, ...(first && { casefileId: first }), times: 'always' });
    expect((await call(standIn, 'north-harbor', ...chartUri(first ?? ''))).status).toBe(404);
    expect((await call(standIn, 'north-harbor', ...chartUri(second ?? ''))).status).toBe(200);
  });
});

it.each([400, 401, 403, 404, 410, 422, 429, 500, 502, 503, 504])('A status fault answers %i', async (status) => {
  standIn.faults.inject({ kind: 'status', status });
  const called = await latest();
  expect([called.status, JSON.parse(called.text)]).toEqual([status, { errors: expect.any(String) }]);
  expect(called.headers).not.toHaveProperty('retry-after');
  expect(standIn.calls.count({ status })).toBe(1);
});

it.each(['7', '0', 'soon', '86400', 'Wed, 04 Nov 2026 10:00:00 GMT'])(
  'A status fault has Retry-After %s',
  async (retryAfter) => {
    standIn.faults.inject({ kind: 'status', status: 429, retryAfter });
    expect((await latest()).headers['retry-after']).toBe(retryAfter);
  },
);

it.each<[Fault, string, string]>([
  [{ kind: 'html' }, 'text/html; charset=utf-8', '<!DOCTYPE html>'],
  [{ kind: 'empty-object' }, 'application/json; charset=utf-8', '{}'],
  [{ kind: 'null' }, 'application/json; charset=utf-8', 'null'],
  [{ kind: 'content-type' }, 'text/plain', '{"pagination":'],
  [{ kind: 'content-type', contentType: 'image/png' }, 'image/png', '{"pagination":'],
])('A body fault answers 200 with %j', async (fault, type, start) => {
  standIn.faults.inject(fault);
  const called = await latest();
  expect([called.status, called.headers['content-type']]).toEqual([200, type]);
  expect(called.text.startsWith(start)).toBe(true);
});

it('A body fault answers with an empty body, and with half of it', async () => {
  standIn.faults.inject({ kind: 'empty' });
  expect((await latest()).text).toBe('');
  standIn.faults.inject({ kind: 'truncated' });
  const { text } = await latest();
  expect(text.length).toBeGreaterThan(100);
  expect(() => JSON.parse(text)).toThrow(SyntaxError);
});

it.each([
  ['start', 0],
  ['body', 200],
] as const)('A reset fault drops the connection at the %s', async (at, status) => {
  standIn.faults.inject({ kind: 'reset', at });
  await expect(latest()).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(standIn.calls.count({ status })).toBe(1);
});

it.each<[Fault, number]>([
  [{ kind: 'huge', times: 'always' }, 3_000_000],
  [{ kind: 'drip', everyMs: 1, times: 'always' }, 5],
])('A fault with %j sends until the client disconnects', async (fault, enough) => {
  standIn.faults.inject(fault);
  const received = await new Promise<number>((resolve, reject) => {
    let bytes = 0;
    httpGet(`${standIn.url}${LATEST}`, (answer) => {
      answer.on('data', (part: Buffer) => {
        bytes += part.length;
        if (bytes >= enough) answer.destroy();
      });
      answer.on('close', () => resolve(bytes));
    }).on('error', reject);
  });
  expect(received).toBeGreaterThanOrEqual(enough);
});

it('A huge or slow body is sent completely', async () => {
  standIn.faults.inject({ kind: 'huge', bytes: 1_000_000 });
  const { text } = await latest();
  expect([text.length > 1_000_000, typeof JSON.parse(text)]).toEqual([true, 'object']);
  standIn.faults.inject({ kind: 'drip', everyMs: 0, route: 'vaults' });
  expect(listIn(await call(standIn, 'north-harbor', '/api/vaults/patients')).patients).toEqual([]);
});

it('A redirect names another host', async () => {
  standIn.faults.inject({ kind: 'redirect', location: 'http://127.0.0.2/api', status: 307 });
  const { status, headers } = await latest();
  expect([status, headers.location]).toEqual([307, 'http://127.0.0.2/api']);
});

it('A delayed answer is sent late, even if the client has disconnected', async () => {
  standIn.faults.inject({ kind: 'delay', ms: 20 });
  expect((await latest()).status).toBe(200);
  const { calls, faults } = standIn;
  const hour = faults.inject({ kind: 'delay', ms: 3_600_000 });
  const failed = expect(latest()).rejects.toThrow();
  await expect.poll(() => hour.applied).toBe(1);
  await standIn.close();
  await failed;
  expect(calls.count()).toBe(1);
});

it.each<[Extract<Fault, { kind: 'pagination' }>['form'], number, unknown]>([
  ['strings', 1, { current_page: '1', total_pages: '4', records_per_page: '5', total_records: '20' }],
  ['zero', 1, { current_page: 0, total_pages: 0, records_per_page: 0, total_records: 0 }],
  ['null', 1, { current_page: null, total_pages: null, records_per_page: null, total_records: null }],
  ['shrinking', 3, { current_page: 3, total_pages: 2, records_per_page: 5, total_records: 20 }],
  ['growing', 9, { current_page: 9, total_pages: 10, records_per_page: 5, total_records: 20 }],
])('A pagination fault has wrong totals: %s', async (form, page, pagination) => {
  standIn.faults.inject({ kind: 'pagination', form });
  expect(listIn(await latest(`page=${page}&per=5`)).pagination).toEqual(pagination);
  expect(await allIds(standIn, 'north-harbor', LATEST, ALL_DATES)).toHaveLength(20);
});

it('A pagination fault leaves the pagination out', async () => {
  standIn.faults.inject({ kind: 'pagination', form: 'missing' });
  expect(Object.keys(JSON.parse((await latest()).text))).toEqual(['patients']);
});

it('Content faults repeat rows, and add one with a malformed id', async () => {
  standIn.faults.inject({ kind: 'rows-twice' });
  const ids = idsIn(await latest('per=3'));
  expect([ids.length, new Set(ids).size]).toEqual([6, 3]);
  standIn.faults.inject({ kind: 'bad-casefile', id: 17 });
  standIn.faults.inject({ kind: 'bad-casefile' });
  expect(idsIn(await latest('per=3'))).toEqual(['not-a-casefile', 17, ...new Set(ids)]);
});

it('A content fault changes a field of a chart', async () => {
  const uri = chartUri(standIn.charts('north-harbor')[0]?.casefileId ?? '');
  standIn.faults.inject({ kind: 'bad-field' });
  expect(patientIn(await call(standIn, 'north-harbor', ...uri)).discharge_date).toBe('2026-02-30');
  standIn.faults.inject({ kind: 'bad-field', field: 'first_name', value: { text: [] } });
  expect(patientIn(await call(standIn, 'north-harbor', ...uri)).first_name).toEqual({ text: [] });
});

it('A clock fault refuses our date, and answers with its own', async () => {
  standIn.faults.inject({ kind: 'clock', offMs: 3 * 3_600_000 });
  const { status, headers } = await latest();
  expect(status).toBe(403);
  expect(Math.round((Date.parse(headers.date ?? '') - Date.now()) / 3_600_000)).toBe(3);
});

it('The signature is checked also if a fault only changes the answer', async () => {
  standIn.faults.inject({ kind: 'rows-twice' });
  expect((await call(standIn, 'north-harbor', LATEST, ALL_DATES, { credentials: { secretKey: 'wrong' } })).status).toBe(
    403,
  );
});

it('A stand-in can be closed twice, with open connections', async () => {
  standIn.faults.inject({ kind: 'drip', everyMs: 3_600_000 });
  const failed = expect(latest()).rejects.toThrow();
  await expect.poll(() => standIn.calls.count()).toBe(1);
  await Promise.all([standIn.close(), standIn.close()]);
  await failed;
});
