import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Db, MongoClient } from 'mongodb';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { notice } from '../../domain/disclosure.ts';
import { openStore } from '../../store/connect.ts';
import { unknownConsent } from '../../store/disclosureDocuments.ts';
import type { MigrationDocument } from '../../store/migrations/documents.ts';
import { schemaOf } from '../../store/migrations/index.ts';
import type { Stored } from '../../store/migrations/migration.ts';
import type { MigrateOptions, MigrationProgress } from '../../store/migrations/run.ts';
import { commandLine } from '../support/commandLine.ts';
import { environmentForTests } from '../support/environment.ts';
import { root, withTypeScript } from '../support/imports.ts';
import { mongoForTests, temporaryFolder } from '../support/servers.ts';
import { countChanges, renameTimes } from '../support/testMigrations.ts';

const { uri, client, db } = await mongoForTests();
const folder = await temporaryFolder();
const others = [new MongoClient(uri), new MongoClient(uri)];
afterAll(() => Promise.all(others.map((other) => other.close())));

const things = (from: Db) => from.collection<Stored>('things');
const states = (from: Db) => from.collection<MigrationDocument>('migrations');

/** Returns a new database with so many documents to change. */
async function databaseOf(name: string, count: number): Promise<Db> {
  const made = client.db(`${db.databaseName}_${name}`);
  const ids = Array.from({ length: count }, (_, n) => ({ _id: `t-${String(n).padStart(4, '0')}` }));
  await things(made).insertMany(ids);
  return made;
}

const changedOnce = async (from: Db) => things(from).countDocuments({ times: 1 });
const migrateThings = (from: Db, options: MigrateOptions) => schemaOf(from, [countChanges]).migrate(options);

describe('A migration', () => {
  it('that is killed is continued by another process from its last batch', async () => {
    const at = await databaseOf('killed', 300);
    const script = join(root, 'test/support/migration-process.ts');
    const child = spawn(process.execPath, [...withTypeScript, script, uri, at.databaseName], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    for await (const line of createInterface(child.stdout)) if (line === 'running 50') break;
    child.kill('SIGKILL');
    await once(child, 'exit');
    const [left] = await states(at).find().toArray();
    const done = await things(at).countDocuments({ times: 1 });
    expect(left).toMatchObject({ doneAt: null, heldBy: expect.any(String) });
    expect(done).toBeLessThan(300);
    expect(done).toBeGreaterThanOrEqual(left?.read ?? 0);

    const progress: MigrationProgress[] = [];
    await migrateThings(at, { batch: 10, leaseMs: 1_000, onProgress: (one) => void progress.push(one) });
    // It waited until the lease of the killed process was over, and then began behind its last stored batch.
    expect(progress[0]).toMatchObject({ state: 'waiting', read: left?.read });
    expect(progress.at(-1)).toMatchObject({ state: 'done', read: expect.any(Number) });
    expect(progress.at(-1)?.read).toBeLessThanOrEqual(300);
    expect(await changedOnce(at)).toBe(300);
  });

  it.each([
    { how: 'of which one waits for the other', leaseMs: 30_000 },
    { how: 'that take it from each other', leaseMs: 20 },
  ])('changes each document once with two processes $how', async ({ leaseMs }) => {
    const at = await databaseOf(`two_${leaseMs}`, 200);
    await Promise.all(others.map((other) => migrateThings(other.db(at.databaseName), { batch: 7, leaseMs })));
    expect(await changedOnce(at)).toBe(200);
    expect(await states(at).find().toArray()).toMatchObject([{ doneAt: expect.any(Date), heldBy: null }]);
  });

  it('also changes what a worker of the version before writes behind it, and runs once', async () => {
    const at = await databaseOf('behind', 50);
    const written: Promise<unknown>[] = [];
    await migrateThings(at, {
      batch: 10,
      onProgress: ({ read }) => {
        if (read === 30) written.push(things(at).insertOne({ _id: 'a-first-of-all' }));
      },
    });
    await Promise.all(written);
    expect(await changedOnce(at)).toBe(51);
    await things(at).insertOne({ _id: 't-late' });
    await migrateThings(at, {});
    expect(await changedOnce(at)).toBe(51);
  });

  it('that fails keeps its progress and lets go of the database', async () => {
    const at = await databaseOf('failing', 30);
    const failing = schemaOf(at, [
      { ...countChanges, writes: (all) => (all[0]?._id === 't-0010' ? refuse() : countChanges.writes(all)) },
    ]);
    await expect(failing.migrate({ batch: 10 })).rejects.toThrow('refused');
    expect(await states(at).find().toArray()).toMatchObject([{ doneAt: null, heldBy: null, last: 't-0009', read: 10 }]);
    await migrateThings(at, { batch: 10 });
    expect(await changedOnce(at)).toBe(30);
  });

  it('says what is left, and which versions may still run', async () => {
    const at = await databaseOf('plan', 12);
    const [before, after] = [schemaOf(at, [countChanges]), schemaOf(at, [countChanges, renameTimes])];
    const plan = async () =>
      (await after.plan()).map(({ id, state, left, changed }) => `${id} ${state} ${left} ${changed}`);
    expect(await plan()).toEqual(['0001-count-changes pending 12 0', '0002-rename-times pending 0 0']);
    await before.migrate();
    expect(await plan()).toEqual(['0001-count-changes done 0 12', '0002-rename-times pending 12 0']);
    await expect(before.check()).resolves.toBeUndefined();
    await expect(after.check()).rejects.toThrow('Migration 2 of this version is not done yet');
    await after.migrate();
    await expect(after.check()).resolves.toBeUndefined();
    await expect(before.check()).rejects.toThrow('its migration 2 has begun, and this version knows 1');
  });
});

function refuse(): never {
  throw new Error('refused');
}

describe('Documents of earlier versions', () => {
  it('get what was added since by the set-up, and what cannot be kept is deleted', async () => {
    const at = client.db(`${db.databaseName}_earlier`);
    const chart = { firstName: 'Ada', lastName: 'Example', dateOfBirth: '1980-02-03', medicalRecordNumber: 'MR-1' };
    await at.collection<Stored>('records').insertMany([
      { _id: 'r-old', chart },
      { _id: 'r-new', chart, search: { lastFirst: 'kept' } },
      { _id: 'r-unread', chart: null },
    ]);
    const consent = { ...unknownConsent, state: 'refused', version: 1 };
    await at.collection<Stored>('referrals').insertMany([
      { _id: 'r-old', instance: 'north', casefileId: 'one' },
      { _id: 'r-new', instance: 'north', casefileId: 'two', consent },
    ]);
    await at
      .collection<Stored>('webhookHealth')
      .insertMany([{ _id: 'north/chart-update' }, { _id: 'at', locationId: null }]);
    await at
      .collection<Stored>('detectedChanges')
      .insertMany([{ _id: 'r-old/1' }, { _id: 'r-old/2', locationId: '7' }]);

    const store = openStore({ uri, database: at.databaseName });
    onTestFinished(() => store.close());
    await expect(store.schema.check()).rejects.toThrow('4 migrations of this version are not done yet');
    await at.collection('records').updateMany({}, [{ $set: { instance: 'north', casefileId: '$_id' } }]);
    await store.setUp();
    await store.schema.check();
    const ids = async (name: string) => (await at.collection<Stored>(name).find().toArray()).map(({ _id }) => _id);
    expect(await at.collection<Stored>('records').find().sort({ _id: 1 }).toArray()).toMatchObject([
      { _id: 'r-new', search: { lastFirst: 'kept' } },
      { _id: 'r-old', search: { lastFirst: expect.stringContaining('example') } },
      { _id: 'r-unread', chart: null },
    ]);
    expect(await at.collection<Stored>('referrals').find().sort({ _id: 1 }).toArray()).toMatchObject([
      { _id: 'r-new', notice, consent },
      { _id: 'r-old', notice, consent: unknownConsent },
    ]);
    expect([await ids('webhookHealth'), await ids('detectedChanges')]).toEqual([['at'], ['r-old/2']]);
    expect(await store.schema.plan()).toMatchObject([
      { id: '0001-search-keys', state: 'done', changed: 1 },
      { id: '0002-statement-and-consent', state: 'done', changed: 3 },
      { id: '0003-health-per-location', state: 'done', changed: 1 },
      { id: '0004-changes-per-location', state: 'done', changed: 1 },
    ]);
  });
});

describe('A database that a newer version has changed', () => {
  const at = client.db(`${db.databaseName}_newer`);
  const env = {
    ...environmentForTests(),
    ...{ DATA_DIR: folder, MONGODB_URI: uri, MONGODB_DATABASE: at.databaseName, LOG_LEVEL: 'info' },
    ...{
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      WEB_ADDRESS: '127.0.0.1:0',
      CONNECTIONS_KEY: Buffer.alloc(32, 1).toString('base64'),
    },
  };

  it('is refused by web and by every command, with exit code 1, and keeps its validators', async () => {
    const newer = { collMod: 'records', validator: { $jsonSchema: { required: ['_id', 'fromTheFuture'] } } };
    const store = openStore({ uri, database: at.databaseName });
    onTestFinished(() => store.close());
    await store.setUp();
    await at.command(newer);
    await states(at).updateOne({ number: 4 }, { $set: { oldest: 5 } });
    const refusal =
      'The database belongs to a newer version of kipu-referrals: its migration 5 has begun, and this version knows 4.';
    const commands = [['web'], ['migrate', '--json']];
    const ended = await Promise.all(commands.map((args) => commandLine(args, env)));
    expect(ended.map(({ code, err }) => [code, err.includes(refusal)])).toEqual(commands.map(() => [1, true]));
    await expect(store.setUp()).rejects.toThrow(refusal);
    const [{ options } = {}] = await at.listCollections({ name: 'records' }, { nameOnly: false }).toArray();
    expect(options?.validator).toEqual(newer.validator);
  });
});
