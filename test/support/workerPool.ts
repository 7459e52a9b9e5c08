import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { afterAll } from 'vitest';
import { requestUnlock } from '../../client/unlock.ts';
import { openStore, type Store } from '../../store/connect.ts';
import type { RecordDocument } from '../../store/documents.ts';
import { patientWorkflowId, syncScheduleId } from '../../workflows/messages.ts';
import { instanceAttribute } from '../../workflows/searchAttributes.ts';
import type { syncWorkflow } from '../../workflows/sync.ts';
import { newDatabaseName } from './mongoServer.ts';
import type { TestService } from './service.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

/** Worker processes with a database and a task queue of their own, which the worker of `service` does not poll. */
export interface WorkerPool {
  store: Store;
  taskQueue: string;
  /** Starts another worker process. Its `polls` resolves when it polls. */
  startWorker(): WorkerProcess;
  startRun(name: string): Promise<WorkflowHandleWithFirstExecutionRunId<typeof syncWorkflow>>;
  record(casefileId: string): Promise<RecordDocument>;
  /** Requests an unlock, also where the workflow of the record has ended. */
  unlock(record: RecordDocument): Promise<void>;
  /** The workflow of a record, its latest execution. */
  workflowOf(record: RecordDocument): ReturnType<TestService['client']['workflow']['getHandle']>;
}

/** Prepares a pool. Await it at the top level of the file, outside of hooks: its workers end after the file's tests. */
export async function workerPool(
  service: TestService,
  options: {
    instance: string;
    folder: string;
    env?: Record<string, string>;
  },
): Promise<WorkerPool> {
  const { instance, folder, env = {} } = options;
  const [database, taskQueue] = [newDatabaseName(), `queue-${instance}`];
  const { client, mongo, temporal, instances } = service;
  const store = openStore({ uri: mongo.uri, database });
  afterAll(() => store.close());
  const stops: (() => void | Promise<void>)[] = [];
  afterAll(() => Promise.all(stops.map((stop) => stop())));
  await store.setUp();
  return {
    store,
    taskQueue,
    startWorker: () =>
      startWorkerProcess({
        ...{
          folder,
          instances,
          atEnd: (stop) => void stops.push(stop),
          mongoUri: mongo.uri,
          temporalAddress: temporal.address,
        },
        env: { MONGODB_DATABASE: database, TASK_QUEUE: taskQueue, TEMPORAL_NAMESPACE: temporal.namespace, ...env },
      }),
    startRun: (name) =>
      client.workflow.start<typeof syncWorkflow>('syncWorkflow', {
        ...{ workflowId: `${syncScheduleId(instance)}/${name}`, taskQueue, args: [{ instance }] },
        typedSearchAttributes: [{ key: instanceAttribute, value: instance }],
      }),
    async record(casefileId) {
      const [found] = await store.records.ofCharts(instance, [casefileId]);
      if (found === undefined) throw new Error('the chart has no record');
      return found;
    },
    async unlock(record) {
      const person = { viewer: { who: 'rvale', from: 'a test' }, name: 'Robin Vale', why: null };
      const { sent } = await requestUnlock({ store, client, taskQueue }, record, person);
      if (!sent) throw new Error('it was not sent');
    },
    workflowOf: ({ _id }) => client.workflow.getHandle(patientWorkflowId(_id)),
  };
}
