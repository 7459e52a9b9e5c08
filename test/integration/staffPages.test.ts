import { AbstractCursor, Collection, type FindCursor } from 'mongodb';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { readDischarges } from '../../client/discharges.ts';
import { BEHIND_LIST } from '../../domain/attention.ts';
import { dischargedStatuses } from '../../domain/day.ts';
import { dischargedAt } from '../../domain/lock.ts';
import { searchKeys } from '../../domain/search.ts';
import type { PageState } from '../../store/accessDocuments.ts';
import { openStore } from '../../store/connect.ts';
import type { RecordDocument, ReferralDocument, RunDocument } from '../../store/documents.ts';
import { newRecordId } from '../../store/ids.ts';
import { dischargeFilter } from '../../store/recordDischarges.ts';
import { aRun } from '../support/memoryStore.ts';
import { aChart, aRecord, aReferral } from '../support/recordFixtures.ts';
import { mongoForTests } from '../support/servers.ts';
import { NOW, staffApp } from '../support/staffApp.ts';

const { uri, db } = await mongoForTests();
let commands: string[] = [];
const store = openStore({
  ...{ uri, database: db.databaseName },
  monitor: { started: (_id, operation, of) => void commands.push(`${operation} ${of}`), ended: () => undefined },
});
afterAll(() => store.close());
afterEach(() => void vi.restoreAllMocks());

const RECORDS = 12_000;
const PAGE = 50;
const INSTANCES = ['north', 'south', 'east', 'west'];
const LOCATIONS = ['Detox', 'Residential', 'Outpatient'];
const DAY_MS = 86_400_000;

/** One in nine is held, one in 25 has a referral, a few are not ready or failed; discharged on any day of three years. */
function record(n: number): RecordDocument {
  const since = new Date(NOW.getTime() - (n % 300) * (DAY_MS / 10));
  const chart = aChart({
    ...{ firstName: `Given${n % 97}`, lastName: `Family${n}`, mrNumber: `MR-${n}`, destination: `Place ${n % 211}` },
    dischargeDate:
      n % 1_000 === 0 ? null : new Date(NOW.getTime() - ((n * 7_919) % 1_000) * DAY_MS).toISOString().slice(0, 10),
    locationName: LOCATIONS[n % 3] ?? null,
  });
  const base = { _id: newRecordId(), instance: INSTANCES[n % 4] ?? '', casefileId: `${n % 4}:${n}`, chart };
  const held = {
    status: 'held' as const,
    hold: { reason: 'webhook-missing' as const, since, reminders: 0, changesWaiting: 0 },
  };
  const found = { search: searchKeys(chart), updatedAt: since, dischargedAt: dischargedAt(chart.dischargeDate, 'UTC') };
  return aRecord({ ...base, ...found, ...(n % 9 === 3 ? held : inTrouble(n % 450)) });
}

function inTrouble(n: number): Partial<RecordDocument> {
  const failure = (code: string) => ({ key: 'k', code, text: 'no answer', times: 1, since: NOW, at: NOW });
  if (n === 7) return { status: 'notReady', missing: ['dob'] };
  if (n === 8) return { status: 'failed', failure: failure('timeout') };
  return n === 10 ? { failure: failure(BEHIND_LIST) } : {};
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
    instance: INSTANCES[n % 4] ?? '',
    startedAt: new Date(NOW.getTime() - Math.floor(n / 8) * 3_600_000),
    mode: Math.floor(n / 8) % 24 === 5 ? 'full' : 'incremental',
  }),
);

beforeAll(async () => {
  // Inserted before the indexes and validators exist, which is much faster.
  for (let n = 0; n < RECORDS; n += 10_000)
    await db.collection<RecordDocument>('records').insertMany(records.slice(n, n + 10_000), { ordered: false });
  await db.collection<ReferralDocument>('referrals').insertMany(referrals, { ordered: false });
  await db.collection<RunDocument>('runs').insertMany(runs);
  await store.setUp();
  for (const instance of INSTANCES) await store.instances.keepLocations(instance, LOCATIONS, new Date());
});

const startPages = (sees: '*' | string[] = '*') =>
  staffApp({ sees, context: { store, instances: INSTANCES.map((name) => ({ name })) } });

/** Returns how many documents a page reads, and which collections its queries scan without an index. */
async function costOf(work: () => Promise<{ statusCode: number; body: string }>) {
  const cursors: FindCursor[] = [];
  let read = 0;
  const find = Collection.prototype.find;
  vi.spyOn(Collection.prototype, 'find').mockImplementation(function (
    this: Collection,
    ...args: Parameters<typeof find>
  ) {
    const cursor = find.apply(this, args);
    cursors.push(cursor);
    return cursor;
  });
  const toArray = AbstractCursor.prototype.toArray;
  vi.spyOn(AbstractCursor.prototype, 'toArray').mockImplementation(async function (this: AbstractCursor) {
    const all = await toArray.call(this);
    read += all.length;
    return all;
  });
  const answer = await work();
  vi.restoreAllMocks();
  const plans = await Promise.all(cursors.map((cursor) => cursor.clone().explain('queryPlanner')));
  const scans = cursors.filter((_, n) => JSON.stringify(plans[n]).includes('"COLLSCAN"'));
  return { answer, read, scanned: [...new Set(scans.map((cursor) => cursor.namespace.collection))] };
}

describe(`among ${RECORDS} records`, () => {
  it.each([
    '/',
    '/held',
    '/attention',
    '/attention?kind=missing&instance=north',
    '/attention?kind=unreadable',
    '/attention?kind=missing&location=Detox',
    '/held?instance=north',
    '/held?instance=north&location=Detox',
    '/held?sort=name',
    '/held?sort=held',
    '/referrals',
    '/referrals?instance=south&status=open',
    '/referrals?sort=destination',
    '/referrals?sort=facility&facility=Detox',
    '/referrals?sort=discharge&status=void',
    '/runs',
    '/webhooks',
  ])('%s reads at most one page per instance and state, and only by an index', async (url) => {
    const { get } = await startPages();
    const { answer, read, scanned } = await costOf(() => get(url));
    expect(answer.statusCode).toBe(200);
    expect(read).toBeLessThanOrEqual(INSTANCES.length * 3 * (PAGE + 1) + 100);
    // `instances` has only one document per instance.
    expect(scanned.filter((name) => name !== 'instances')).toEqual([]);
  });

  /** What auditing the patients on a page sends. */
  const AUDITED = 4;

  it.each([
    // Of each instance the last syncs, the full ones, both webhooks, and the referrals of today.
    ['/', 8 + INSTANCES.length * 5],
    // One for each kind of record.
    ['/attention', 8 + AUDITED + INSTANCES.length * 4],
    ['/attention?kind=missing&location=Detox', 8 + AUDITED + INSTANCES.length],
    ['/held', 4 + AUDITED + INSTANCES.length],
    ['/held?location=Detox', 6 + AUDITED + INSTANCES.length],
    // One for each status: those of the last week, and the older ones.
    ['/referrals', 3 + AUDITED + INSTANCES.length * 3 * 2],
    ['/runs', 1 + INSTANCES.length],
    ['/webhooks', INSTANCES.length * 4],
    ['/help', 0],
    ['/frame', 0],
  ])('%s sends at most %d commands to the database, and most pages none for the navigation', async (url, most) => {
    await store.collections.pageStates.deleteMany({});
    const { get } = await startPages();
    await get('/frame');
    commands = [];
    expect((await get(url)).statusCode).toBe(200);
    expect(commands.length, commands.sort().join(', ')).toBeLessThanOrEqual(most);
  });

  it('the page of a day reads the older days once in a while, and the others each time', async () => {
    const { get } = await startPages();
    const ofPage = async () => {
      commands = [];
      expect((await get('/day')).statusCode).toBe(200);
      return commands.filter((one) => one !== 'find referrals').length;
    };
    await get('/frame');
    const each = INSTANCES.length * (dischargedStatuses.length + 1) + 1;
    expect(await ofPage()).toBeLessThanOrEqual(each + INSTANCES.length * dischargedStatuses.length);
    expect(await ofPage()).toBeLessThanOrEqual(each);
    expect(commands.some((one) => one.startsWith('aggregate'))).toBe(false);
  });

  it('what is locked and what needs a person is the same number on all pages and beside their links', async () => {
    const sees = ['north', 'south'];
    const { get } = await startPages(sees);
    const textOf = (body: string) => body.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
    const bodies = [];
    for (const url of ['/', '/attention', '/held', '/help']) bodies.push((await get(url)).body);
    const [home = '', attention = '', held = ''] = bodies;
    const locked = records.filter(({ instance, status }) => sees.includes(instance) && status === 'held').length;
    const count = locked.toLocaleString('en-US');
    expect(textOf(home)).toContain(`${count} records are locked.`);
    expect(textOf(held)).toContain(`${count} locked`);
    const total = /All <strong>([\d,]+)/.exec(attention)?.[1];
    for (const body of bodies) {
      expect(body).toContain(`data-count="/held">${locked > 999 ? '999+' : locked}`);
      expect(body).toContain(`data-count="/attention">${total}`);
    }
  });

  it.each([true, false])(
    'a search for names and numbers reads only by an index (held ones alone: %s)',
    async (held) => {
      const { answer, scanned } = await costOf(async () => {
        const { found } = await store.records.search('Family12', { instances: INSTANCES, held, limit: PAGE });
        return { statusCode: 200, body: found.map(({ status }) => status).join(' ') };
      });
      expect(answer.body).toContain('held');
      expect(answer.body.includes('synced')).toBe(!held);
      expect(scanned).toEqual([]);
    },
  );

  it.each(dischargedStatuses)('discharges of records that are %s are read by an index', async (status) => {
    const within = { from: new Date('2026-01-01T00:00:00Z'), before: NOW };
    const filter = dischargeFilter('north', status, within);
    const plan = JSON.stringify(await store.collections.records.find(filter).explain('queryPlanner'));
    expect(plan).toContain('"IXSCAN"');
    expect(plan).not.toContain('"COLLSCAN"');
  });

  it('the page of a day reads only by an index, and its numbers are those of the records', async () => {
    const { get } = await startPages(['north']);
    const on = '2026-02-09';
    const { answer, scanned } = await costOf(() => get(`/day?on=${on}`));
    expect(scanned.filter((name) => name !== 'instances')).toEqual([]);
    const wanted = records.filter(({ instance, chart }) => instance === 'north' && chart?.dischargeDate === on);
    expect(wanted.length).toBeGreaterThan(0);
    expect(answer.body).toContain(`<p>${wanted.length} discharged, `);
  });

  it('filters that no index covers do not increase the number of documents read', async () => {
    const { get } = await startPages();
    const { answer, read } = await costOf(() => get('/held?location=Detox&reason=webhook-missing&age=longer'));
    expect(answer.body.match(/<td class="name"/g)).toHaveLength(PAGE);
    expect(read).toBeLessThanOrEqual(INSTANCES.length * (PAGE + 1) + 100);
  });

  it.each([
    ['a last name', 'FÁMILY4008', ['Family4008, Given31']],
    ['both names, the last name first', 'Family4017, given', ['Family4017, Given40']],
    ['both names, the first name first', 'Given31 Family4008', ['Family4008, Given31']],
    ['a record number', 'mr4008', ['Family4008, Given31']],
    ['a name that nobody has', 'Nobody', []],
    ['blanks', '  ', []],
    ['a query operator', '$ne', []],
  ])('a search by %s uses an index and finds the right records', async (_, typed, names) => {
    const { submit, get } = await startPages();
    const { at } = await submit('/search', { typed });
    const { answer, read, scanned } = await costOf(() => get(`${at}&locked=1`.replace(/^\/search&/, '/search?')));
    expect(answer.statusCode).toBe(200);
    const found = [...answer.body.matchAll(/<a href="\/records\/[^"]+"><bdi>([^<]+)/g)].map(([, name]) => name);
    // Longer names with the same beginning are found too.
    expect(found.filter((name) => !/Family40(08|17)\d/.test(name ?? ''))).toEqual(names);
    expect(read).toBeLessThanOrEqual(INSTANCES.length * 3 * (PAGE + 1));
    expect(scanned.filter((name) => name !== 'instances')).toEqual([]);
  });

  it('a search returns one page and says that there are more', async () => {
    const { submit } = await startPages(['north', 'south']);
    const { body } = await submit('/search', { typed: 'given' });
    expect(body.match(/<td class="name"/g)).toHaveLength(PAGE);
    expect(body).toContain('More than 50 matches');
    expect(body).not.toMatch(/east|west/);
  });
});

describe('Page after page', () => {
  const ids = (body: string) =>
    [...body.matchAll(/<td class="name"[^>]*>(?:<span>)?<a href="\/[a-z]+\/([^"]+)"/g)].map(([, id = '']) => id);

  async function walk(first: string): Promise<string[]> {
    const { get } = await startPages(['north', 'south']);
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

  it('every hold is listed once, oldest discharge first, those without a discharge last', async () => {
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
    ['name', '', (one: RecordDocument) => one.search?.lastFirst ?? null],
    ['held', '', (one: RecordDocument) => one.hold?.since.toISOString() ?? null],
    // A range of the field of the order.
    ['held', '&age=week', (one: RecordDocument) => one.hold?.since.toISOString() ?? null],
  ] as const)('every hold is listed once, in the order of %s%s', async (sort, filter, value) => {
    const [day, week] = [1, 7].map((days) => new Date(NOW.getTime() - days * DAY_MS));
    const held = records.filter(mine).filter(({ hold, chart }) => {
      if (hold === null || chart?.locationName !== 'Detox') return false;
      return filter === '' || (day !== undefined && week !== undefined && hold.since <= day && hold.since > week);
    });
    expect(held.length).toBeGreaterThan(0);
    const wanted = by(held, value, ({ _id }) => _id, 1);
    expect(await walk(`/held?location=Detox&sort=${sort}${filter}`)).toEqual(wanted.map(({ _id }) => _id));
  });

  it('a page after a record that was unlocked since starts where the record was', async () => {
    const { get } = await startPages(['west']);
    const url = '/held?sort=held&location=Outpatient';
    const first = ids((await get(url)).body);
    const [next] = ids((await get(`${url}&after=${first[9]}`)).body);
    const last = await store.records.get(first[9] ?? '');
    const unlocked = { status: 'unlocked' as const, hold: null, lastHold: { reason: 'webhook-missing' as const } };
    const lastHold = { ...unlocked.lastHold, since: last?.hold?.since ?? NOW };
    await db
      .collection<RecordDocument>('records')
      .updateOne({ _id: first[9] ?? '' }, { $set: { ...unlocked, lastHold } });
    expect(ids((await get(`${url}&after=${first[9]}`)).body)[0]).toBe(next);
    await db
      .collection<RecordDocument>('records')
      .updateOne({ _id: first[9] ?? '' }, { $set: { status: 'held', hold: last?.hold ?? null } });
  });

  it.each([
    ['missing', ({ status }: RecordDocument) => status === 'notReady'],
    ['unreadable', ({ failure }: RecordDocument) => failure !== null],
  ] as const)('everything that is %s is listed once, oldest discharge first', async (kind, isOfKind) => {
    const wanted = by(
      records.filter(mine).filter(isOfKind),
      ({ chart }) => chart?.dischargeDate ?? null,
      ({ _id }) => _id,
      1,
    );
    expect(await walk(`/attention?kind=${kind}`)).toEqual(wanted.map(({ _id }) => _id));
  });

  it('discharges within some days are read once each, with their open referrals', async () => {
    const days = { first: '2025-12-10', last: '2026-01-09', now: NOW };
    const clinic = { name: 'north', zones: { timeZone: 'UTC' }, locations: [] };
    const found = await readDischarges(store, [clinic], days);
    const open = new Map(referrals.filter(({ status }) => status === 'open').map((one) => [one._id, one.createdAt]));
    const wanted = records.filter(({ instance, chart }) => {
      const on = chart?.dischargeDate ?? '';
      return instance === 'north' && on >= days.first && on <= days.last;
    });
    expect(found.map(({ record: id, referredAt }) => [id, referredAt]).sort()).toEqual(
      wanted.map(({ _id }) => [_id, open.get(_id) ?? null]).sort(),
    );
    expect(found.some(({ referredAt }) => referredAt !== null)).toBe(true);
  });

  it('a referral is found although it was made from another date of discharge', async () => {
    const of = (at: string) => ({ dischargeDate: at, dischargedAt: dischargedAt(at, 'UTC') });
    const now = of('2026-02-20');
    const chart = aChart({ dischargeDate: now.dischargeDate, destination: 'Copper Vale' });
    const moved = aRecord({ _id: newRecordId(), instance: 'moved', casefileId: 'moved:1', status: 'synced', chart });
    await db.collection<RecordDocument>('records').insertOne({ ...moved, dischargedAt: now.dischargedAt });
    const made = aReferral({ _id: moved._id, instance: 'moved', casefileId: 'moved:1', dischargeDate: '2026-01-02' });
    await db.collection<ReferralDocument>('referrals').insertOne({ ...made, status: 'open', revisions: [made] });
    const clinic = { name: 'moved', zones: { timeZone: 'UTC' }, locations: [] };
    const [found] = await readDischarges(store, [clinic], {
      ...{ first: '2026-02-20', last: '2026-02-20', now: NOW },
    });
    expect(found?.referredAt).toEqual(made.createdAt);
  });

  it.each([
    ['changed', ({ updatedAt }: ReferralDocument) => updatedAt.toISOString(), -1],
    ['discharge', ({ dischargeDate }: ReferralDocument) => dischargeDate, -1],
    ['destination', ({ destination }: ReferralDocument) => destination, 1],
    ['facility', ({ facility }: ReferralDocument) => facility.name, 1],
  ] as const)('every referral is listed once, in the order of %s', async (sort, value, direction) => {
    const wanted = by(referrals.filter(mine), value, ({ _id }) => _id, direction);
    expect(await walk(`/referrals?sort=${sort}`)).toEqual(wanted.map(({ _id }) => _id));
  });

  it('every run is listed once, newest first', async () => {
    const wanted = by(
      runs.filter(mine),
      ({ startedAt }) => startedAt.toISOString(),
      ({ _id }) => _id,
      -1,
    );
    expect(await walk('/runs')).toEqual(wanted.map(({ _id }) => _id));
  });

  it.each([
    ['/held', records.find(({ instance, hold }) => instance === 'east' && hold !== null)],
    ['/referrals', referrals.filter(({ instance, status }) => instance === 'east' && status === 'open').at(-1)],
    ['/runs', runs.filter(({ instance }) => instance === 'east').at(-1)],
  ])('%s begins with its first page after an entry of an instance that the user may not see', async (path, foreign) => {
    // Without the filters of the tests before.
    await store.collections.pageStates.deleteMany({});
    const { get } = await startPages(['north', 'south']);
    const first = ids((await get(path)).body);
    expect(first.length).toBeGreaterThan(0);
    expect(ids((await get(`${path}?after=${foreign?._id}`)).body)).toEqual(first);
  });

  it('the export contains every visible referral once', async () => {
    const { post } = await startPages(['north', 'south']);
    const { body } = await post('/referrals.csv', {
      status: 'open',
      recipient: 'the program',
      basis: 'program',
      why: 'checked',
    });
    const lines = body.trimEnd().split('\r\n').slice(1);
    const open = referrals.filter(mine).filter(({ status }) => status === 'open');
    expect(lines.map((line) => line.split('","')[1]).sort()).toEqual(open.map(({ _id }) => _id).sort());
  });
});

it('What a page keeps is read by its account alone, until it expires', async () => {
  const { pageStates } = store;
  const [soon, later] = [new Date(NOW.getTime() + 1_000), new Date(NOW.getTime() + 60_000)];
  const id = await pageStates.add('dana', { kind: 'search', typed: 'a name' }, later);
  expect(id).toMatch(/^s-[a-z0-9]{16}$/);
  expect(await pageStates.get(id, 'dana', soon)).toEqual({ kind: 'search', typed: 'a name' });
  expect(await pageStates.get(id, 'robin', soon)).toBeNull();
  expect(await pageStates.get(id, 'dana', later)).toBeNull();
  for (const why of ['called', 'called twice']) await pageStates.set('a form', 'dana', { kind: 'reason', why }, later);
  expect(await pageStates.get('a form', 'dana', soon)).toEqual({ kind: 'reason', why: 'called twice' });
  await pageStates.remove('a form', 'robin');
  expect(await pageStates.get('a form', 'dana', soon)).not.toBeNull();
  const states: PageState[] = [
    { kind: 'form', fields: { why: 'called', purposes: ['treatment'] } },
    { kind: 'list', query: { location: 'Detox' } },
  ];
  for (const state of states) {
    await pageStates.set('another', 'dana', state, later);
    expect(await pageStates.get('another', 'dana', soon)).toEqual(state);
  }
  await pageStates.remove('a form', 'dana');
  expect(await pageStates.get('a form', 'dana', soon)).toBeNull();
});

it('heldAges counts holds by age', async () => {
  const agesOf = (of: string, location?: string) => {
    const days = records
      .filter(({ instance, hold }) => instance === of && hold !== null)
      .filter(({ chart }) => location === undefined || chart?.locationName === location)
      .map(({ hold }) => (NOW.getTime() - (hold?.since.getTime() ?? 0)) / DAY_MS);
    const count = (least: number, most: number) => days.filter((age) => age >= least && age < most).length;
    return [of, { day: count(-1, 1), week: count(1, 7), longer: count(7, Infinity) }];
  };
  expect([...(await store.records.heldAges({ instances: ['north', 'none', 'east'] }, NOW))]).toEqual(
    ['north', 'none', 'east'].map((name) => agesOf(name)),
  );
  const at = { instances: ['north'], location: 'Detox' };
  expect([...(await store.records.heldAges(at, NOW))]).toEqual([agesOf('north', 'Detox')]);
});
