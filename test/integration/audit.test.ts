import { randomUUID } from 'node:crypto';
import { type Collection, MongoServerError } from 'mongodb';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { auditRefusedDelivery } from '../../client/audit.ts';
import { auditSettings } from '../../client/auditSettings.ts';
import { readSettings } from '../../config/settings.ts';
import { canonicalText } from '../../domain/audit.ts';
import { type AuditEvent, auditHash } from '../../store/auditEvents.ts';
import { StoreConflictError } from '../../store/conflict.ts';
import { openStore } from '../../store/connect.ts';
import { newRecordId } from '../../store/ids.ts';
import { commandLine } from '../support/commandLine.ts';
import { mongoForTests, temporaryFolder } from '../support/servers.ts';

const { uri, db } = await mongoForTests();
const folder = await temporaryFolder();
const stores = [1, 2, 3, 4].map(() => openStore({ uri, database: db.databaseName }));
const [store = openStore({ uri, database: db.databaseName })] = stores;
const { auditEvents, collections } = store;
/** The same collection without the service. */
const events: Collection<Record<string, unknown>> = db.collection('auditEvents');
const FORCE = { bypassDocumentValidation: true };

beforeEach(async () => {
  await db.dropDatabase();
  await store.setUp();
});
afterEach(() => void vi.restoreAllMocks());
afterAll(() => Promise.all(stores.map((one) => one.close())));

const NOW = new Date('2026-01-05T12:00:00Z');

function event(change: Partial<AuditEvent> = {}): AuditEvent {
  return {
    ...{ _id: randomUUID(), at: NOW, who: 'Robin Vale', what: 'unlock', instance: 'harbor', record: newRecordId() },
    ...{ why: null, outcome: 'unlocked' },
    ...change,
  };
}

async function add(many: number): Promise<void> {
  for (let n = 0; n < many; n += 1) await auditEvents.add(event());
}

const seqs = async () => (await events.find().sort({ seq: 1 }).toArray()).map(({ seq }) => seq);
const oneTo = (n: number) => Array.from({ length: n }, (_, at) => at + 1);

describe('Adding audit events', () => {
  it('by several processes at the same time leaves an unbroken chain', async () => {
    const names = oneTo(20).map((n) => `event/${n}`);
    await Promise.all(names.map((_id, n) => stores[n % 4]?.auditEvents.add(event({ _id }))));
    expect(await seqs()).toEqual(oneTo(20));
    expect((await events.distinct('_id')).sort()).toEqual([...names].sort());
    const report = await auditEvents.verify(null);
    expect(report).toMatchObject({ entries: 20, broken: 0, breaks: [] });
    expect(report.head).toEqual(report.last);
  });

  it('with the same id again, also at the same time, adds nothing and keeps the first event', async () => {
    await Promise.all(oneTo(8).map((n) => stores[n % 4]?.auditEvents.add(event({ _id: 'event/7', why: String(n) }))));
    const first = await auditEvents.get('event/7');
    await auditEvents.add(event({ _id: 'event/7', why: 'later' }));
    expect(await auditEvents.get('event/7')).toEqual(first);
    expect(await seqs()).toEqual([1]);
    expect(await auditEvents.verify(null)).toMatchObject({ entries: 1, broken: 0 });
  });

  it('again after its writer was killed before it moved the head, moves the head', async () => {
    await add(1);
    const head = await collections.auditHead.findOne({});
    await auditEvents.add(event({ _id: 'event/7' }));
    await collections.auditHead.updateOne({}, { $set: { seq: head?.seq ?? 0, hash: head?.hash ?? '' } });
    expect(await auditEvents.verify(null)).toMatchObject({ broken: 0, last: { seq: 2 }, head: { seq: 1 } });
    await auditEvents.add(event({ _id: 'event/7' }));
    expect(await auditEvents.verify(null)).toMatchObject({ broken: 0, last: { seq: 2 }, head: { seq: 2 } });
  });

  it('fails, to be retried, where other writers always take the next place', async () => {
    const taken = new MongoServerError({ code: 11000 });
    const insert = vi.spyOn(collections.auditEvents, 'insertOne').mockRejectedValue(taken);
    await expect(auditEvents.add(event())).rejects.toThrow(StoreConflictError);
    expect(insert.mock.calls.length).toBeGreaterThan(10);
    insert.mockRestore();
    await add(1);
    expect(await seqs()).toEqual([1]);
  });

  it.each([
    ['with half a character', 'x\ud83d'],
    ['with a null character', 'a\u0000b'],
    ['that looks like an operator', '$where.__proto__'],
    ['from right to left', 'שלום \u202e 👩‍👩‍👧'],
  ])('with a text %s keeps the chain intact', async (_, why) => {
    await auditEvents.add(event({ why }));
    await add(1);
    expect(await auditEvents.verify(null)).toMatchObject({ entries: 2, broken: 0 });
  });

  it('lets them be listed newest first, by instance and by record', async () => {
    const record = newRecordId();
    await auditEvents.add(event({ record, outcome: 'first' }));
    await auditEvents.add(event({ record, outcome: 'second' }));
    await auditEvents.add(event({ instance: 'other', at: new Date(NOW.getTime() + 1) }));
    expect((await auditEvents.list({}, 10)).map(({ seq }) => seq)).toEqual([3, 2, 1]);
    expect((await auditEvents.list({ record }, 10)).map(({ outcome }) => outcome)).toEqual(['second', 'first']);
    expect((await auditEvents.list({ instance: 'other' }, 10)).map(({ seq }) => seq)).toEqual([3]);
    expect(await auditEvents.list({}, 2)).toHaveLength(2);
  });
});

describe('The database', () => {
  it.each<[string, Record<string, unknown>, number]>([
    ['an entry without a place', { seq: undefined }, 121],
    ['an entry before the first', { seq: 0 }, 121],
    ['an entry without its hash', { hash: undefined }, 121],
    ['a second entry at one place', { seq: 1 }, 11000],
  ])('refuses %s', async (_, wrong, code) => {
    await add(1);
    const entry = { ...event(), schemaVersion: 1, seq: 2, previous: '', hash: 'x', ...wrong };
    await expect(events.insertOne(entry as never, { ignoreUndefined: true })).rejects.toMatchObject({ code });
  });

  it('can be set up over entries from before the chain, which then are outside of it', async () => {
    await db.dropDatabase();
    await events.insertMany([
      { ...event(), schemaVersion: 1 },
      { ...event(), schemaVersion: 1 },
    ] as never);
    await events.createIndex({ record: 1, at: 1 }, { name: 'record' });
    await store.setUp();
    await add(2);
    expect(await auditEvents.verify(null)).toMatchObject({
      ...{ entries: 4, broken: 2, last: { seq: 2 } },
      breaks: [{ kind: 'outside' }, { kind: 'outside' }],
    });
    expect(await auditEvents.list({}, 10)).toHaveLength(4);
  });
});

describe('Verifying the audit', () => {
  const set = (seq: number, change: Record<string, unknown>) => events.updateOne({ seq }, { $set: change }, FORCE);
  const forge = async (seq: number, change: object) => {
    const { hash: _, ...entry } = { ...(await events.findOne({ seq })), ...change };
    await events.replaceOne({ seq }, { ...entry, hash: auditHash(canonicalText(entry)) }, FORCE);
  };

  it.each<[string, () => Promise<unknown>, [string, number | null][]]>([
    ['a changed entry', () => set(3, { who: 'Zed' }), [['changed', 3]]],
    ['a changed entry with a new hash', () => forge(3, { who: 'Zed' }), [['unlinked', 4]]],
    ['a changed last entry with a new hash', () => forge(6, { who: 'Zed' }), [['rewritten', 6]]],
    ['a removed entry', () => events.deleteOne({ seq: 3 }), [['missing', 3]]],
    ['a cut end', () => events.deleteMany({ seq: { $gt: 4 } }), [['cut', 5]]],
    ['nothing left', () => events.deleteMany({}), [['cut', 1]]],
    ['no head', () => db.collection('auditHead').deleteMany({}), [['cut', null]]],
    [
      'an inserted entry',
      async () => events.insertOne({ ...event(), schemaVersion: 1 } as never, FORCE),
      [['outside', null]],
    ],
    [
      'two entries that were swapped',
      async () => {
        await set(2, { seq: 99 });
        await set(3, { seq: 2 });
        await set(99, { seq: 3 });
      },
      [
        ['changed', 2],
        ['unlinked', 2],
        ['changed', 3],
        ['unlinked', 3],
        ['unlinked', 4],
      ],
    ],
  ])('finds %s', async (_, tamper, breaks) => {
    await add(6);
    await tamper();
    const report = await auditEvents.verify(null);
    expect(report.breaks.map(({ kind, seq }) => [kind, seq])).toEqual(breaks);
  });

  it('finds an audit that was replaced with its head, by a head that was stored elsewhere', async () => {
    await add(3);
    const { last } = await auditEvents.verify(null);
    await Promise.all([events.deleteMany({}), db.collection('auditHead').deleteMany({})]);
    await add(5);
    expect(await auditEvents.verify(null)).toMatchObject({ broken: 0 });
    expect(await auditEvents.verify(last)).toMatchObject({ broken: 1, breaks: [{ kind: 'rewritten', seq: 3 }] });
  });
});

describe('The command audit', () => {
  const run = (...args: string[]) =>
    commandLine(['audit', ...args], {
      ...{ DATA_DIR: folder, MONGODB_URI: uri, MONGODB_DATABASE: db.databaseName },
      ...{ KIPU_ACCESS_ID: 'id', KIPU_SECRET_KEY: 'secret', KIPU_APP_ID: 'app', KIPU_INSTANCE_NAME: 'harbor' },
    });

  it('lists events; verify exits with 0 where the audit is intact, and with 1 where it is broken, and says where', async () => {
    const record = newRecordId();
    await add(2);
    await auditEvents.add(event({ record, why: 'called the nurse' }));
    const listed = await run('--record', record, '--json');
    expect(listed).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(listed.out)).toEqual([
      {
        ...{ seq: 3, at: NOW.toISOString(), who: 'Robin Vale', what: 'unlock', instance: 'harbor', record },
        ...{ why: 'called the nurse', outcome: 'unlocked' },
      },
    ]);

    const intact = await run('verify', '--json');
    expect(intact).toMatchObject({ code: 0, err: '' });
    const { head, ...report } = JSON.parse(intact.out);
    expect(report).toMatchObject({ ok: true, entries: 3, broken: 0, breaks: [], newerThanHead: 0 });
    expect(head).toMatch(/^3:[0-9a-f]{64}$/);

    await events.updateOne({ seq: 2 }, { $set: { who: 'Zed' } });
    const broken = await run('verify', '--head', head);
    expect(broken).toMatchObject({ code: 1, err: '' });
    expect(broken.out).toContain('The audit is BROKEN: 1 fault in 3 entries.\n  entry 2: changed:');
    expect(broken.out).not.toContain('Zed');
  });
});

describe('Refused deliveries', () => {
  it('are audited once per instance, webhook, reason and minute', async () => {
    const refused = { instance: 'harbor', webhook: 'chart-update', reason: 'wrong-secret' } as const;
    const seconds = (n: number) => new Date(NOW.getTime() + n * 1_000);
    const write = (n: number, change = {}) => auditRefusedDelivery(store, { ...refused, ...change }, seconds(n));
    await Promise.all(oneTo(30).map((n) => write(n)));
    await write(59);
    expect(await seqs()).toEqual([1]);
    await write(60);
    await write(1, { reason: 'old-signature' });
    await write(1, { webhook: 'patient-creation' });
    await write(1, { instance: null, reason: 'unknown-instance' });
    expect(await seqs()).toEqual(oneTo(5));
    expect((await auditEvents.list({ instance: 'harbor' }, 1))[0]).toMatchObject({
      ...{ what: 'delivery-refused', who: 'sender of chart-update', outcome: 'refused: wrong-secret', record: null },
    });
  });
});

describe('Changed settings', () => {
  const { schedule } = readSettings({});
  const north = {
    ...{ name: 'north', baseUrl: 'https://api.kipuapi.com', lockPolicy: 'always' as 'always' | 'never' },
    ...{ accessId: 'access-of-north', secretKey: 'secret-of-north', appId: 'app-of-north', digest: 'sha256' as const },
  };
  const start = (change: Partial<typeof north> = {}, one = store) =>
    auditSettings(one, { instances: [{ ...north, ...change }], schedule });
  const words = async () => (await auditEvents.list({}, 20)).map(({ outcome }) => outcome).reverse();
  const ADDED = 'instance north: added, at api.kipuapi.com, lockPolicy always, time zone UTC';
  const OFF = 'instance north: lockPolicy always → never';
  const ON = 'instance north: lockPolicy never → always';

  it('are audited once per change, without secrets', async () => {
    await start();
    await start();
    await start({ lockPolicy: 'never' });
    await start({ lockPolicy: 'never', secretKey: 'another' });
    await start();
    await start({ lockPolicy: 'never' });
    expect(await words()).toEqual([ADDED, OFF, ON, OFF]);
    expect(await auditEvents.list({ instance: 'north' }, 1)).toMatchObject([
      { what: 'settings-changed', record: null },
    ]);
    const kept = JSON.stringify([await events.find().toArray(), await collections.settingsSnapshots.find().toArray()]);
    expect(kept).not.toMatch(/-of-north/);
  });

  it('are audited once by several processes that start at the same time, and by one that was killed in between', async () => {
    await Promise.all(stores.map((one) => start({}, one)));
    expect(await words()).toEqual([ADDED]);
    vi.spyOn(store.settingsSnapshots, 'note').mockRejectedValueOnce(new Error('killed'));
    await expect(start({ lockPolicy: 'never' })).rejects.toThrow('killed');
    await start({ lockPolicy: 'never' });
    expect(await words()).toEqual([ADDED, OFF]);
  });

  it('do not include the port of a server on this machine', async () => {
    await start({ baseUrl: 'http://127.0.0.1:4001' });
    await start({ baseUrl: 'http://127.0.0.1:4002' });
    expect(await words()).toEqual(['instance north: added, at 127.0.0.1, lockPolicy always, time zone UTC']);
  });
});
