import { parseArgs } from 'node:util';
import { MongoClient } from 'mongodb';
import { readSettings } from '../config/settings.ts';
import { startMongo } from '../dev/servers/mongo.ts';
import { startStandIn } from '../dev/stand-in/index.ts';
import { desiredReferral, nextRevision } from '../domain/referral.ts';
import { type KipuChart, KipuClient } from '../kipu/index.ts';
import { bulkStore } from '../store/bulkStore.ts';
import { openStore, type Store } from '../store/connect.ts';
import { instancesOf, newFolder, nothingStarted } from './parts.ts';
import { usageOf } from './processes.ts';

/*
 * Measures what the writes of a first pull cost the database, with nothing else: no KIPU, no Temporal, no decision. It is the
 * limit of a first import: `npx tsx bench/writes.ts --charts 1000 --rounds 3`. A process of its own asks; each line is a new server.
 */

const { values } = parseArgs({
  options: { charts: { type: 'string', default: '1000' }, rounds: { type: 'string', default: '3' } },
});
const INSTANCE = 'north';
const PAGE = 100;
const ways = [
  { title: 'indexes and validators', indexes: true, validators: true },
  { title: 'indexes', indexes: true, validators: false },
  { title: 'validators', indexes: false, validators: true },
  { title: 'neither', indexes: false, validators: false },
] as const;
type Way = (typeof ways)[number];
type Cost = Record<'create' | 'plan' | 'referral' | 'finish', { ms: number; cpuMs: number }>;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const charts = await invented(Number(values.charts));
for (const way of ways) {
  const costs: Cost[] = [];
  for (let round = 0; round < Number(values.rounds); round += 1) costs.push(await measure(way));
  const parts = (['create', 'plan', 'referral', 'finish'] as const).map((part) => {
    const [ms, cpuMs] = (['ms', 'cpuMs'] as const).map((unit) => median(costs.map((cost) => cost[part][unit])));
    return `${part} ${ms?.toFixed(2)} ms (${cpuMs?.toFixed(2)} CPU)`;
  });
  const all = median(costs.map((cost) => Object.values(cost).reduce((sum, { ms }) => sum + ms, 0)));
  process.stdout.write(
    `${way.title}: ${parts.join(', ')}; all ${all.toFixed(2)} ms, ${(1_000 / all).toFixed(0)} charts/s\n`,
  );
}

/** Returns charts as KIPU's API has them. */
async function invented(count: number): Promise<KipuChart[]> {
  const standIn = await startStandIn({ instances: [{ name: INSTANCE, charts: 0 }] });
  const [instance] = instancesOf(standIn);
  if (instance === undefined) throw new Error('the stand-in has no instance');
  const kipu = new KipuClient(instance);
  try {
    for (let chart = 0; chart < count; chart += 1) standIn.add(INSTANCE);
    return await Promise.all(standIn.charts(INSTANCE).map(({ casefileId }) => kipu.chart(casefileId)));
  } finally {
    await kipu.close();
    await standIn.close();
  }
}

async function measure({ indexes, validators }: Way): Promise<Cost> {
  const started = nothingStarted();
  try {
    const mongo = await started.add(startMongo({ storagePath: `${newFolder(started)}/mongo` }));
    const store = openStore({ ...readSettings({}).mongo, uri: mongo.uri });
    started.atEnd(() => store.close());
    await store.setUp();
    await remove(mongo.uri, store, { indexes: !indexes, validators: !validators });
    return await writeAll(bulkStore(store), mongo.pid);
  } finally {
    await started.stop();
  }
}

async function remove(uri: string, store: Store, what: { indexes: boolean; validators: boolean }): Promise<void> {
  const client = new MongoClient(uri);
  try {
    const db = client.db(store.collections.records.dbName);
    for (const name of ['records', 'referrals']) {
      if (what.validators) await db.command({ collMod: name, validator: {}, validationLevel: 'off' });
      // The unique index of charts stays: the upsert of a page reads by it.
      const found = what.indexes ? await db.collection(name).indexes() : [];
      for (const index of found)
        if (index.name !== '_id_' && index.name !== 'chart') await db.collection(name).dropIndex(index.name ?? '');
    }
  } finally {
    await client.close();
  }
}

/** Writes all charts in the way of a first pull, one kind of write after the other. */
async function writeAll({ records, referrals }: Store, pid: number): Promise<Cost> {
  const now = new Date();
  const cost: Partial<Cost> = {};
  const timed = async (part: keyof Cost, write: () => Promise<unknown>) => {
    const [from, cpu] = [performance.now(), usageOf(pid)?.cpuSeconds ?? Number.NaN];
    await write();
    cost[part] = {
      ms: (performance.now() - from) / charts.length,
      cpuMs: (((usageOf(pid)?.cpuSeconds ?? Number.NaN) - cpu) * 1_000) / charts.length,
    };
  };
  const rows = charts.map(({ casefileId, masterId, lastUpdatedAt }) => ({ casefileId, masterId, lastUpdatedAt }));
  await timed('create', async () => {
    for (let first = 0; first < rows.length; first += PAGE)
      await records.upsertListed(INSTANCE, rows.slice(first, first + PAGE), now);
  });
  const byId = new Map(charts.map((chart) => [chart.casefileId, chart]));
  const pulls = (await records.ofCharts(INSTANCE, [...byId.keys()])).flatMap((record) => {
    const chart = byId.get(record.casefileId);
    const next = chart && nextRevision(null, desiredReferral(chart, [], 'UTC'), now);
    return chart === undefined ? [] : [{ record, chart, next: next ?? null }];
  });
  let planned = pulls;
  await timed('plan', async () => {
    planned = await Promise.all(
      pulls.map(async (pull) =>
        pull.next === null ? pull : { ...pull, record: await records.planRevision(pull.record, pull.next, now) },
      ),
    );
  });
  await timed('referral', () => Promise.all(planned.map(({ record, next }) => next && referrals.add(record, next))));
  await timed('finish', () =>
    Promise.all(
      planned.map(({ record, chart }) =>
        records.finish(record, { outcome: 'saved', status: 'synced', chart, timeZone: 'UTC' }, 'bench', now),
      ),
    ),
  );
  return cost as Cost;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
