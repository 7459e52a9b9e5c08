import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { connects, freePort, LOOPBACK } from './ports.ts';
import { type ServerProcess, startProcess } from './process.ts';
import { findProgram, type Program } from './programs.ts';
import { becomePrimary, REPLICA_SET } from './replica-set.ts';
import { withOwnPorts } from './retry.ts';

export interface MongoOptions {
  /** Folder that keeps the data over restarts (it is made), or ":memory:" for data that goes when the server stops. */
  storagePath: string;
  /** Any free port by default. */
  port?: number;
  /** Accepts `configureFailPoint`, for tests of faults. */
  testCommands?: boolean;
  /** Beside `storagePath` by default. */
  logFile?: string;
}

export interface MongoServer extends ServerProcess {
  /** For MONGODB_URI. */
  uri: string;
}

/**
 * Starts MongoDB, or the compatible server where there is none, on the loopback interface, as a replica set of one, and
 * waits until it takes writes.
 * @throws ProgramMissingError, ServerStartError
 */
export async function startMongo(options: MongoOptions): Promise<MongoServer> {
  const { path: program, kind } = findProgram('mongod');
  const throwAway = options.storagePath === ':memory:' ? mkdtempSync(join(tmpdir(), 'kipu-referrals-mongo-')) : null;
  const storagePath = throwAway ?? options.storagePath;
  mkdirSync(storagePath, { recursive: true });
  const sweep = () => {
    if (throwAway !== null) rmSync(throwAway, { recursive: true, force: true });
  };
  try {
    return await withOwnPorts(options.port === undefined, async () => {
      const port = options.port ?? (await freePort());
      const uri = `mongodb://${LOOPBACK}:${port}/?directConnection=true`;
      const server = await startProcess({
        program,
        args: mongoArguments(kind, {
          storagePath,
          port,
          keep: throwAway === null,
          testCommands: options.testCommands ?? false,
        }),
        logFile: options.logFile ?? (throwAway === null ? `${storagePath}.log` : join(throwAway, 'server.log')),
        ready: () => takesWrites(uri, kind, port),
        stopSignal: throwAway === null ? 'SIGTERM' : 'SIGKILL',
      });
      void server.exited.then(sweep);
      return { ...server, uri };
    });
  } catch (error) {
    sweep();
    throw error;
  }
}

/** The command line of `mongod` or `secantusd-py`. */
export function mongoArguments(
  kind: Program['kind'],
  options: { storagePath: string; port: number; keep: boolean; testCommands: boolean },
): string[] {
  const { storagePath, port, keep, testCommands } = options;
  if (kind === 'mongod') {
    return [
      ...['--bind_ip', LOOPBACK, '--port', String(port), '--dbpath', storagePath, '--nounixsocket'],
      ...['--replSet', REPLICA_SET],
      ...(testCommands ? ['--setParameter', 'enableTestCommands=1'] : []),
    ];
  }
  return [
    ...['--host', LOOPBACK, '--port', String(port), '--storage-path', storagePath, '--log-level', 'WARNING'],
    // Without it, writes that were acknowledged are lost when the server is killed; it makes writes much slower.
    ...(keep ? ['--sync-on-commit'] : []),
    ...(testCommands ? ['--enable-test-commands'] : []),
  ];
}

async function takesWrites(uri: string, kind: Program['kind'], port: number): Promise<void> {
  await connects(port);
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 1_000 });
  try {
    const admin = client.db('admin');
    if (kind === 'mongod') await becomePrimary(admin, `${LOOPBACK}:${port}`);
    const { isWritablePrimary } = await admin.command({ hello: 1 });
    if (isWritablePrimary !== true) throw new Error('It does not take writes yet.');
  } finally {
    await client.close();
  }
}
