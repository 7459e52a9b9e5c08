import { findProgram } from '../../dev/servers/programs.ts';

/** Fails before the tests, with what to run, if the servers that they need are missing. */
export default function setup(): void {
  findProgram('temporal');
  findProgram('temporal-test-server');
  findProgram('mongod');
}
