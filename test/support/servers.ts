import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Db, MongoClient } from 'mongodb';
import { afterAll, onTestFinished, TestRunner } from 'vitest';
import { mongoServer, newDatabaseName } from './mongoServer.ts';

/** Creates a folder that is deleted after the file's tests, when the servers that use it have stopped. */
export async function temporaryFolder(): Promise<string> {
  const folder = mkdtemp(join(tmpdir(), 'kipu-referrals-test-'));
  afterAll(async () => rm(await folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Stops a server, also one that is still starting, after the test that started it, or after the file's tests if no test did.
 */
export function stopAtEnd(server: Promise<{ stop(): Promise<void> }>): void {
  // The caller that awaits the server gets the error of its start.
  const stop = server.then(
    (started) => started.stop,
    () => () => Promise.resolve(),
  );
  // vitest ignores an `afterAll` that is called in a test.
  const atEnd = TestRunner.getCurrentTest() === undefined ? afterAll : onTestFinished;
  atEnd(async () => (await stop)());
}

export interface TestDatabase {
  uri: string;
  client: MongoClient;
  /** A new database with a unique name. */
  db: Db;
}

let shared: ReturnType<typeof mongoServer> | undefined;

/**
 * Returns a new database on one server, which all calls of a test file share. Await it at the top level of the
 * file, outside of hooks.
 */
export async function mongoForTests(): Promise<TestDatabase> {
  if (shared === undefined) {
    shared = mongoServer({});
    stopAtEnd(shared);
  }
  let client: MongoClient | undefined;
  afterAll(() => client?.close());
  const { uri } = await shared;
  client = new MongoClient(uri);
  return { uri, client, db: client.db(newDatabaseName()) };
}
