import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { MongoClient } from 'mongodb';
import { describe, expect, it, vi } from 'vitest';
import { stopLeftover } from '../../dev/servers/leftover.ts';
import { startMongo } from '../../dev/servers/mongo.ts';
import { freePort } from '../../dev/servers/ports.ts';
import { ServerStartError, startProcess } from '../../dev/servers/process.ts';
import { startTemporal } from '../../dev/servers/temporal.ts';
import { mongoForTests, temporaryFolder } from '../support/servers.ts';

const folder = await temporaryFolder();

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function withTemporal<T>(
  address: string,
  work: (client: Client) => Promise<T>,
  namespace = 'default',
): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await work(new Client({ connection, namespace }));
  } finally {
    await connection.close();
  }
}

async function withMongo<T>(uri: string, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = await MongoClient.connect(uri);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

describe('The local MongoDB with a file of its user', () => {
  it('refuses everybody else, also after a restart and with the data of a start without users', async () => {
    const options = { storagePath: join(folder, 'closed/mongo'), logFile: join(folder, 'closed.log') };
    const open = await startMongo(options);
    try {
      await withMongo(open.uri, (client) => client.db('kipu').collection('records').insertOne({ name: 'kept' }));
    } finally {
      await open.stop();
    }
    const userFile = join(folder, 'closed/mongo-user.json');
    const passwords = new Set<string>();
    for (const start of ['first', 'second']) {
      const server = await startMongo({ ...options, userFile });
      try {
        passwords.add(readFileSync(userFile, 'utf8'));
        expect(statSync(userFile).mode & 0o777).toBe(0o600);
        await withMongo(server.uri, async (client) => {
          const session = client.startSession();
          const records = client.db('kipu').collection('records');
          await session.withTransaction(() => records.insertOne({ name: start }, { session }));
          await session.endSession();
          expect(await records.countDocuments({ name: { $in: ['kept', start] } })).toBe(2);
        });
        const stranger = server.uri.replace(/\/\/.*@/, '//');
        await withMongo(stranger, async (client) => {
          const records = client.db('kipu').collection('records');
          await expect(records.findOne({})).rejects.toThrow(/auth/i);
          await expect(records.insertOne({ name: 'stranger' })).rejects.toThrow(/auth/i);
          await expect(client.db('admin').command({ listDatabases: 1 })).rejects.toThrow(/auth/i);
          await expect(client.db('admin').command({ createUser: 'x', pwd: 'y', roles: ['root'] })).rejects.toThrow(
            /auth/i,
          );
        });
        await expect(withMongo(server.uri.replace(/:[^:@/]+@/, ':wrong@'), (c) => c.db('a').stats())).rejects.toThrow();
      } finally {
        await server.stop();
      }
    }
    expect(passwords.size).toBe(1);
  });
});

describe('Temporal', () => {
  it('keeps workflows and search attributes across a restart, in a folder that it creates', async () => {
    const options = { dbFile: join(folder, 'made/by/it/temporal.db'), logFile: join(folder, 'temporal.log') };
    const workflowId = 'record-1';
    const first = await startTemporal({ ...options, uiPort: false });
    try {
      await withTemporal(first.address, (client) =>
        client.workflow.start('none', {
          workflowId,
          taskQueue: 'nobody',
          searchAttributes: { Instance: ['north'], Hold: [true] },
        }),
      );
    } finally {
      await first.stop();
    }
    expect(exists(first.pid)).toBe(false);

    const second = await startTemporal({ ...options, uiPort: false });
    try {
      const description = await withTemporal(second.address, (client) =>
        client.workflow.getHandle(workflowId).describe(),
      );
      expect(description.status.name).toBe('RUNNING');
      expect(description.searchAttributes).toEqual({ Instance: ['north'], Hold: [true] });
    } finally {
      await second.stop();
    }
  });

  it('starts several times at once, each with its web UI and namespace', async () => {
    const namespaces = ['alpha', 'beta', 'gamma'];
    const servers = await Promise.all(
      namespaces.map((namespace) => startTemporal({ namespace, logFile: join(folder, `${namespace}.log`) })),
    );
    try {
      for (const [index, server] of servers.entries()) {
        await withTemporal(server.address, async ({ workflowService }) => {
          const described = await workflowService.describeNamespace({ namespace: namespaces[index] ?? '' });
          expect(described.namespaceInfo?.name).toBe(namespaces[index]);
        });
        const page = await fetch(server.uiUrl ?? '');
        expect(page.status).toBe(200);
        await page.body?.cancel();
      }
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
    }
    expect(servers.map((server) => exists(server.pid))).toEqual([false, false, false]);
  });
});

describe('MongoDB', () => {
  it('keeps documents when it is killed, and starts again on another port', async () => {
    const options = { storagePath: join(folder, 'mongo'), logFile: join(folder, 'mongo.log') };
    const first = await startMongo(options);
    await withMongo(first.uri, (client) =>
      client
        .db('kept')
        .collection<{ _id: string }>('records')
        .insertOne({ _id: 'record-1' }, { writeConcern: { w: 'majority' } }),
    );
    process.kill(first.pid, 'SIGKILL');
    await first.exited;

    const second = await startMongo(options);
    try {
      const kept = await withMongo(second.uri, (client) =>
        client.db('kept').collection<{ _id: string }>('records').findOne({ _id: 'record-1' }),
      );
      expect(kept).toEqual({ _id: 'record-1' });
    } finally {
      await second.stop();
    }
    expect(exists(second.pid)).toBe(false);
  });

  it.each([
    { testCommands: true, refused: false },
    { testCommands: false, refused: true },
  ])('accepts fail points only with testCommands: $testCommands', async ({ testCommands, refused }) => {
    const server = await startMongo({ storagePath: ':memory:', testCommands });
    try {
      const answer = withMongo(server.uri, (client) =>
        client.db('admin').command({ configureFailPoint: 'failCommand', mode: 'off' }),
      ).then(
        () => false,
        () => true,
      );
      expect(await answer).toBe(refused);
    } finally {
      await server.stop();
    }
  });

  it('has a database for each caller in a test file, on one server', async () => {
    const [one, other] = [await sharedOne, await sharedOther];
    expect(one.uri).toBe(other.uri);
    await one.db.collection('records').insertOne({});
    expect(await one.db.collection('records').countDocuments()).toBe(1);
    expect(await other.db.collection('records').countDocuments()).toBe(0);
  });
});

const sharedOne = mongoForTests();
const sharedOther = mongoForTests();

describe('A server that does not start', () => {
  it('is reported with its program, how it ended and the end of its log', async () => {
    const spec = {
      program: process.execPath,
      args: ['-e', 'console.error("The data is of a newer version."); process.exit(3)'],
      logFile: join(folder, 'broken.log'),
      ready: () => Promise.reject(new Error('not yet')),
    };
    const failure = await startProcess(spec).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ServerStartError);
    expect(String(failure)).toMatch(/node ended with 3\..*The data is of a newer version\./s);
  });

  it('is ended if it does not answer in time', async () => {
    const pidFile = join(folder, 'mute.pid');
    const program = `require('fs').writeFileSync('${pidFile}', String(process.pid)); setInterval(() => {}, 1000)`;
    // Known at once, so that it can be ended also if this process is killed before it answers.
    const launched: { pid: number; program: string }[] = [];
    const failure = await startProcess({
      program: process.execPath,
      args: ['-e', program],
      onLaunch: (server) => launched.push(server),
      logFile: join(folder, 'mute.log'),
      ready: async () => {
        await vi.waitUntil(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '', { timeout: 30_000 });
        throw new Error('not yet');
      },
      readyMs: 100,
    }).catch((error: unknown) => error);
    expect(String(failure)).toContain('node did not answer in time.');
    const pid = Number(readFileSync(pidFile, 'utf8'));
    expect(launched).toEqual([{ pid, program: process.execPath }]);
    expect(exists(pid)).toBe(false);
  });

  it('is reported if the program cannot be run', async () => {
    const program = join(folder, 'not-a-program');
    writeFileSync(program, '');
    const spec = { program, args: [], logFile: join(folder, 'none.log'), ready: () => Promise.resolve() };
    await expect(startProcess(spec)).rejects.toThrow(/not-a-program ended with .*EACCES/);
  });
});

describe('A server of a killed service', () => {
  it('is stopped only if its process still runs that program', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    expect(await stopLeftover({ pid, program: '/opt/other/temporal' })).toBe(false);
    expect(exists(pid)).toBe(true);
    expect(await stopLeftover({ pid, program: process.execPath })).toBe(true);
    expect(await stopLeftover({ pid, program: process.execPath })).toBe(false);
  });
});

describe('freePort', () => {
  it('returns the preferred port if it is free, else another', async () => {
    const preferred = await freePort();
    expect(await freePort(preferred)).toBe(preferred);
    const server = createServer().listen(preferred, '127.0.0.1');
    await once(server, 'listening');
    try {
      expect(await freePort(preferred)).not.toBe(preferred);
    } finally {
      server.close();
    }
  });
});
