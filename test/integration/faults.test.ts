import { MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Fault, FaultKind } from '../../dev/stand-in/index.ts';
import type { RecordDocument, RunDocument } from '../../store/documents.ts';
import { serviceForTests } from '../support/service.ts';

const PAGE_SIZE = 3;
const MAX_IN_FLIGHT = 4;

const refusals: { name: string; fault: FaultKind; route?: Fault['route']; code: string; says: RegExp }[] = [
  { name: 'a-401', fault: { kind: 'status', status: 401 }, code: 'unauthorized', says: /access id, secret key/ },
  { name: 'a-403', fault: { kind: 'status', status: 403 }, code: 'forbidden', says: /belong to one KIPU instance/ },
  { name: 'a-410', fault: { kind: 'status', status: 410 }, code: 'endpoint-off', says: /turned off/ },
  {
    ...{ name: 'a-clock', fault: { kind: 'clock', offMs: 1_800_000 } as const },
    ...{ code: 'authentication-failed', says: /30 minutes off/ },
  },
  {
    ...{ name: 'a-redirect', fault: { kind: 'redirect', location: 'http://127.0.0.1:1/elsewhere' } as const },
    ...{ code: 'redirected', says: /check the base address/ },
  },
  {
    ...{ name: 'a-401-for-charts', fault: { kind: 'status', status: 401 } as const, route: 'chart' },
    ...{ code: 'unauthorized', says: /access id, secret key/ },
  },
];

/** How KIPU can refuse one chart. */
const oneRefused = [
  { status: 401, code: 'unauthorized' },
  { status: 403, code: 'forbidden' },
  { status: 410, code: 'endpoint-off' },
];

const lies: { name: string; faults: Fault[] }[] = [
  ...(['strings', 'zero', 'null', 'missing', 'shrinking'] as const).map((form) => ({
    name: `pages-${form}`,
    faults: [{ kind: 'pagination' as const, form, times: 'always' as const }],
  })),
  { name: 'pages-growing', faults: [{ kind: 'pagination', form: 'growing', times: 4 }] },
  { name: 'rows-twice', faults: [{ kind: 'rows-twice', times: 'always' }] },
];

const badIds = { word: 'not-a-casefile', nothing: null, number: 7, path: '../locations', many: [] };

/** What MongoDB does to the next writes, in the form of `failCommand`. */
const storeFaults: { name: string; times: number; data: object }[] = [
  { name: 'dropped-once', times: 1, data: { closeConnection: true } },
  { name: 'dropped-often', times: 5, data: { closeConnection: true } },
  { name: 'busy', times: 4, data: { errorCode: 112 } },
  { name: 'late', times: 4, data: { writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' } } },
];

const service = await serviceForTests({
  testCommands: true,
  kipuTimeoutMs: 1_000,
  env: { SYNC_PAGE_SIZE: String(PAGE_SIZE), SYNC_MAX_IN_FLIGHT: String(MAX_IN_FLIGHT) },
  standIn: {
    instances: [
      { name: 'fine', charts: 3 },
      ...refusals.map(({ name, route }) => ({ name, charts: route === undefined ? 2 : 40 })),
      ...lies.map(({ name }) => ({ name, charts: 8 })),
      ...storeFaults.map(({ name }) => ({ name, charts: 5 })),
      ...Object.keys(badIds).map((name) => ({ name: `bad-${name}`, charts: 2 })),
      ...['charts', 'large', 'twin-a', 'twin-b'].map((name) => ({ name, charts: 0 })),
      ...oneRefused.map(({ status }) => ({ name: `one-${status}`, charts: 12 })),
      { name: 'slow-down', charts: 2 },
      { name: 'at-once', charts: 2 },
      { name: 'every-second', charts: 3 },
      { name: 'page-three', charts: 5 * PAGE_SIZE },
    ],
  },
});
const { standIn, store, run, record } = service;
const { records } = store.collections;
const mongo = new MongoClient(service.mongo.uri);

afterAll(() => mongo.close());

/** Runs several instances concurrently. */
async function runAll(instances: readonly string[]): Promise<Map<string, RunDocument>> {
  const ended = await Promise.all(instances.map(run));
  return new Map(ended.map((one) => [one.instance, one]));
}

function outcomes({ counts }: RunDocument): number {
  const { saved, unchanged, held, notReady, ignored, failed } = counts;
  return saved + unchanged + held + notReady + ignored + failed;
}

describe('An instance that refuses us', () => {
  const names = refusals.map(({ name }) => name);
  let refused: Map<string, RunDocument>;
  let recovered: Map<string, RunDocument>;
  const calls = new Map<string, number>();

  beforeAll(async () => {
    const faults = refusals.map(({ name: instance, fault, route }) =>
      standIn.faults.inject({ ...fault, ...(route === undefined ? {} : { route }), instance, times: 'always' }),
    );
    refused = await runAll([...names, 'fine']);
    for (const name of names) calls.set(name, standIn.calls.count({ instance: name }));
    for (const fault of faults) fault.remove();
    recovered = await runAll(names);
  });

  it.each(refusals)('fails its run at once, with what to fix ($name)', ({ name, code, says, route }) => {
    const run = refused.get(name);
    expect(run).toMatchObject({ status: 'failed', cursor: null, fault: { code, text: expect.stringMatching(says) } });
    expect(run && outcomes(run)).toBe(run?.counts.due);
    expect(run?.counts.kipuCalls).toBe(calls.get(name));
    // The first refusal of a list ends the run, and the fifth of a chart. Only charts requested before it are requested.
    expect(calls.get(name)).toBeLessThanOrEqual(route === undefined ? 1 : 20 + 5 + 2 * MAX_IN_FLIGHT);
  });

  it.each(refusals)('has lost nothing when it accepts us again ($name)', async ({ name }) => {
    expect(recovered.get(name)).toMatchObject({ status: 'completed', counts: { failed: 0 } });
    expect(await storedIds(name)).toEqual(idsOfCharts(name));
    expect(await records.countDocuments({ instance: name, pending: true })).toBe(0);
  });

  it('does not affect other instances', () => {
    expect(refused.get('fine')).toMatchObject({ status: 'completed', fault: null, counts: { due: 3 } });
  });
});

describe('A chart that KIPU refuses while it answers for others', () => {
  it.each(oneRefused)(
    'fails alone, says why on its record, and is read by a later run ($status)',
    async ({ status, code }) => {
      const instance = `one-${status}`;
      standIn.faults.inject({ kind: 'status', status, route: 'chart', instance, times: 1 });
      const first = await run(instance);
      expect(first).toMatchObject({ status: 'completed', fault: null, counts: { due: 12, failed: 1 } });
      const failed = await records.find({ instance, status: 'failed' }).toArray();
      expect(failed).toMatchObject([{ pending: true, failure: { code, times: 1 } }]);

      expect(await run(instance)).toMatchObject({ status: 'completed', counts: { due: 1, failed: 0 } });
      expect(await records.countDocuments({ instance, pending: true })).toBe(0);
    },
  );
});

describe('A chart that cannot be read', () => {
  const other = '9:11111111-2222-3333-4444-555555555555';
  const lasting: [string, FaultKind, string][] = [
    ['404', { kind: 'status', status: 404 }, 'not-found'],
    ['400', { kind: 'status', status: 400 }, 'refused'],
    ['422', { kind: 'status', status: 422 }, 'refused'],
    ['an impossible day', { kind: 'bad-field' }, 'chart-unreadable'],
    ['a list for a name', { kind: 'bad-field', field: 'last_name', value: ['Moss'] }, 'chart-unreadable'],
    ['another chart', { kind: 'bad-field', field: 'casefile_id', value: other }, 'chart-unreadable'],
    ['{}', { kind: 'empty-object' }, 'chart-unreadable'],
    ['null', { kind: 'null' }, 'chart-unreadable'],
    ['nothing', { kind: 'empty' }, 'not-json'],
    ['a gateway’s page', { kind: 'html' }, 'not-json'],
    ['plain text', { kind: 'content-type' }, 'not-json'],
    ['200 MB', { kind: 'huge' }, 'too-large'],
  ];
  const passing: [string, Fault][] = [
    ['a reset before the answer', { kind: 'reset', at: 'start' }],
    ['a reset in the body', { kind: 'reset' }],
    ['a byte a second', { kind: 'drip' }],
    ['no answer in time', { kind: 'delay', ms: 30_000 }],
    ['500', { kind: 'status', status: 500 }],
    ['504 twice', { kind: 'status', status: 504, times: 2 }],
    ['429 without a word', { kind: 'status', status: 429 }],
    ['429 with nonsense', { kind: 'status', status: 429, retryAfter: 'soon' }],
    ['429 that may be retried at once', { kind: 'status', status: 429, retryAfter: '0' }],
    ['429 until a time that is past', { kind: 'status', status: 429, retryAfter: 'Sun, 04 Jan 2015 10:00:00 GMT' }],
  ];
  const ids = new Map<string, string>();
  const idOf = (name: string) => ids.get(name) ?? '';
  const failed = new Map<string, RecordDocument>();
  let first: RunDocument;
  let second: RunDocument;

  beforeAll(async () => {
    const faults = [...lasting, ...passing].map(([name, fault]) => {
      const { casefileId } = standIn.add('charts');
      ids.set(name, casefileId);
      const times = lasting.some(([other]) => other === name) ? 'always' : 1;
      return standIn.faults.inject({ times, ...fault, instance: 'charts', route: 'chart', casefileId });
    });
    first = await run('charts');
    for (const [name] of lasting) failed.set(name, await record('charts', idOf(name)));
    for (const fault of faults) fault.remove();
    for (const [name] of lasting) standIn.edit('charts', idOf(name), {});
    second = await run('charts');
  });

  it('is counted, and the run continues and completes, and says how many charts are owed', () => {
    expect(first).toMatchObject({
      ...{ status: 'completed', fault: null, owed: lasting.length },
      counts: { due: lasting.length + passing.length, failed: lasting.length, saved: passing.length },
    });
    expect(second).toMatchObject({ owed: 0, counts: { due: lasting.length, saved: lasting.length, failed: 0 } });
  });

  it.each(lasting)('has its failure on the record, and is pulled when it changes (%s)', async (name, _, code) => {
    expect(failed.get(name)).toMatchObject({
      ...{ status: 'failed', pending: true, chart: null, retryAt: expect.any(Date) },
      failure: { code, times: 1, text: expect.stringContaining('GET /api/patients/{patient_id}') },
    });
    expect(await record('charts', idOf(name))).toMatchObject({ status: 'synced', failure: null, pending: false });
  });

  it.each(passing)('is requested again after a single failure (%s)', async (name) => {
    expect(await record('charts', idOf(name))).toMatchObject({ status: 'synced', failure: null, pending: false });
  });
});

it('A chart that is too large for MongoDB fails alone, at once', async () => {
  const [large, small] = [standIn.add('large'), standIn.add('large')].map(({ casefileId }) => casefileId);
  if (large === undefined || small === undefined) throw new Error('no charts');
  const field = { field: 'discharge_or_transition_name', value: 'x'.repeat(17_900_000) };
  standIn.faults.inject({ kind: 'bad-field', ...field, instance: 'large', route: 'chart', casefileId: large });

  expect(await run('large')).toMatchObject({ status: 'completed', owed: 1, counts: { saved: 1, failed: 1 } });
  const text = expect.stringContaining('too large for MongoDB');
  expect(await record('large', large)).toMatchObject({ status: 'failed', failure: { code: 'store-refused', text } });
  expect(await record('large', small)).toMatchObject({ status: 'synced' });
});

describe('KIPU under load', () => {
  let ended: Map<string, RunDocument>;

  beforeAll(async () => {
    standIn.faults.inject({ kind: 'status', status: 429, retryAfter: '3', instance: 'slow-down', route: 'latest' });
    standIn.faults.inject({ kind: 'status', status: 503, everySecond: true, instance: 'every-second', route: 'chart' });
    standIn.faults.inject({ kind: 'status', status: 503, retryAfter: '0', instance: 'at-once', route: 'latest' });
    for (const retryAfter of ['0', 'Wed, 21 Oct 2015 07:28:00 GMT']) {
      standIn.faults.inject({ kind: 'status', status: 429, retryAfter, instance: 'at-once', route: 'chart' });
    }
    ended = await runAll(['slow-down', 'every-second', 'at-once']);
  });

  it.each(['slow-down', 'every-second', 'at-once'])('is synced, and every call is counted (%s)', (instance) => {
    const run = ended.get(instance);
    expect(run).toMatchObject({ status: 'completed', counts: { failed: 0, refused: 0 } });
    expect(run?.counts.due).toBeGreaterThan(0);
    expect(run?.counts.kipuCalls).toBe(standIn.calls.count({ instance }));
    expect(standIn.calls.count({ instance, status: 200 })).toBeLessThan(run?.counts.kipuCalls ?? 0);
  });

  it('gets the time in Retry-After', () => {
    const run = ended.get('slow-down');
    expect(standIn.calls.count({ instance: 'slow-down', status: 429 })).toBe(1);
    // Without the header, the retry would come after one second.
    expect(Number(run?.endedAt) - Number(run?.startedAt)).toBeGreaterThanOrEqual(3_000);
  });
});

describe('A list', () => {
  it('whose third page fails permanently leaves the first two pages stored and the cursor unchanged', async () => {
    const instance = 'page-three';
    const stored = (filter: object) => records.countDocuments({ instance, ...filter });
    const fault = standIn.faults.inject({
      ...{ kind: 'status', status: 422, instance, route: 'latest', page: 3, times: 'always' },
    });
    const broken = await run(instance);
    expect(broken).toMatchObject({ status: 'incomplete', cursor: null, fault: { code: 'refused' } });
    expect([await stored({}), await stored({ pending: false })]).toEqual([2 * PAGE_SIZE, 2 * PAGE_SIZE]);
    expect(broken.counts.due).toBe(2 * PAGE_SIZE);

    fault.remove();
    const next = await run(instance);
    expect(next).toMatchObject({ status: 'completed', window: broken.window, counts: { due: 3 * PAGE_SIZE } });
    expect(await stored({ pending: false })).toBe(5 * PAGE_SIZE);
    expect(next.cursor).toEqual(next.startedAt);
  });

  describe('with a wrong length', () => {
    let ended: Map<string, RunDocument>;

    beforeAll(async () => {
      for (const { name, faults } of lies) {
        for (const route of ['latest', 'census'] as const) {
          for (const fault of faults) standIn.faults.inject({ ...fault, instance: name, route });
        }
      }
      ended = await runAll(lies.map(({ name }) => name));
    });

    it.each(lies)('leads to every chart exactly once ($name)', async ({ name }) => {
      expect(ended.get(name)).toMatchObject({ status: 'completed', counts: { due: 8, failed: 0, refused: 0 } });
      expect(standIn.calls.count({ instance: name, route: 'chart' })).toBe(8);
      expect(await storedIds(name)).toEqual(idsOfCharts(name));
    });
  });

  describe('with a malformed casefile id', () => {
    let ended: Map<string, RunDocument>;

    beforeAll(async () => {
      for (const [name, id] of Object.entries(badIds)) {
        standIn.faults.inject({ kind: 'bad-casefile', id, instance: `bad-${name}`, route: 'latest' });
      }
      ended = await runAll(Object.keys(badIds).map((name) => `bad-${name}`));
    });

    it.each(Object.keys(badIds))('rejects and counts it (%s)', async (name) => {
      const instance = `bad-${name}`;
      expect(ended.get(instance)).toMatchObject({ status: 'completed', counts: { refused: 1, due: 2, failed: 0 } });
      expect(await storedIds(instance)).toEqual(idsOfCharts(instance));
    });
  });

  it('with a casefile id of another instance too leads to a record of its own', async () => {
    const casefile_id = '77:feedbeef-0000-4000-8000-00000000beef';
    standIn.add('twin-a', { casefile_id, last_name: 'Mossgrave' });
    standIn.add('twin-b', { casefile_id, last_name: 'Saltonby' });
    await runAll(['twin-a', 'twin-b']);
    const [a, b] = [await record('twin-a', casefile_id), await record('twin-b', casefile_id)];
    expect([a.chart?.lastName, b.chart?.lastName]).toEqual(['Mossgrave', 'Saltonby']);
    expect(a._id).not.toBe(b._id);
  });
});

describe('A store', () => {
  const admin = mongo.db('admin');
  afterEach(() => admin.command({ configureFailPoint: 'failCommand', mode: 'off' }));

  it.each(storeFaults)('whose writes fail has one document for each chart in the end ($name)', async (fault) => {
    const { name: instance, times, data } = fault;
    const slow = standIn.faults.inject({ kind: 'delay', ms: 300, instance, route: 'chart', times: 'always' });
    const running = run(instance);
    // Retries wait longer each time; there are many pulls, which fail once or twice each.
    await vi.waitUntil(() => slow.applied > 0, { timeout: 20_000, interval: 5 });
    const failCommands = ['insert', 'update', 'findAndModify'];
    await admin.command({ configureFailPoint: 'failCommand', mode: { times }, data: { failCommands, ...data } });

    expect(await running).toMatchObject({ status: 'completed', fault: null, counts: { due: 5, failed: 0 } });
    expect(await storedIds(instance)).toEqual(idsOfCharts(instance));
    expect(await records.countDocuments({ instance, pending: true })).toBe(0);
    const referrals = await store.collections.referrals.find({ instance }).toArray();
    expect(referrals.length).toBeGreaterThan(0);
    expect(referrals.map(({ revisions }) => revisions.length)).toEqual(referrals.map(() => 1));
  });
});

async function storedIds(instance: string): Promise<string[]> {
  const found = await records.find({ instance }).toArray();
  return found.map(({ casefileId }) => casefileId).sort();
}

function idsOfCharts(instance: string): string[] {
  const charts = standIn.charts(instance);
  return charts.map(({ casefileId }) => casefileId).sort();
}
