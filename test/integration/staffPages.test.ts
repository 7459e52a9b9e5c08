import { AbstractCursor, Collection, type FindCursor } from 'mongodb';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { dischargedAt } from '../../domain/lock.ts';
import { searchKeys } from '../../domain/search.ts';
import { openStore } from '../../store/connect.ts';
import type { RecordDocument, ReferralDocument, RunDocument } from '../../store/documents.ts';
import { newRecordId } from '../../store/ids.ts';
import { aRun } from '../support/memoryStore.ts';
import { aChart, aRecord, aReferral } from '../support/recordFixtures.ts';
import { mongoForTests } from '../support/servers.ts';
import { NOW, staffApp } from '../support/staffApp.ts';

const { uri, db } = await mongoForTests();
const store = openStore({ uri, database: db.databaseName });
afterAll(() => store.close());
afterEach(() => void vi.restoreAllMocks());

const RECORDS = 50_000;
const PAGE = 50;
const HOUSES = ['north', 'south', 'east', 'west'];
const LOCATIONS = ['Detox', 'Residential', 'Outpatient'];
const DAY_MS = 86_400_000;

/** One in nine is held, one in 25 has a referral; discharged on any day of three years. */
function record(n: number): RecordDocument {
  const since = new Date(NOW.getTime() - (n % 300) * (DAY_MS / 10));
  const chart = aChart({
    ...{ firstName: `Given${n % 97}`, lastName: `Family${n}`, mrNumber: `MR-${n}`, destination: `Place ${n % 211}` },
    dischargeDate:
      n % 1_000 === 0 ? null : new Date(NOW.getTime() - ((n * 7_919) % 1_000) * DAY_MS).toISOString().slice(0, 10),
    locationName: LOCATIONS[n % 3] ?? null,
  });
  const house = { _id: newRecordId(), instance: HOUSES[n % 4] ?? '', casefileId: `${n % 4}:${n}`, chart };
  const held = {
    status: 'held' as const,
    hold: { reason: 'webhook-missing' as const, since, reminders: 0, changesWaiting: 0 },
  };
  const found = { search: searchKeys(chart), updatedAt: since, dischargedAt: dischargedAt(chart.dischargeDate, 'UTC') };
  return aRecord({ ...house, ...found, ...(n % 9 === 3 ? held : {}) });
}

function referral({ _id, instance, casefileId, chart, updatedAt }: RecordDocument, n: number): ReferralDocument {
  const facility = { locationId: null, name: n % 7 === 0 ? null : (chart?.locationName ?? null) };
  const latest = { destination: chart?.destination ?? 'x', dischargeDate: chart?.dischargeDate ?? null, facility };
  const status = (['open', 'open', 'withdrawn', 'void'] as const)[n % 4] ?? 'open';
  const one = aReferral({ _id, instance, casefileId, ...latest, status, updatedAt });
  return { ...one, revisions: [one] };
}

const records = Array.from({ length: RECORDS }, (_, n) => record(n));
const referrals = records.filter((_, n) => n % 25 === 4).map(referral);
const runs: RunDocument[] = Array.from({ length: 400 }, (_, n) =>
  aRun({
    _id: `run-${n}`,
    instance: HOUSES[n % 4] ?? '',
    startedAt: new Date(NOW.getTime() - Math.floor(n / 8) * 3_600_000),
  }),
);

beforeAll(async () => {
  // Indexes and validators come after: so it takes seconds.
  for (let n = 0; n < RECORDS; n += 10_000)
    await db.collection<RecordDocument>('records').insertMany(records.slice(n, n + 10_000), { ordered: false });
  await db.collection<ReferralDocument>('referrals').insertMany(referrals, { ordered: false });
  await db.collection<RunDocument>('runs').insertMany(runs);
  await store.setUp();
  for (const house of HOUSES) await store.instances.keepLocations(house, LOCATIONS);
});

const opened = (sees: '*' | string[] = '*') =>
  staffApp({ sees, context: { store, instances: HOUSES.map((name) => ({ name })) } });

/** What reading costs while the page is made: documents that came, and how each query found them. */
async function costOf(work: () => Promise<{ statusCode: number; body: string }>) {
  const cursors: FindCursor[] = [];
  let came = 0;
  const find = Collection.prototype.find;
  vi.spyOn(Collection.prototype, 'find').mockImplementation(function (
    this: Collection,
    ...given: Parameters<typeof find>
  ) {
    const cursor = find.apply(this, given);
    cursors.push(cursor);
    return cursor;
  });
  const toArray = AbstractCursor.prototype.toArray;
  vi.spyOn(AbstractCursor.prototype, 'toArray').mockImplementation(async function (this: AbstractCursor) {
    const all = await toArray.call(this);
    came += all.length;
    return all;
  });
  const answer = await work();
  vi.restoreAllMocks();
  const plans = await Promise.all(cursors.map((cursor) => cursor.clone().explain('queryPlanner')));
  const scans = cursors.filter((_, n) => JSON.stringify(plans[n]).includes('"COLLSCAN"'));
  return { answer, came, scanned: [...new Set(scans.map((cursor) => cursor.namespace.collection))] };
}

describe(`among ${RECORDS} records`, () => {
  it.each([
    '/',
    '/held',
    '/held?instance=north',
    '/held?instance=north&location=Detox',
    '/referrals',
    '/referrals?instance=south&status=open',
    '/referrals?sort=destination',
    '/referrals?sort=facility&facility=Detox',
    '/referrals?sort=discharge&status=void',
    '/runs',
    '/webhooks',
  ])('%s reads a page of each instance and state at most, and nothing but by an index', async (url) => {
    const { get } = await opened();
    const { answer, came, scanned } = await costOf(() => get(url));
    expect(answer.statusCode).toBe(200);
    expect(came).toBeLessThanOrEqual(HOUSES.length * 3 * (PAGE + 1) + 100);
    // Nothing but what has one document per instance.
    expect(scanned.filter((name) => name !== 'instances')).toEqual([]);
  });

  it('further filters, behind an index, let no more documents come', async () => {
    const { get } = await opened();
    const { answer, came } = await costOf(() => get('/held?location=Detox&reason=webhook-missing&age=longer'));
    expect(answer.body.match(/<td class="name"/g)).toHaveLength(PAGE);
    expect(came).toBeLessThanOrEqual(HOUSES.length * (PAGE + 1) + 100);
  });

  it.each([
    ['a last name', 'FÁMILY4008', ['Family4008, Given31']],
    ['both, the last name first', 'Family4017, given', ['Family4017, Given40']],
    ['both, the first name first', 'Given31 Family4008', ['Family4008, Given31']],
    ['a record number', 'mr4008', ['Family4008, Given31']],
    ['a name that nobody has', 'Nobody', []],
    ['blanks', '  ', []],
    ['what a query would take for an operator', '$ne', []],
  ])('a search by %s finds them, by an index', async (_, typed, names) => {
    const { post } = await opened();
    const { answer, came, scanned } = await costOf(() => post('/held/search', { typed }));
    expect(answer.statusCode).toBe(200);
    const found = [...answer.body.matchAll(/<a href="\/records\/[^"]+"><bdi>([^<]+)/g)].map(([, name]) => name);
    // Those whose name only begins so are found too.
    expect(found.filter((name) => !/Family40(08|17)\d/.test(name ?? ''))).toEqual(names);
    expect(came).toBeLessThanOrEqual(HOUSES.length * 3 * (PAGE + 1));
    expect(scanned.filter((name) => name !== 'instances')).toEqual([]);
  });

  it('a search gives a page, and says that there are more', async () => {
    const { post } = await opened(['north', 'south']);
    const { body } = await post('/held/search', { typed: 'given', everywhere: '1' });
    expect(body.match(/<td class="name"/g)).toHaveLength(PAGE);
    expect(body).toContain('There are more than');
    expect(body).not.toMatch(/east|west/);
  });
});

describe('page after page', () => {
  const ids = (body: string) =>
    [...body.matchAll(/<td class="name"[^>]*>(?:<span>)?<a href="\/[a-z]+\/([^"]+)"/g)].map(([, id = '']) => id);

  async function walk(first: string): Promise<string[]> {
    const { get } = await opened(['north', 'south']);
    const seen: string[] = [];
    for (let url: string | undefined = first; url !== undefined; ) {
      const { body, statusCode } = await get(url);
      expect(statusCode).toBe(200);
      seen.push(...ids(body));
      url = /href="([^"]+)"[^>]*>\s*Next page/.exec(body)?.[1]?.replaceAll('&amp;', '&');
    }
    return seen;
  }
  const mine = ({ instance }: { instance: string }) => instance === 'north' || instance === 'south';
  const by = <T>(all: T[], value: (one: T) => string | null, id: (one: T) => string, direction: 1 | -1) =>
    [...all].sort((a, b) => {
      const [one, other] = [value(a), value(b)];
      if (one === other) return id(a) < id(b) ? -1 : 1;
      if (one === null || other === null) return one === null ? 1 : -1;
      return one < other ? -direction : direction;
    });

  it('every hold comes once, the oldest discharge first, those without one last', async () => {
    const held = records.filter(mine).filter(({ hold, chart }) => hold !== null && chart?.locationName === 'Detox');
    const wanted = by(
      held,
      ({ chart }) => chart?.dischargeDate ?? null,
      ({ _id }) => _id,
      1,
    );
    expect(await walk('/held?location=Detox')).toEqual(wanted.map(({ _id }) => _id));
  });

  it.each([
    ['changed', ({ updatedAt }: ReferralDocument) => updatedAt.toISOString(), -1],
    ['discharge', ({ dischargeDate }: ReferralDocument) => dischargeDate, -1],
    ['destination', ({ destination }: ReferralDocument) => destination, 1],
    ['facility', ({ facility }: ReferralDocument) => facility.name, 1],
  ] as const)('every referral comes once, in the order of %s', async (sort, value, direction) => {
    const wanted = by(referrals.filter(mine), value, ({ _id }) => _id, direction);
    expect(await walk(`/referrals?sort=${sort}`)).toEqual(wanted.map(({ _id }) => _id));
  });

  it('every run comes once, the newest first', async () => {
    const wanted = by(
      runs.filter(mine),
      ({ startedAt }) => startedAt.toISOString(),
      ({ _id }) => _id,
      -1,
    );
    expect(await walk('/runs')).toEqual(wanted.map(({ _id }) => _id));
  });

  it('the export has every referral that they may see, once', async () => {
    const { post } = await opened(['north', 'south']);
    const { body } = await post('/referrals.csv', { status: 'open' });
    const lines = body.trimEnd().split('\r\n').slice(1);
    const open = referrals.filter(mine).filter(({ status }) => status === 'open');
    expect(lines.map((line) => line.split('","')[1]).sort()).toEqual(open.map(({ _id }) => _id).sort());
  });
});

it('holds are counted by age', async () => {
  const ages = await store.records.heldAges('north', NOW);
  const days = records
    .filter(({ instance, hold }) => instance === 'north' && hold !== null)
    .map(({ hold }) => (NOW.getTime() - (hold?.since.getTime() ?? 0)) / DAY_MS);
  const count = (least: number, most: number) => days.filter((age) => age >= least && age < most).length;
  expect(ages).toEqual({ day: count(-1, 1), week: count(1, 7), longer: count(7, Infinity) });
});
