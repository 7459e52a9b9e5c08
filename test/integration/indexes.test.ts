import { afterAll, expect, it } from 'vitest';
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
