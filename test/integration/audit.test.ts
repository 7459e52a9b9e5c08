import { randomUUID } from 'node:crypto';
import { type Collection, MongoClient, MongoNetworkError } from 'mongodb';
import { afterAll, afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { auditRefusedDelivery, auditShown, osUser } from '../../client/audit.ts';
import { checkAudit } from '../../client/auditCheck.ts';
import { auditSettings } from '../../client/auditSettings.ts';
import { readSettings } from '../../config/settings.ts';
import { anchorsInLog, canonicalText } from '../../domain/audit.ts';
import type { AuditDocument } from '../../store/accessDocuments.ts';
import { auditHash } from '../../store/auditAppend.ts';
import { type AuditEvent, auditEvents as auditOperations } from '../../store/auditEvents.ts';
import type { AuditPosition, AuditSearch } from '../../store/auditPages.ts';
import { StoreConflictError } from '../../store/conflict.ts';
import { openStore } from '../../store/connect.ts';
import { newRecordId } from '../../store/ids.ts';
import { commandLine } from '../support/commandLine.ts';
import { aHold, aRecord } from '../support/recordFixtures.ts';
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

/** Returns the operations in a process of their own, and the requests that they send to the audit's collections. */
function watched(keys: readonly string[] = []) {
  const requests: string[] = [];
  const client = new MongoClient(uri, { monitorCommands: true, writeConcern: { w: 'majority' } });
  onTestFinished(() => client.close());
  client.on('commandStarted', ({ commandName, command }) => {
    const collection = command[commandName];
    if (collection === 'auditEvents' || collection === 'auditHead') requests.push(`${commandName} ${collection}`);
  });
  const own = client.db(db.databaseName);
  return { requests, own: auditOperations(own.collection('auditEvents'), own.collection('auditHead'), keys) };
}

const seqs = async () => (await events.find().sort({ seq: 1 }).toArray()).map(({ seq }) => seq);
const oneTo = (n: number) => Array.from({ length: n }, (_, at) => at + 1);

describe('Adding audit events', () => {
  it('by several processes at the same time leaves an unbroken chain', async () => {
    const names = oneTo(20).map((n) => `event/${n}`);
    await Promise.all(names.map((_id, n) => stores[n % 4]?.auditEvents.add(event({ _id }))));
    expect(await seqs()).toEqual(oneTo(20));
    expect((await events.distinct('_id')).sort()).toEqual([...names].sort());
    const report = await auditEvents.verify();
    expect(report).toMatchObject({ entries: 20, broken: 0, breaks: [] });
    expect(report.head).toEqual(report.last);
  });

  it('with the same id again, also at the same time, adds nothing and keeps the first event', async () => {
    await Promise.all(oneTo(8).map((n) => stores[n % 4]?.auditEvents.add(event({ _id: 'event/7', why: String(n) }))));
    const first = await auditEvents.get('event/7');
    await auditEvents.add(event({ _id: 'event/7', why: 'later' }));
    expect(await auditEvents.get('event/7')).toEqual(first);
    expect(await seqs()).toEqual([1]);
    expect(await auditEvents.verify()).toMatchObject({ entries: 1, broken: 0 });
  });

  it('again after its writer was killed before it moved the head, moves the head', async () => {
    await add(1);
    const head = await collections.auditHead.findOne({});
    await auditEvents.add(event({ _id: 'event/7' }));
    await collections.auditHead.updateOne({}, { $set: { seq: head?.seq ?? 0, hash: head?.hash ?? '' } });
    expect(await auditEvents.verify()).toMatchObject({ broken: 0, last: { seq: 2 }, head: { seq: 1 } });
    await auditEvents.add(event({ _id: 'event/7' }));
    expect(await auditEvents.verify()).toMatchObject({ broken: 0, last: { seq: 2 }, head: { seq: 2 } });
  });

  it('fails, to be retried, where other writers always take the next place', async () => {
    await add(1);
    // Reads the end as it was before another writer's entry, each time.
    const end = vi.spyOn(collections.auditEvents, 'findOne').mockResolvedValue(null);
    const adding = [auditEvents.add(event()), auditEvents.add(event())];
    for (const one of await Promise.allSettled(adding))
      expect(one).toMatchObject({ status: 'rejected', reason: expect.any(StoreConflictError) });
    expect(end.mock.calls.length).toBeGreaterThan(10);
    end.mockRestore();
    await add(1);
    expect(await seqs()).toEqual([1, 2]);
  });

  it('a hundred at the same time takes as many requests as adding one, and keeps their order', async () => {
    const { own, requests } = watched();
    await own.add(event());
    const ofOne = requests.splice(0);
    const names = oneTo(100).map((n) => `event/${n}`);
    await Promise.all(names.map((_id) => own.add(event({ _id }))));
    expect(requests).toEqual(ofOne);
    const stored = await events.find({ seq: { $gt: 1 } }, { sort: { seq: 1 } }).toArray();
    expect(stored.map(({ _id }) => _id)).toEqual(names);
    expect(await auditEvents.verify()).toMatchObject({ entries: 101, broken: 0, head: { seq: 101 } });
  });

  it('many at the same time in several processes keeps each once, and in the order of its process', async () => {
    const names = stores.map((_, process) => oneTo(40).map((n) => `event/${process}/${n}`));
    await Promise.all(
      stores.flatMap((one, process) => names[process]?.map((_id) => one.auditEvents.add(event({ _id })))),
    );
    const stored = (await events.find().sort({ seq: 1 }).toArray()).map(({ _id }) => String(_id));
    for (const [process, ofProcess] of names.entries())
      expect(stored.filter((name) => name.startsWith(`event/${process}/`))).toEqual(ofProcess);
    expect(await auditEvents.verify()).toMatchObject({ entries: 160, broken: 0, head: { seq: 160 } });
  });

  it.each([
    ['that the database refuses', { what: 'nonsense' as 'unlock' }, /validation/i],
    ['that is too large', { why: 'x'.repeat(16.5 * 2 ** 20) }, /larger than|too large/i],
  ])('one %s fails alone, and those of the same moment are added', async (_, wrong, error) => {
    await auditEvents.add(event({ _id: 'event/there' }));
    const adding = [
      auditEvents.add(event({ _id: 'event/1' })),
      auditEvents.add(event({ _id: 'event/there', why: 'again' })),
      auditEvents.add(event({ _id: 'event/wrong', ...wrong })),
      auditEvents.add(event({ _id: 'event/2' })),
      auditEvents.add(event({ _id: 'event/2', why: 'again' })),
    ];
    const results = await Promise.allSettled(adding);
    expect(results.map(({ status }) => status)).toEqual(oneTo(5).map((n) => (n === 3 ? 'rejected' : 'fulfilled')));
    await expect(adding[2]).rejects.toThrow(error);
    expect(await events.find().sort({ seq: 1 }).toArray()).toMatchObject([
      { seq: 1, _id: 'event/there', why: null },
      { seq: 2, _id: 'event/1' },
      { seq: 3, _id: 'event/2', why: null },
    ]);
    expect(await auditEvents.verify()).toMatchObject({ entries: 3, broken: 0, head: { seq: 3 } });
  });

  it('many whose writer is killed between the entries and the head leaves a head that is behind, which a repetition moves', async () => {
    await add(1);
    const addAll = () => Promise.allSettled(oneTo(5).map((n) => auditEvents.add(event({ _id: `event/${n}` }))));
    vi.spyOn(collections.auditHead, 'updateOne').mockRejectedValueOnce(new Error('killed'));
    expect((await addAll()).map(({ status }) => status)).toEqual(oneTo(5).map(() => 'rejected'));
    expect(await auditEvents.verify()).toMatchObject({ broken: 0, last: { seq: 6 }, head: { seq: 1 } });
    expect((await addAll()).map(({ status }) => status)).toEqual(oneTo(5).map(() => 'fulfilled'));
    expect(await auditEvents.verify()).toMatchObject({ entries: 6, broken: 0, last: { seq: 6 }, head: { seq: 6 } });
  });

  it('many fails for all of them where the connection is lost, and the next ones are added', async () => {
    await add(1);
    const insert = vi.spyOn(collections.auditEvents, 'insertMany').mockRejectedValueOnce(new MongoNetworkError('lost'));
    const results = await Promise.allSettled(oneTo(3).map(() => auditEvents.add(event())));
    expect(results.map(({ status }) => status)).toEqual(oneTo(3).map(() => 'rejected'));
    expect(insert).toHaveBeenCalledTimes(1);
    await add(1);
    expect(await auditEvents.verify()).toMatchObject({ entries: 2, broken: 0, head: { seq: 2 } });
  });

  it.each([
    ['with half a character', 'x\ud83d'],
    ['with a null character', 'a\u0000b'],
    ['that looks like an operator', '$where.__proto__'],
    ['from right to left', 'שלום \u202e 👩‍👩‍👧'],
  ])('with a text %s keeps the chain intact', async (_, why) => {
    await auditEvents.add(event({ why }));
    await add(1);
    expect(await auditEvents.verify()).toMatchObject({ entries: 2, broken: 0 });
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

describe('Searching the audit', () => {
  const [record, other] = [newRecordId(), newRecordId()];
  const shown = { what: 'patients-shown', kind: 'holds-listed', record: null } as const;

  async function added() {
    await auditEvents.add(event({ record, outcome: '1' }));
    await auditEvents.add(event({ ...shown, instance: 'harbor', records: [record], outcome: '2' }));
    const both = { instance: null, instances: ['harbor', 'grove'], records: [record, other] };
    await auditEvents.add(event({ ...shown, ...both, who: 'Lee', outcome: '3' }));
    await auditEvents.add(event({ ...shown, instance: 'grove', records: [other], outcome: '4' }));
    await auditEvents.add(event({ what: 'signed-in', instance: null, record: null, outcome: '5' }));
    await auditEvents.add(event({ at: new Date(NOW.getTime() + 1), outcome: '6' }));
  }

  const searches: [Partial<AuditSearch>, string][] = [
    [{}, '6 5 4 3 2 1'],
    [{ who: 'Lee' }, '3'],
    [{ record }, '3 2 1'],
    [{ what: 'signed-in' }, '5'],
    [{ kind: 'holds-listed' }, '4 3 2'],
    [{ instance: 'grove' }, '4 3'],
    [{ until: NOW }, ''],
    [{ from: new Date(NOW.getTime() + 1) }, '6'],
    [{ until: new Date(NOW.getTime() + 1) }, '5 4 3 2 1'],
    [{ sees: ['grove'] }, '5 4 3'],
    [{ sees: ['grove'], record: other }, '4 3'],
    [{ sees: [] }, '5'],
  ];

  async function pagesOf(search: AuditSearch): Promise<string[]> {
    const found: string[] = [];
    for (let after: AuditPosition | null = null; ; ) {
      const page: { found: AuditDocument[]; more: boolean } = await store.auditPages.page(search, after, 2);
      found.push(...page.found.map(({ outcome }) => outcome));
      const last = page.found.at(-1);
      if (!page.more || last === undefined) return found;
      after = { at: last.at, seq: last.seq };
    }
  }

  it('finds the same on pages of two and in an export, each event once, newest first', async () => {
    await added();
    for (const [search, wanted] of searches) {
      const all = { sees: '*', ...search } as const;
      expect([search, (await pagesOf(all)).join(' ')]).toEqual([search, wanted]);
      const exported: string[] = [];
      for await (const { outcome } of store.auditPages.all(all)) exported.push(outcome);
      expect([search, exported.join(' ')]).toEqual([search, wanted]);
    }
  });

  it('shows the result of the last check', async () => {
    await added();
    expect(await store.auditPages.lastCheck()).toBeNull();
    await checkAudit(store, { who: 'Lee', at: NOW });
    await events.updateOne({ seq: 2 }, { $set: { outcome: 'nothing' } });
    const { isIntact } = await checkAudit(store, { who: 'Robin Vale', at: NOW });
    expect(isIntact).toBe(false);
    expect(await store.auditPages.lastCheck()).toMatchObject({
      who: 'Robin Vale',
      isIntact: false,
      entries: 6,
      broken: 1,
    });
    expect(await store.auditPages.people()).toEqual(['Lee', 'Robin Vale']);
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
    expect(await auditEvents.verify()).toMatchObject({
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
    const report = await auditEvents.verify();
    expect(report.breaks.map(({ kind, seq }) => [kind, seq])).toEqual(breaks);
  });

  it('finds an audit that was replaced with its head, by a head that was stored elsewhere', async () => {
    await add(3);
    const { last } = await auditEvents.verify();
    await Promise.all([events.deleteMany({}), db.collection('auditHead').deleteMany({})]);
    await add(5);
    expect(await auditEvents.verify()).toMatchObject({ broken: 0 });
    expect(await auditEvents.verify(last === null ? [] : [{ ...last, from: 'a stored head' }])).toMatchObject({
      broken: 1,
      breaks: [{ kind: 'rewritten', seq: 3 }],
    });
  });
});

describe('A person who can write the database', () => {
  const key = 'a key that is not in the database';
  const withKey = (auditKeys: string[]) => {
    const opened = openStore({ uri, database: db.databaseName, auditKeys });
    onTestFinished(() => opened.close());
    return opened.auditEvents;
  };

  /** Removes an entry, numbers the rest again, and computes all hashes and the head again. */
  async function rewrite(removed: number): Promise<void> {
    const entries = await events.find().sort({ seq: 1 }).toArray();
    await events.deleteMany({});
    let [seq, previous] = [0, ''];
    for (const entry of entries.filter((one) => one.seq !== removed)) {
      seq += 1;
      const moved = { ...entry, seq, previous };
      previous = auditHash(canonicalText(moved));
      await events.insertOne({ ...moved, hash: previous } as never, FORCE);
    }
    await db.collection('auditHead').updateOne({}, { $set: { seq, hash: previous } });
  }

  it('and removes an entry, numbers and hashes the rest again and sets the head is detected by the key', async () => {
    const authenticated = withKey([key]);
    for (let n = 0; n < 6; n += 1) await authenticated.add(event());
    expect(await authenticated.verify()).toMatchObject({ authenticated: true, entries: 6, broken: 0 });
    await rewrite(3);
    expect(await auditEvents.verify()).toMatchObject({ authenticated: false, entries: 5, broken: 0 });
    const { breaks } = await authenticated.verify();
    expect(breaks.map(({ kind, seq }) => [kind, seq])).toEqual([3, 4, 5].map((seq) => ['unauthenticated', seq]));
  });

  it('is detected without a key by a line of the log', async () => {
    await add(4);
    const last = await auditEvents.last();
    const log = JSON.stringify({ msg: 'a run ended', instance: 'harbor', auditSeq: last?.seq, auditHash: last?.hash });
    await add(2);
    expect(await auditEvents.verify(anchorsInLog(log))).toMatchObject({ broken: 0 });
    await rewrite(3);
    expect(await auditEvents.verify()).toMatchObject({ broken: 0 });
    expect((await auditEvents.verify(anchorsInLog(log))).breaks).toMatchObject([{ kind: 'rewritten', seq: 4 }]);
  });

  it.each<[string, (seq: number) => Promise<unknown>]>([
    ['removes the codes', () => events.updateMany({}, { $unset: { mac: '' } }, FORCE)],
    ['uses another key', () => events.updateMany({}, { $set: { mac: 'f'.repeat(64) } }, FORCE)],
  ])('and %s is detected', async (_, tamper) => {
    const authenticated = withKey([key]);
    for (let n = 0; n < 2; n += 1) await authenticated.add(event());
    await tamper(1);
    expect(await authenticated.verify()).toMatchObject({ broken: 2, breaks: [{ kind: 'unauthenticated' }, {}] });
  });

  it('a process without the key cannot add to an authenticated audit, and says what to set', async () => {
    await withKey([key]).add(event());
    await expect(auditEvents.add(event())).rejects.toThrow(/AUDIT_KEY/);
    expect(await seqs()).toEqual([1]);
  });

  it('a new key is used for new entries, and the old one still checks the earlier ones', async () => {
    const next = 'the next key, which replaces the first';
    await withKey([key]).add(event());
    const both = withKey([next, key]);
    await both.add(event());
    expect(await both.verify()).toMatchObject({ entries: 2, broken: 0 });
    expect(await withKey([next]).verify()).toMatchObject({ broken: 1, breaks: [{ seq: 1 }] });
  });

  it('entries from before the key was set are accepted up to the entry that is named', async () => {
    await add(2);
    const authenticated = withKey([key]);
    await authenticated.add(event());
    expect(await authenticated.verify()).toMatchObject({ broken: 2 });
    expect(await authenticated.verify([], 3)).toMatchObject({ broken: 0 });
  });

  it('the service only finds and inserts entries, so that its user needs no other right', async () => {
    const { own, requests } = watched([key]);
    const one = event({ record: newRecordId() });
    for (let n = 0; n < 2; n += 1) await own.add(one);
    await Promise.all([own.verify(), own.last(), own.list({ record: one.record ?? '' }, 5), own.viewsOf('r', 5)]);
    const ofEvents = requests.filter((request) => request.endsWith(' auditEvents'));
    expect([...new Set(ofEvents)].sort()).toEqual(['find auditEvents', 'insert auditEvents']);
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
        ...{ name: null, from: null, session: null, kind: null, records: null, instances: null },
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

describe('The audit of what people saw', () => {
  const run = (...args: string[]) =>
    commandLine(args, {
      ...{ DATA_DIR: folder, MONGODB_URI: uri, MONGODB_DATABASE: db.databaseName },
      ...{ KIPU_ACCESS_ID: 'id', KIPU_SECRET_KEY: 'secret', KIPU_APP_ID: 'app', KIPU_INSTANCE_NAME: 'harbor' },
    });
  const seen = (who: string, ids: string[], at = new Date(), instance = 'harbor') =>
    auditShown(
      store,
      { who, from: '192.0.2.7', session: 'abcdefghijkl' },
      { kind: 'referrals-listed', records: ids.map((_id) => ({ _id, instance })) },
      { at, per: 'request' },
    );

  it('says who saw a record and what a person saw, for the last days', async () => {
    const [one, other] = [newRecordId(), newRecordId()];
    await seen('dana', [one, other]);
    await seen('lee', [other]);
    await seen('dana', [one], new Date(Date.now() - 31 * 86_400_000));
    const listed = async (...args: string[]) => {
      const { code, out, err } = await run('audit', ...args, '--json');
      expect([code, err]).toEqual([0, '']);
      return (JSON.parse(out) as { seq: number }[]).map(({ seq }) => seq);
    };
    expect(await listed('--record', other)).toEqual([2, 1]);
    expect(await listed('--record', one, '--since', '30d')).toEqual([1]);
    expect(await listed('--person', 'dana')).toEqual([1, 3]);
    expect(await listed('--person', 'dana', '--since', '30d')).toEqual([1]);
    expect((await run('audit', '--since', 'yesterday')).code).toBe(2);
    expect((await auditEvents.list({ who: 'lee' }, 1))[0]).toMatchObject({
      ...{ what: 'patients-shown', kind: 'referrals-listed', record: null, records: [other], instance: 'harbor' },
      ...{ from: '192.0.2.7', session: 'abcdefghijkl', outcome: '1 record shown' },
    });
  });

  it('finds an event that shows several instances by each of them, and has at most 1,000 records in one event', async () => {
    const records = oneTo(1_001).map((n) => ({ _id: newRecordId(), instance: n === 1 ? 'north' : 'south' }));
    await auditShown(
      store,
      { who: 'dana', from: '192.0.2.7' },
      { kind: 'export', records },
      { at: NOW, per: 'request' },
    );
    const [last, first] = await auditEvents.list({ instance: 'south' }, 5);
    expect([first?.records?.length, last?.records?.length]).toEqual([1_000, 1]);
    expect(first).toMatchObject({ instance: null, instances: ['north', 'south'] });
    expect(await auditEvents.list({ instance: 'north' }, 5)).toHaveLength(1);
    expect(await auditEvents.verify()).toMatchObject({ broken: 0 });
  });

  it.each([
    ['records', { kind: 'records-listed' }],
    ['holds', { kind: 'holds-listed' }],
    ['unlock --all --dry-run', { kind: 'holds-listed' }],
  ])('has what the command %s printed, with the user of the operating system', async (command, expected) => {
    const record = aRecord({ _id: newRecordId(), instance: 'harbor', status: 'held', hold: aHold });
    await collections.records.insertOne(record);
    const { code, out, err } = await run(...command.split(' '), '--json');
    expect({ code, err: command.startsWith('unlock') ? '' : err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toHaveLength(1);
    expect(await auditEvents.list({ record: record._id }, 5)).toMatchObject([
      { what: 'patients-shown', ...expected, who: osUser(), from: 'command line', records: [record._id] },
    ]);
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
  const settings = (env: Record<string, string> = {}) => readSettings(env);
  const north = {
    ...{ name: 'north', baseUrl: 'https://api.kipuapi.com', lockPolicy: 'always' as 'always' | 'never' },
    ...{ accessId: 'access-of-north', secretKey: 'secret-of-north', appId: 'app-of-north', digest: 'sha256' as const },
  };
  const start = (change: Partial<typeof north> = {}, one = store, env: Record<string, string> = {}) =>
    auditSettings(one, { ...settings(env), instances: [{ ...north, ...change }] });
  const words = async () => (await auditEvents.list({}, 20)).map(({ outcome }) => outcome).reverse();
  const ADDED = 'instance north: added, at api.kipuapi.com, lockPolicy always, time zone UTC';
  const OFF = 'instance north: lockPolicy always → never';
  const KEYS = 'instance north: credentials changed';
  const ON = 'instance north: lockPolicy never → always';

  it('are audited once per change, without secrets', async () => {
    await start();
    await start();
    await start({ lockPolicy: 'never' });
    await start({ lockPolicy: 'never', secretKey: 'another-of-north' });
    await start();
    expect(await words()).toEqual([ADDED, OFF, KEYS, ON, KEYS]);
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

  it('that decide who reaches what are audited, and of secrets only that they changed', async () => {
    const before = {
      ...{ WEB_URL: 'https://r.test', WEB_TRUSTED_PROXIES: '192.0.2.1', HEALTH_TOKEN: 'token-one-of-north' },
      ...{ OIDC_ISSUER: 'https://a.test', OIDC_CLIENT_ID: 'c', OIDC_CLIENT_SECRET: 'client-one-of-north' },
      NOTICE_URL: 'https://chat.test/one-of-north',
      MONGODB_URI: 'mongodb+srv://u:one-of-north@db.test/x',
    };
    const after = {
      ...before,
      ...{ OIDC_ISSUER: 'https://b.test', OIDC_ROLE_CLAIM: 'groups', OIDC_CLIENT_SECRET: 'client-two-of-north' },
      ...{ WEB_TRUSTED_PROXIES: '192.0.2.1,192.0.2.2', NOTICE_URL: 'https://else.test/one-of-north' },
      UNLOCK_BY_HAND: 'no',
      MONGODB_URI: 'mongodb+srv://u:two-of-north@db.test/x',
    };
    await start({}, store, before);
    expect(await start({}, store, before)).toEqual([]);
    expect(await start({}, store, after)).toEqual([
      'access: NOTICE_URL chat.test → else.test',
      'access: OIDC_ISSUER https://a.test → https://b.test',
      'access: OIDC_ROLE_CLAIM role → groups',
      'access: UNLOCK_BY_HAND not set → no',
      'access: WEB_TRUSTED_PROXIES 192.0.2.1 → 192.0.2.1, 192.0.2.2',
      'access: MONGODB_URI changed',
      'access: NOTICE_URL changed',
      'access: OIDC_CLIENT_SECRET changed',
    ]);
    const kept = JSON.stringify([await events.find().toArray(), await collections.settingsSnapshots.find().toArray()]);
    expect(kept).not.toMatch(/-of-north/);
  });

  it('do not include the port of a server on this machine', async () => {
    await start({ baseUrl: 'http://127.0.0.1:4001' });
    await start({ baseUrl: 'http://127.0.0.1:4002' });
    expect(await words()).toEqual(['instance north: added, at 127.0.0.1, lockPolicy always, time zone UTC']);
  });
});
