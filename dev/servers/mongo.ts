import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Db } from 'mongodb';
import { z } from 'zod';
import type { Leftover } from './leftover.ts';
import { connects, freePort, LOOPBACK } from './ports.ts';
import { type ServerProcess, startProcess, withOwnPorts } from './process.ts';
import { findProgram, type Program } from './programs.ts';

/** A standalone server has no transactions and no change streams; a replica set of one has both. */
const REPLICA_SET = 'local';

const ALREADY_INITIALIZED = 23;
const WAKE_MS = 20;

export interface MongoOptions {
  /** The folder of the data, created if needed; or ":memory:" for data that is deleted when the server stops. */
  storagePath: string;
  /** Default: any free port. */
  port?: number;
  /** Whether it accepts `configureFailPoint`, for tests of faults. */
  testCommands?: boolean;
  /**
   * The file of the only user who may read and write, created with a random password at the first start. Only the
   * compatible server has it: a real `mongod` and a server without this file ask for no password.
   */
  userFile?: string;
  /** Default: beside `storagePath`. */
  logFile?: string;
  /** Called when the program was started; it does not answer yet. */
  onLaunch?: (server: Leftover) => void;
}

export interface MongoServer extends ServerProcess {
  /** For MONGODB_URI. */
  uri: string;
}

/**
 * Starts MongoDB, or the compatible server if there is none, on the loopback interface, as a replica set of one, and waits
 * until it accepts writes.
 * @throws ProgramMissingError, ServerStartError
 */
export async function startMongo(options: MongoOptions): Promise<MongoServer> {
  const { path: program, kind } = findProgram('mongod');
  const temporary = options.storagePath === ':memory:' ? mkdtempSync(join(tmpdir(), 'kipu-referrals-mongo-')) : null;
  const storagePath = temporary ?? options.storagePath;
  mkdirSync(storagePath, { recursive: true, mode: 0o700 });
  const cleanUp = () => {
    if (temporary !== null) rmSync(temporary, { recursive: true, force: true });
  };
  try {
    return await withOwnPorts(options.port === undefined, async () => {
      const port = options.port ?? (await freePort());
      const start = async (user: MongoUser | null) => {
        const login = user === null ? '' : `${user.name}:${user.password}@`;
        const uri = `mongodb://${login}${LOOPBACK}:${port}/?directConnection=true`;
        const server = await startProcess({
          program,
          args: mongoArguments(kind, {
            storagePath,
            port,
            keep: temporary === null,
            testCommands: options.testCommands ?? false,
            auth: user !== null,
          }),
          logFile: options.logFile ?? (temporary === null ? `${storagePath}.log` : join(temporary, 'server.log')),
          ready: () => acceptsWrites(uri, kind, port),
          onLaunch: options.onLaunch,
          stopSignal: temporary === null ? 'SIGTERM' : 'SIGKILL',
        });
        return { ...server, uri, stop: () => (kind === 'mongod' ? server.stop() : wakeUntil(server.stop(), port)) };
      };
      const user =
        options.userFile === undefined || kind === 'mongod' ? null : await mongoUser(options.userFile, start);
      const server = await start(user);
      void server.exited.then(cleanUp);
      return server;
    });
  } catch (error) {
    cleanUp();
    throw error;
  }
}

/**
 * Connects again and again until the server has ended. The compatible server waits for a connection before it ends, for two
 * seconds where there is none.
 */
async function wakeUntil(stopped: Promise<void>, port: number): Promise<void> {
  const timer = setInterval(() => void connects(port).catch(() => undefined), WAKE_MS);
  try {
    await stopped;
  } finally {
    clearInterval(timer);
  }
}

/** Returns the arguments of `mongod` or `secantusd-py`. */
export function mongoArguments(
  kind: Program['kind'],
  options: { storagePath: string; port: number; keep: boolean; testCommands: boolean; auth?: boolean },
): string[] {
  const { storagePath, port, keep, testCommands, auth = false } = options;
  if (kind === 'mongod') {
    return [
      ...['--bind_ip', LOOPBACK, '--port', String(port), '--dbpath', storagePath, '--nounixsocket'],
      ...['--replSet', REPLICA_SET],
      ...(testCommands ? ['--setParameter', 'enableTestCommands=1'] : []),
    ];
  }
  return [
    ...['--host', LOOPBACK, '--port', String(port), '--storage-path', storagePath, '--log-level', 'WARNING'],
    // Without it, acknowledged writes are lost when the server is killed. It makes writes much slower.
    ...(keep ? ['--sync-on-commit'] : []),
    ...(testCommands ? ['--enable-test-commands'] : []),
    ...(auth ? ['--auth'] : []),
  ];
}

async function acceptsWrites(uri: string, kind: Program['kind'], port: number): Promise<void> {
  await connects(port);
  const { MongoClient } = await import('mongodb');
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 1_000 });
  try {
    const admin = client.db('admin');
    if (kind === 'mongod') await becomePrimary(admin, `${LOOPBACK}:${port}`);
    const { isWritablePrimary } = await admin.command({ hello: 1 });
    if (isWritablePrimary !== true) throw new Error('It does not accept writes yet.');
  } finally {
    await client.close();
  }
}

/**
 * Makes a `mongod` the replica set's only member, with this host and port. Its data contains the port of the previous start;
 * with another port, the server would not find itself among the members.
 */
async function becomePrimary(admin: Db, host: string): Promise<void> {
  try {
    await admin.command({ replSetInitiate: { _id: REPLICA_SET, members: [{ _id: 0, host }] } });
  } catch (error) {
    const { MongoServerError } = await import('mongodb');
    if (!(error instanceof MongoServerError) || error.code !== ALREADY_INITIALIZED) throw error;
    const { config } = await admin.command({ replSetGetConfig: 1 });
    if (config.members[0].host === host) return;
    const next = { ...config, version: config.version + 1, members: [{ ...config.members[0], host }] };
    await admin.command({ replSetReconfig: next, force: true });
  }
}

const schema = z.object({ name: z.string(), password: z.string() });

/** The user of a local MongoDB. */
type MongoUser = z.infer<typeof schema>;

/**
 * Returns the user in the file. Without a file it creates one: the server runs once without passwords, on this machine only,
 * to learn the user, and what is stored already stays.
 */
async function mongoUser(
  file: string,
  start: (user: null) => Promise<{ uri: string; stop(): Promise<void> }>,
): Promise<MongoUser> {
  const known = read(file);
  if (known !== null) return known;
  // A new name each time: a start that was interrupted here leaves a user whose password nobody knows.
  const name = `kipu-referrals-${randomBytes(4).toString('hex')}`;
  const user = { name, password: randomBytes(24).toString('base64url') };
  const server = await start(null);
  try {
    const { MongoClient } = await import('mongodb');
    const client = new MongoClient(server.uri);
    try {
      await client.db('admin').command({ createUser: name, pwd: user.password, roles: ['root'] });
    } finally {
      await client.close();
    }
  } finally {
    await server.stop();
  }
  writeFileSync(file, JSON.stringify(user), { mode: 0o600 });
  return user;
}

function read(file: string): MongoUser | null {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}
