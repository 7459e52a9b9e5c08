import { randomUUID } from 'node:crypto';
import { Collection } from 'mongodb';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { startStandIn } from '../../dev/stand-in/index.ts';
import { addDays, utcDay } from '../../domain/time.ts';
import { activitiesInProcess, inActivity } from '../support/inProcess.ts';
import { mongoForTests } from '../support/servers.ts';

const { uri } = await mongoForTests();
const NAME = 'north';
const CHARTS = 300;
const PAGE_SIZE = 100;

afterEach(() => {
  vi.restoreAllMocks();
});

it('Pages of charts that did not change cost one request to KIPU, one read of records by their index, and no write of them', async () => {
  const standIn = await startStandIn({ instances: [{ name: NAME, charts: 0 }] });
  onTestFinished(standIn.close);
  for (let charts = 0; charts < CHARTS; charts += 1) standIn.add(NAME);
  const options = { uri, standIn, lockPolicy: 'never', now: () => new Date(), pageSize: PAGE_SIZE } as const;
  const { store, kipuActivities } = await activitiesInProcess(options);
  const { records } = store.collections;
  const window = { startDay: utcDay(addDays(new Date(), -30)), endDay: utcDay(addDays(new Date(), 1)) };
  const list = async () => {
    const at = { instance: NAME, runId: randomUUID(), source: 'latest', window, since: null } as const;
    const due: string[] = [];
    let pages = 0;
    for (let more = true; more; ) {
      const listed = await inActivity(kipuActivities.listPages, {
        ...at,
        page: pages + 1,
        last: pages === 0 ? 1 : CHARTS / PAGE_SIZE,
      });
      due.push(...listed.flatMap((page) => page.due));
      pages += listed.length;
      more = listed.at(-1)?.more ?? false;
    }
    return { due, pages };
  };
  const first = await list();
  expect(first).toMatchObject({ pages: CHARTS / PAGE_SIZE, due: { length: CHARTS } });
  for (let from = 0; from < CHARTS; from += 200) {
    const batch = { recordIds: first.due.slice(from, from + 200), key: randomUUID(), atOnce: 16 };
    await inActivity(kipuActivities.pullBatch, batch);
  }

  standIn.calls.reset();
  const methods = ['find', 'findOne', 'insertOne', 'insertMany', 'updateOne', 'updateMany', 'bulkWrite'] as const;
  const spies = methods.map((method) => [method, vi.spyOn(Collection.prototype, method)] as const);
  expect(await list()).toEqual({ due: [], pages: CHARTS / PAGE_SIZE });

  expect(standIn.calls.count()).toBe(CHARTS / PAGE_SIZE);
  const requests = spies.flatMap(([method, spy]) =>
    spy.mock.contexts.map((at) => `${method} ${at instanceof Collection ? at.collectionName : ''}`),
  );
  expect(requests.filter((request) => request.endsWith(' records'))).toEqual(
    Array.from({ length: CHARTS / PAGE_SIZE }, () => 'find records'),
  );
  vi.restoreAllMocks();
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
});
