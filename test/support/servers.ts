import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Db, MongoClient } from 'mongodb';
import { afterAll, expect, onTestFinished } from 'vitest';
import { type MongoServer, startMongo } from '../../dev/servers/mongo.ts';
import { startTemporal, type TemporalServer } from '../../dev/servers/temporal.ts';

export interface TestServers {
  /** Throw-away folder that holds `temporal.db`, `mongo/` and the servers' logs. */
  folder: string;
  temporal: TemporalServer;
  mongo: MongoServer;
}

/**
 * Starts the real servers for a test file, with data that survives their restart. To be awaited at the top level of
 * the file, outside of any hook: they are stopped, and the folder is deleted, when the file's tests have ended.
 */
export async function startTestServers(options: { testCommands?: boolean } = {}): Promise<TestServers> {
  const folder = await temporaryFolder();
  const temporal = startTemporal({
    dbFile: join(folder, 'temporal.db'),
    uiPort: false,
    logFile: join(folder, 'temporal.log'),
  });
  const mongo = startMongo({
    storagePath: join(folder, 'mongo'),
    logFile: join(folder, 'mongo.log'),
    testCommands: options.testCommands ?? false,
  });
  stopAtEnd(temporal);
  stopAtEnd(mongo);
  return { folder, temporal: await temporal, mongo: await mongo };
}

/** A folder that is deleted when the file's tests have ended, after what was started in it was stopped. */
export async function temporaryFolder(): Promise<string> {
  const folder = mkdtemp(join(tmpdir(), 'kipu-referrals-test-'));
  afterAll(async () => rm(await folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Stops a server, also one that is still starting, when the test that started it has ended; one that was started outside of
 * a test, when the file's tests have.
 */
export function stopAtEnd(server: Promise<{ stop(): Promise<void> }>): void {
  // Whoever awaits the server sees why it did not start.
  const stop = server.then(
    (started) => started.stop,
    () => () => Promise.resolve(),
  );
  // vitest passes over an `afterAll` that comes too late.
  const atEnd = expect.getState().currentTestName === undefined ? afterAll : onTestFinished;
  atEnd(async () => (await stop)());
}

export interface TestDatabase {
  uri: string;
  client: MongoClient;
  /** A database of its own, under a name that nobody else has. */
  db: Db;
}

let shared: Promise<MongoServer> | undefined;
let databases = 0;

/**
 * Gives a database of its own on one server in memory, which all calls of a test file share. To be awaited at the top
 * level of the file, outside of any hook.
 */
export async function mongoForTests(): Promise<TestDatabase> {
  if (shared === undefined) {
    shared = startMongo({ storagePath: ':memory:' });
    stopAtEnd(shared);
  }
  let client: MongoClient | undefined;
  afterAll(() => client?.close());
  const { uri } = await shared;
  client = new MongoClient(uri);
  databases += 1;
  return { uri, client, db: client.db(`test_${process.pid}_${databases}`) };
}
