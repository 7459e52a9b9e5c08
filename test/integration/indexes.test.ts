import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../store/connect.ts';
import { mongoForTests } from '../support/servers.ts';

const { uri, db } = await mongoForTests();
const sent: string[] = [];
const store = openStore({ uri, database: db.databaseName, onCommand: (name) => sent.push(name) });
afterAll(() => store.close());

it('The set-up replaces its indexes of an earlier version, and keeps those of an operator', async () => {
  const records = db.collection('records');
  await records.createIndexes([
    { key: { instance: 1 }, name: 'status' },
    { key: { status: 1, instance: 1, 'chart.locationName': 1, dischargedAt: 1, _id: 1 }, name: 'of before' },
    { key: { instance: 1, casefileId: 1 }, name: 'chart' },
    { key: { pulledAt: 1 }, name: 'our own' },
  ]);
  await Promise.all([store.setUp(), store.setUp()]);
  await store.setUp();
  const found = new Map((await records.indexes()).map((index) => [index.name, index]));
  expect(found.get('status')?.key).toEqual({ status: 1, instance: 1, dischargedAt: 1, _id: 1 });
  expect(found.has('of before')).toBe(false);
  expect(found.has('statusAt')).toBe(true);
  expect(found.get('chart')?.unique).toBe(true);
  expect(found.has('our own')).toBe(true);
});

it('The set-up changes no collection whose validator is current, and repairs one that is not', async () => {
  await store.setUp();
  sent.length = 0;
  await store.setUp();
  expect(sent.filter((name) => name === 'create' || name === 'collMod')).toEqual([]);
  await db.command({ collMod: 'runs', validator: {}, validationLevel: 'off' });
  await db.collection('purged').drop();
  await store.setUp();
  expect(sent.filter((name) => name === 'create' || name === 'collMod')).toEqual(['collMod', 'create', 'collMod']);
  expect(await store.missingCollections()).toEqual([]);
});

it('The set-up waits for the build of an index for longer than other requests wait for an answer', async () => {
  const [answerTimeoutMs, slowMs] = [100, 400];
  const slow = new Set(['createIndexes', 'ping']);
  const url = await slowServer(slow, slowMs);
  const patient = openStore({ uri: url, database: `${db.databaseName}_slow`, answerTimeoutMs });
  onTestFinished(() => patient.close());
  const begun = performance.now();
  await patient.setUp();
  expect(performance.now() - begun).toBeGreaterThan(slowMs);
  expect((await db.client.db(`${db.databaseName}_slow`).collection('records').indexes()).length).toBeGreaterThan(5);
  await expect(patient.ping()).rejects.toThrow(/timed out/);
});

/** Passes everything on to the server of the tests, and the answer to the first command of each of these names late. */
async function slowServer(slow: Set<string>, slowMs: number): Promise<string> {
  const to = new URL(uri);
  const server = createServer((client) => {
    const upstream = connect(Number(to.port), to.hostname);
    let late = false;
    client.on('data', (sent) => {
      for (const name of slow) if (sent.includes(`${name}\0`)) late = slow.delete(name);
      upstream.write(sent);
    });
    upstream.on('data', async (answer) => {
      if (late) await sleep(slowMs);
      late = false;
      client.write(answer);
    });
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.on('close', end).on('error', end);
  }).listen(0, to.hostname);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return uri.replace(to.port, String((server.address() as AddressInfo).port));
}
