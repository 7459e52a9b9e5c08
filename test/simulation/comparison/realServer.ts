import { Client } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { failureInterceptor } from '../../../activities/classifyError.ts';
import type { ActivityContext } from '../../../activities/context.ts';
import { createKipuActivities, createStoreActivities } from '../../../activities/index.ts';
import { SEARCH_ATTRIBUTES } from '../../../client/provision.ts';
import { requestUnlock } from '../../../client/unlock.ts';
import { findProgram } from '../../../dev/servers/programs.ts';
import { KipuClient } from '../../../kipu/index.ts';
import { type Store, storeOf } from '../../../store/connect.ts';
import { workflowBundle } from '../../../worker/bundle.ts';
import { kipuTaskQueue } from '../../../workflows/messages.ts';
import { waitUntil } from '../../support/waitUntil.ts';
import { answerRequests } from '../kipuConnection.ts';
import { INSTANCE, KipuWorld } from '../kipuWorld.ts';
import { MemoryDatabase } from '../memoryMongo.ts';
import { Operations } from '../operations.ts';
import type { Action, Plan } from '../plan.ts';
import { AUDIT_KEYS } from '../processes.ts';
import { Scheduler } from '../scheduler.ts';

const TASK_QUEUE = 'compared';

/** Does everything at once, on the machine's clock. */
class PromptOperations extends Operations {
  override async perform<T>(_kind: string, _ms: number, work: () => T): Promise<T> {
    await new Promise((resolve) => setImmediate(resolve));
    return work();
  }
}

/** Temporal's time-skipping server with the real activities, on the simulation's MongoDB and KIPU. */
export async function startRealServer({ seed, setup }: Plan) {
  const database = new MemoryDatabase(new PromptOperations(new Scheduler(seed, 0)));
  const { rows, timestamps, rowsTwice } = setup;
  const kipu = new KipuWorld(seed, () => Date.now(), { rows, timestamps, rowsTwice }, setup.charts);
  answerRequests(async (path, headers) => kipu.answer(path, headers, undefined));
  const store: Store = {
    ...storeOf(database as never, AUDIT_KEYS),
    ...{ connect: async () => undefined, close: async () => undefined },
  };
  await store.setUp();
  const logging = { forward: {}, filter: { core: 'ERROR', other: 'ERROR' } } as const;
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging } });
  const server = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: findProgram('temporal-test-server').path } },
  });
  await server.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(SEARCH_ATTRIBUTES),
  });
  // The environment's own client skips years of time while it waits for a result.
  const client = new Client({ connection: server.connection, namespace: 'default' });
  const { accessId, secretKey, appId } = kipu.instance.layout.credentials;
  const kipuClient = new KipuClient({ baseUrl: 'https://kipu.invalid', accessId, secretKey, appId });
  const { maxInFlight, bulkFrom, pageSize, policy } = setup;
  const fullRunHour = (new Date().getUTCHours() + 12) % 24;
  const context: ActivityContext = {
    ...{ store, workflows: client.workflow, taskQueue: TASK_QUEUE, noticeUrl: null, unlockByHand: true },
    instances: new Map([[INSTANCE, { kipu: kipuClient, lockPolicy: policy, timeZone: 'UTC' }]]) as never,
    runs: { lookBackDays: 3, fullRunHour, maxInFlight, bulkFrom, pageSize, webhookGraceMs: 600_000 },
    now: () => new Date(),
  };
  const common = { connection: server.nativeConnection, interceptors: { activity: [failureInterceptor] } };
  const activities = { store: createStoreActivities(context), kipu: createKipuActivities(context) };
  const workers = await Promise.all([
    Worker.create({
      ...{ ...common, taskQueue: TASK_QUEUE, workflowBundle: await workflowBundle(), activities: activities.store },
    }),
    Worker.create({ ...common, taskQueue: kipuTaskQueue(TASK_QUEUE), activities: activities.kipu }),
  ]);
  const done = workers.map((worker) => worker.run());
  let runs = 0;

  return {
    database,

    async act(action: Action): Promise<void> {
      if (action.do === 'chart') kipu.change(action.chart, action.change, action.value);
      else if (action.do === 'full-run') await store.instances.requestFull(INSTANCE, new Date());
      else if (action.do === 'unlock') {
        const held = [...database.collection('records').documents.values()].filter(({ status }) => status === 'held');
        const record = held[action.pick % held.length];
        const person = { viewer: { who: 'rvale', from: '192.0.2.7' }, name: 'Robin Vale', why: 'checked Xphi papers' };
        await requestUnlock({ store, client, taskQueue: TASK_QUEUE }, record as never, person as never);
        await waitUntil('the unlocked chart is pulled', async () => {
          const now = database.collection('records').documents.get(String(record?._id));
          return now?.status === 'synced';
        });
      }
    },

    async run(): Promise<void> {
      runs += 1;
      const options = { workflowId: `sync/${INSTANCE}-${runs}`, taskQueue: TASK_QUEUE, args: [{ instance: INSTANCE }] };
      await client.workflow.execute('syncWorkflow', options);
    },

    async stop(): Promise<void> {
      answerRequests(null);
      for (const worker of workers) worker.shutdown();
      await Promise.all(done);
      await server.teardown();
    },
  };
}
