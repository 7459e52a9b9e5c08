import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { standInInstances } from '../../cli/backing/standIn.ts';
import { startStandIn } from '../../dev/stand-in/index.ts';
import { root, withTypeScript } from '../support/imports.ts';
import { mongoForTests, stopAtEnd, temporaryFolder } from '../support/servers.ts';
import { temporalServer } from '../support/temporalServer.ts';

const SAID_MS = 60_000;

const starting = temporalServer();
stopAtEnd(starting);
const [folder, temporal, { uri, db }, standIn] = await Promise.all([
  ...([temporaryFolder(), starting, mongoForTests()] as const),
  startStandIn({ instances: [{ name: 'north-harbor', charts: 2 }] }),
]);
afterAll(() => standIn.close());

/** Returns the address of a server that can be away: connections to it are passed on, or ended at once. */
async function thatGoes(uri: string, isAway = false) {
  const { port, hostname } = new URL(uri);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    if (isAway) return void client.destroy();
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket
        .on('error', () => undefined)
        .on('close', () => {
          sockets.delete(socket);
          client.destroy();
          upstream.destroy();
        });
    }
    client.pipe(upstream).pipe(client);
  }).listen(0, hostname);
  await once(server, 'listening');
  afterAll(() => void server.close());
  return {
    uri: uri.replace(port, String((server.address() as AddressInfo).port)),
    leave() {
      isAway = true;
      for (const socket of sockets) socket.destroy();
    },
    comeBack() {
      isAway = false;
    },
  };
}

/** Runs the real command, and returns what it has printed so far. */
function start(env: Record<string, string>) {
  const child = spawn(process.execPath, [...withTypeScript, 'cli/main.ts', 'start'], {
    ...{ cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
  });
  afterAll(() => void child.kill('SIGKILL'));
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (printed += text));
  return { child, printed: () => printed };
}

it('start says first where its pages are and how to sign in, then why a sync waits, and outlives its database', async () => {
  const [database, kipu] = await Promise.all([thatGoes(uri), thatGoes(standIn.url, true)]);
  const file = join(folder, 'instances.json');
  writeFileSync(file, JSON.stringify(standInInstances({ ...standIn, url: kipu.uri })));
  const { child, printed } = start({
    ...{ DATA_DIR: join(folder, 'data'), KIPU_INSTANCES_FILE: file, WEB_ADDRESS: '127.0.0.1:0' },
    ...{ MONGODB_URI: database.uri, MONGODB_DATABASE: db.databaseName, TEMPORAL_ADDRESS: temporal.address },
    ...{ TASK_QUEUE: db.databaseName, SHUTDOWN_GRACE_SECONDS: '1' },
  });
  const says = (text: string | RegExp) => expect.poll(printed, { timeout: SAID_MS }).toMatch(text);

  await says(/^north-harbor: .*KIPU.*; trying again/m);
  const before = printed().slice(0, printed().indexOf('The first sync of each instance'));
  expect(before).toMatch(/Staff page +http:\/\/127\.0\.0\.1:\d+/);
  expect(before).toMatch(/Sign in/);
  // A command that is copied into another terminal reaches this service, and needs no program that is not installed.
  const commands = before.split('\n').filter((line) => line.includes('kipu-referrals '));
  expect(commands.length).toBeGreaterThan(3);
  for (const line of commands) expect(line).toContain(`DATA_DIR=${join(folder, 'data')} npx kipu-referrals`);
  expect(before).not.toMatch(/^ *temporal /m);

  kipu.comeBack();
  await says(/^north-harbor .*completed/m);
  database.leave();
  await says('MongoDB does not answer. Trying again until it does');
  database.comeBack();
  await says('MongoDB answers again.');
  expect(child.exitCode).toBeNull();
  child.kill('SIGINT');
  const [code] = await once(child, 'exit');
  expect([code, printed()]).toEqual([expect.any(Number), expect.stringContaining('Stopped.')]);
}, 120_000);
