import { randomUUID } from 'node:crypto';
import { Collection } from 'mongodb';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { startStandIn } from '../../dev/stand-in/index.ts';
import { addDays, utcDay } from '../../domain/time.ts';
import { newRecordId } from '../../store/ids.ts';
import { activitiesInProcess, inActivity } from '../support/inProcess.ts';
import { mongoForTests } from '../support/servers.ts';

const { uri } = await mongoForTests();
const NAME = 'north';
const CHARTS = 1_500;
/** Charts that are pulled. The others are stored as a pull would have left them. */
const PULLED = 200;
const PAGE_SIZE = 100;

afterEach(() => {
  vi.restoreAllMocks();
});

function nameOf(collection: unknown): string {
  return collection instanceof Collection ? collection.collectionName : '';
}

it('Pages of charts that did not change cost one request to KIPU, one read of records by their index, and no write of them', async () => {
  const standIn = await startStandIn({ instances: [{ name: NAME, charts: 0 }] });
  onTestFinished(standIn.close);
  for (let charts = 0; charts < PULLED; charts += 1) standIn.add(NAME);
  const options = { uri, standIn, lockPolicy: 'never', now: () => new Date(), pageSize: PAGE_SIZE } as const;
  const { store, kipu, kipuActivities } = await activitiesInProcess(options);
  const { records } = store.collections;
  const window = { startDay: utcDay(addDays(new Date(), -30)), endDay: utcDay(addDays(new Date(), 1)) };
  const list = async () => {
    const at = { instance: NAME, runId: randomUUID(), source: 'latest', window, since: null } as const;
    const due: string[] = [];
    let [pages, total] = [0, 1];
    for (let more = true; more; ) {
      const listed = await inActivity(kipuActivities.listPages, {
        ...at,
        page: pages + 1,
        last: Math.min(pages + 4, total),
      });
      due.push(...listed.flatMap((page) => page.due));
      pages += listed.length;
      total = listed[0]?.said?.totalPages ?? total;
      more = listed.at(-1)?.more ?? false;
    }
    return { due, pages };
  };
  const first = await list();
  expect(first).toMatchObject({ pages: PULLED / PAGE_SIZE, due: { length: PULLED } });
  await inActivity(kipuActivities.pullBatch, { recordIds: first.due, key: randomUUID(), atOnce: 16 });
  for (let charts = PULLED; charts < CHARTS; charts += 1) standIn.add(NAME);
  await storeRest();

  standIn.calls.reset();
  const methods = ['find', 'findOne', 'insertOne', 'insertMany', 'updateOne', 'updateMany', 'bulkWrite'] as const;
  const spies = methods.map((method) => [method, vi.spyOn(Collection.prototype, method)] as const);
  expect(await list()).toEqual({ due: [], pages: CHARTS / PAGE_SIZE });

  expect(standIn.calls.count()).toBe(CHARTS / PAGE_SIZE);
  const requests = spies.flatMap(([method, spy]) => spy.mock.contexts.map((at) => `${method} ${nameOf(at)}`));
  expect(requests.filter((request) => request.endsWith(' records'))).toEqual(
    Array.from({ length: CHARTS / PAGE_SIZE }, () => 'find records'),
  );
  const pageQueries = vi
    .mocked(Collection.prototype.find)
    .mock.calls.filter((_, n) => nameOf(vi.mocked(Collection.prototype.find).mock.contexts[n]) === 'runPages');
  vi.restoreAllMocks();
  expect(pageQueries).toHaveLength(CHARTS / PAGE_SIZE);
  // Otherwise each page would read all the pages before it.
  const [filter = {}] = pageQueries[0] ?? [];
  const ofPages = await store.collections.runPages.find(filter as object).explain('queryPlanner');
  expect(ofPages.queryPlanner.winningPlan.inputStage).toMatchObject({ stage: 'IXSCAN', indexName: 'charts' });
  const some = await records
    .find({}, { projection: { casefileId: 1 } })
    .limit(PAGE_SIZE)
    .toArray();
  const casefileIds = some.map(({ casefileId }) => casefileId);
  const { executionStats, queryPlanner } = await records
    .find({ instance: NAME, casefileId: { $in: casefileIds } })
    .explain('executionStats');
  expect(queryPlanner.winningPlan.inputStage).toMatchObject({ stage: 'IXSCAN', indexName: 'chart' });
  expect(executionStats).toMatchObject({ totalDocsExamined: PAGE_SIZE, nReturned: PAGE_SIZE });

  async function storeRest(): Promise<void> {
    const pulled = await records.findOne({});
    if (pulled === null) throw new Error('nothing was pulled');
    // The other indexes say nothing here, and make the writes slow.
    for (const { name = '' } of await records.indexes())
      if (!['_id_', 'chart'].includes(name)) await records.dropIndex(name);
    for (let page = 1, more = true; more; page += 1) {
      const { rows, next } = await kipu.latestPage({ ...window, page, per: PAGE_SIZE });
      const known = new Set(
        (
          await store.records.ofCharts(
            NAME,
            rows.map(({ casefileId }) => casefileId),
          )
        ).map(({ casefileId }) => casefileId),
      );
      const missing = rows.filter(({ casefileId }) => !known.has(casefileId));
      if (missing.length > 0)
        await records.insertMany(
          missing.map(({ casefileId, masterId, lastUpdatedAt: version }) => ({
            ...{ ...pulled, _id: newRecordId(), casefileId, masterId, chart: null, search: null },
            ...{ listedVersion: version, pulledVersion: version, chartVersion: version },
          })),
        );
      more = next !== null;
    }
  }
});
