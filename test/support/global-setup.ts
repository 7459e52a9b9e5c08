import { findProgram } from '../../dev/servers/programs.ts';
import { FOREIGN_MONGO, prepareForeignMongo } from './mongoServer.ts';

/**
 * Fails before the tests, with what to run, if the servers that they need are missing. With a MongoDB that is given, returns what
 * drops the databases of the tests.
 */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  findProgram('temporal');
  findProgram('temporal-test-server');
  findProgram('mongod');
  const uri = process.env[FOREIGN_MONGO];
  return uri === undefined ? undefined : prepareForeignMongo(uri);
}
