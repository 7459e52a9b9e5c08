import { findProgram } from '../../dev/servers/programs.ts';

/** Says at once, and clearly, what to run where the servers that these tests need are not there. */
export default function setup(): void {
  findProgram('temporal');
  findProgram('temporal-test-server');
  findProgram('mongod');
}
