import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { chartKeys, chartResponse } from '../../../kipu/chart.ts';
import { type KipuClient, KipuError, parseDate } from '../../../kipu/index.ts';
import { locationsResponse, pageResponse } from '../../../kipu/lists.ts';
import { bytesOf, documentsLike, FUZZ_MS, fuzz, jsonText, MARK, nearly } from '../../support/arbitraries.ts';
import { answer, startRawServer, testClient } from '../../support/rawServer.ts';

vi.setConfig({ testTimeout: FUZZ_MS });

const casefile_id = '4101:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe';
const patient = {
  ...Object.fromEntries(chartKeys.map((key) => [key, /date|dob|_at$/.test(key) ? '2026-01-06' : `${MARK} of ${key}`])),
  casefile_id,
  discharge_date: '2026-01-06T10:00:00-05:00',
  contacts: [{ name: MARK, phones: [MARK] }],
};
const pagination = { current_page: '1', total_pages: 1, records_per_page: '50', total_records: 2 };
const chart = { patient };
const page = {
  pagination,
  patients: [patient, { ...patient, casefile_id: '4102:0ff1ce00-cafe-4bad-8dad-deadbeef0000' }],
};
const locations = { locations: [{ location_id: 3, location_name: `${MARK} House`, enabled: 'true' }] };
const refusal = { success: false, errors: { base: [`Access Denied - ${MARK}`] } };

const manyLocations = {
  locations: Array.from({ length: 3_000 }, (_, at) => (at % 2 === 0 ? MARK : locations.locations[0])),
};
const document = documentsLike([chart, page, locations, refusal]);

const CANONICAL = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{3}Z)?)?$/;
const CASEFILE = /^\d{1,20}:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Expects that a chart has exactly the fields of one, each null or a text in its canonical form. */
function expectChart(found: object): void {
  const { casefileId, masterId, ...rest }: Record<string, unknown> = { ...found };
  expect(casefileId).toMatch(CASEFILE);
  expect(String(casefileId).endsWith(`:${masterId}`)).toBe(true);
  expect(Object.keys(rest)).toHaveLength(chartKeys.length - 1);
  for (const [key, value] of Object.entries(rest)) {
    if (value === null) continue;
    if (typeof value !== 'string' || !value.isWellFormed() || value.trim() === '') expect([key, value]).toBeNull();
    if (/Date$|At$|^dob$|^dateOfDeath$/.test(key)) {
      expect(value).toMatch(CANONICAL);
      expect(parseDate(String(value))).toEqual({ ok: true, date: value });
    }
  }
}

describe('Anything in place of a document of KIPU', () => {
  it('is a chart, a page or a list of locations in full, or is refused by the names of our fields', async () => {
    let charts = 0;
    await fuzz('KIPU documents', { inputs: document, runs: 250 }, (json) => {
      const asChart = chartResponse.safeParse(json);
      if (asChart.success) expectChart(asChart.data);
      charts += asChart.success ? 1 : 0;
      const asPage = pageResponse.safeParse(json);
      for (const { chart: carried, ...row } of asPage.data?.patients.rows ?? []) {
        expect(row.casefileId).toMatch(CASEFILE);
        for (const value of Object.values(row)) expect(value === null || typeof value === 'string').toBe(true);
        if (carried !== null) expectChart(carried);
      }
      const { raw = [], rows = [], refused = 0, blank = 0, withChart = 0 } = asPage.data?.patients ?? {};
      expect([raw.length, blank <= raw.length, withChart <= rows.length]).toEqual([rows.length + refused, true, true]);
      for (const value of Object.values(asPage.data?.pagination ?? {}))
        expect(value === null || (Number.isSafeInteger(value) && value >= 0)).toBe(true);
      const asLocations = locationsResponse.safeParse(json);
      for (const one of asLocations.data ?? []) {
        expect([typeof one.id, typeof one.name, typeof one.enabled]).toEqual(['string', 'string', 'boolean']);
        expect(one.id).not.toBe('');
      }
      for (const { error } of [asChart, asPage, asLocations])
        for (const { path } of error?.issues ?? []) expect(path.join('.')).not.toContain(MARK);
    });
    // The claim about charts proves nothing unless some are read.
    expect(charts).toBeGreaterThan(0);
  });
});

type Call = (client: KipuClient) => Promise<unknown>;

/** Makes every call of the client, a sampler's too. */
const calls = {
  chart: (client) => client.chart(casefile_id),
  latest: (client) => client.latestPage({ startDay: '2026-01-05', endDay: '2026-01-07', page: 1, per: 50 }),
  census: (client) => client.censusPage({ page: 1, per: 50 }),
  vaulted: (client) => client.vaultedPage({ page: 1, per: 50 }),
  locations: (client) => client.locations(),
  sampler: async (client) => {
    const options = { zones: ['America/Chicago'], alternate: () => true };
    const sampler = client.sampler({ ...options, questions: { named: ({ lastName }) => lastName !== null } });
    await sampler.census({ page: 1, per: 50 });
    await sampler.chart();
    const facts = JSON.stringify(sampler.facts());
    expect(facts).not.toContain(MARK);
    expect(facts.length).toBeLessThan(20_000);
  },
} satisfies Record<string, Call>;

const names = Object.keys(calls) as (keyof typeof calls)[];
const wanted = { chart, latest: page, census: page, vaulted: page, locations, sampler: page };

/** A call, and a document that is nearly the one it wants, or any other. */
const answered = fc.constantFrom(...names).chain((call) =>
  fc.record({
    call: fc.constant(call),
    json: fc.oneof(
      { weight: 3, arbitrary: fc.constant<unknown>(wanted[call]) },
      { weight: 5, arbitrary: nearly(wanted[call]) },
      document,
      fc.constant(manyLocations),
    ),
  }),
);
const text = answered.chain(({ call, json }) =>
  fc.record({ call: fc.constant(call), text: jsonText(fc.constant(json)) }),
);

/** Starts a server that answers with what the test sets last, and a client of it. */
async function kipuAnswering() {
  const now = { bytes: '' as string | Buffer, closes: false };
  const { url } = await startRawServer((socket) => {
    socket.write(now.bytes);
    if (now.closes) socket.end();
  });
  return { now, client: testClient(url, { timeoutMs: 250, maxBodyBytes: 2_000_000 }) };
}

/** Expects a result or a KipuError, whose text is short and repeats nothing that KIPU sent. */
async function expectClean(call: Call, client: KipuClient): Promise<boolean> {
  const outcome = await call(client).then(
    () => null,
    (error: unknown) => error,
  );
  if (outcome === null) return true;
  if (!(outcome instanceof KipuError)) throw outcome;
  expect(outcome.message).not.toContain(MARK);
  expect(outcome.message.length).toBeLessThan(1_200);
  expect(outcome.cause).toBeUndefined();
  return false;
}

describe('Anything in place of an answer of KIPU', () => {
  it('is read, or is one KipuError without anything of the answer: bodies', async () => {
    const { now, client } = await kipuAnswering();
    const status = fc.oneof({ weight: 6, arbitrary: fc.constant(200) }, fc.constantFrom(201, 400, 401, 403, 429, 500));
    const inputs = text.chain((one) =>
      fc.record({ status, call: fc.constant(one.call), body: bytesOf(fc.constant(one.text)) }),
    );
    let read = 0;
    await fuzz('KIPU bodies', { inputs, runs: 80 }, async ({ status: code, body, call }) => {
      now.bytes = answer(code, body);
      if (await expectClean(calls[call], client)) read += 1;
    });
    expect(read).toBeGreaterThan(0);
  });

  it('is read, or is one KipuError without anything of the answer: heads, lengths and broken connections', async () => {
    const { now, client } = await kipuAnswering();
    const body = JSON.stringify(page);
    const header = fc.constantFrom(
      ...[
        'content-length: 5',
        'content-length: 99999999',
        'content-length: -1',
        'content-length: 1e3',
        'retry-after: 1e9',
      ],
      ...[
        'transfer-encoding: chunked',
        'transfer-encoding: gzip, chunked',
        'content-encoding: gzip',
        'content-type: text/html',
      ],
      ...[
        'content-type: application/json; charset=utf-16',
        'date: yesterday',
        `date: ${'9'.repeat(500)}`,
        'retry-after: -5',
      ],
      ...[
        'location: http://127.0.0.1:1/',
        'connection: close',
        'x: \u0000',
        ' folded',
        `x-${MARK}: ${MARK}`,
        ': empty',
      ],
      `x: ${'y'.repeat(20_000)}`,
    );
    const status = fc.constantFrom(
      ...['HTTP/1.1 200 OK', 'HTTP/1.1 204 X', 'HTTP/1.1 304 X', 'HTTP/1.1 302 X', 'HTTP/1.1 999 X', 'HTTP/1.1 000 X'],
      ...['HTTP/9.9 200 OK', 'HTTP/1.1 100 Continue', 'HTTP/1.1 429 X', 'HTTP/1.1', MARK, '', '\u0000\u0001'],
    );
    const parts = fc.constantFrom(
      body,
      body.slice(0, 40),
      `5\r\n${body}\r\n0\r\n\r\n`,
      `zz\r\n${body}`,
      '',
      'ffffffffff\r\n',
    );
    const inputs = fc.record({
      ...{ status, headers: fc.array(header, { maxLength: 4 }), parts, closes: fc.boolean() },
      call: fc.constantFrom(...names),
    });
    await fuzz('KIPU heads', { inputs, runs: 40 }, async ({ status: line, headers, parts: sent, closes, call }) => {
      now.bytes = Buffer.from([line, 'content-type: application/json', ...headers, '', sent].join('\r\n'), 'latin1');
      now.closes = closes;
      await expectClean(calls[call], client);
    });
  });
});
