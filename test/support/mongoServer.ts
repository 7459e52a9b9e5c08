import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { startMongo } from '../../dev/servers/mongo.ts';

/**
 * The address of a MongoDB to test with; without it each file starts one. `npm run test:mongod` sets it from MONGODB_URI, so that
 * `npm test` never touches a database that somebody configured.
 */
export const FOREIGN_MONGO = 'TEST_MONGODB_URI';
/** What the names of all databases of this test run begin with; set before the tests of a foreign server. */
const PREFIX = 'TEST_DATABASE_PREFIX';

/** Returns a MongoDB: the foreign one, or one that stores in memory and that the caller stops. */
export async function mongoServer(options: {
  testCommands?: boolean;
}): Promise<{ uri: string; stop(): Promise<void> }> {
  const uri = process.env[FOREIGN_MONGO];
  if (uri !== undefined) return { uri, stop: () => Promise.resolve() };
  return startMongo({ storagePath: ':memory:', ...options });
}

/** Returns a name that no other database has. */
export function newDatabaseName(): string {
  return `${process.env[PREFIX] ?? 'test'}_${randomBytes(6).toString('hex')}`;
}

/**
 * Checks that the foreign server can be used, and returns a function that drops the databases of this run.
 * @throws Error with what to do where it cannot
 */
export async function prepareForeignMongo(uri: string): Promise<() => Promise<void>> {
  const prefix = `kipu_referrals_test_${randomBytes(4).toString('hex')}`;
  process.env[PREFIX] = prefix;
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 10_000 });
  try {
    const { setName } = await client.db('admin').command({ hello: 1 });
    if (typeof setName !== 'string') throw new Error('MONGODB_URI must be a replica set: start mongod with --replSet.');
    const { version } = await client.db('admin').command({ buildInfo: 1 });
    console.log(`Testing with MongoDB ${version}, replica set ${setName}, databases ${prefix}_*`);
  } finally {
    await client.close();
  }
  return async () => {
    const again = await MongoClient.connect(uri);
    try {
      const { databases } = await again.db('admin').admin().listDatabases({ nameOnly: true });
      const ours = databases.filter(({ name }) => name.startsWith(`${prefix}_`));
      for (const { name } of ours) await again.db(name).dropDatabase();
      console.log(`Dropped ${ours.length} databases of the tests.`);
    } finally {
      await again.close();
    }
  };
}
