import { MongoClient } from 'mongodb';
import { schemaOf } from '../../store/migrations/index.ts';
import { countChanges } from './testMigrations.ts';

// Runs the migration of the tests on a database, in small batches, and prints a line after each: `tsx migration-process.ts <uri> <database>`.
const [uri = '', database = ''] = process.argv.slice(2);
const client = new MongoClient(uri);
await schemaOf(client.db(database), [countChanges]).migrate({
  ...{ batch: 10, leaseMs: 1_000 },
  onProgress: ({ state, read }) => console.log(`${state} ${read}`),
});
await client.close();
