import { it, vi } from 'vitest';
import { openStore, type Store } from '../../store/connect.ts';
import type { RunDocument } from '../../store/documents.ts';
import { type RunResult, syncScheduleId } from '../../workflows/messages.ts';
import { instanceAttribute } from '../../workflows/searchAttributes.ts';
import { newDatabaseName } from '../support/mongoServer.ts';
import { temporaryFolder } from '../support/servers.ts';
import { serviceForTests } from '../support/service.ts';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.ts';

const CHARTS = 40;
const INSTANCES = ['killed', 'stopped', 'killed-in-batches', 'stopped-in-batches'];

// This worker is never interrupted: the others must store the same.
const service = await serviceForTests({
  standIn: { instances: INSTANCES.map((name) => ({ name, charts: CHARTS })) },
  policies: {
    ...{ killed: 'webhook-missing', stopped: 'always' },
    ...{ 'killed-in-batches': 'webhook-missing', 'stopped-in-batches': 'always' },
  },
});
const { standIn, client } = service;
const folder = await temporaryFolder();

/** Reads what is stored of the charts, without ids, times and idempotency keys, which differ between any two runs. */
async function storedOf(store: Store, instance: string): Promise<unknown[]> {
  const records = await store.collections.records.find({ instance }).sort({ casefileId: 1 }).toArray();
  const referrals = await store.collections.referrals.find({ instance }).toArray();
  return records.map(({ _id, createdAt, updatedAt, pulledAt, hold, lastHold, lastPull, ...record }) => ({
    ...record,
    pulled: pulledAt !== null,
    hold: hold && { ...hold, since: null },
    lastHold: lastHold && { ...lastHold, since: null },
    outcome: lastPull?.outcome,
    referrals: referrals
      .filter((referral) => referral._id === _id)
      .map((referral) => ({
        ...referral,
        ...{ _id: null, createdAt: null, updatedAt: null, at: null },
        revisions: referral.revisions.map((revision) => ({ ...revision, at: null })),
      })),
  }));
}

/** Opens a database and a task queue of its own, with functions that start workers and a run there. */
async function separateService(instance: string, atEnd: (stop: () => void | Promise<void>) => void) {
  const [database, taskQueue] = [newDatabaseName(), `queue-${instance}`];
  const store = openStore({ uri: service.mongo.uri, database });
  atEnd(() => store.close());
  await store.setUp();
  const bulkFrom = instance.endsWith('in-batches') ? '5' : '1000';
  const env = {
    ...{ MONGODB_DATABASE: database, TASK_QUEUE: taskQueue, TEMPORAL_NAMESPACE: service.temporal.namespace },
    ...{ SYNC_MAX_IN_FLIGHT: '4', SYNC_PAGE_SIZE: '15', SYNC_BULK_FROM: bulkFrom },
  };
  return {
    store,
    startWorker: (): WorkerProcess =>
      startWorkerProcess({
        ...{ folder, env, atEnd, mongoUri: service.mongo.uri, instances: service.instances },
        temporalAddress: service.temporal.address,
      }),
    startRun: () =>
      client.workflow.start('syncWorkflow', {
        ...{ workflowId: `${syncScheduleId(instance)}/interrupted`, taskQueue, args: [{ instance }] },
        typedSearchAttributes: [{ key: instanceAttribute, value: instance }],
      }),
  };
}

// At the same time, because most of the time Temporal waits for the workers that have ended.
it.concurrent.for<{ instance: string; signal: NodeJS.Signals; ended: object }>([
  { instance: 'killed', signal: 'SIGKILL', ended: { code: null, signal: 'SIGKILL' } },
  { instance: 'stopped', signal: 'SIGTERM', ended: { code: 0, signal: null } },
  { instance: 'killed-in-batches', signal: 'SIGKILL', ended: { code: null, signal: 'SIGKILL' } },
  { instance: 'stopped-in-batches', signal: 'SIGTERM', ended: { code: 0, signal: null } },
])(
  'A worker that gets $signal leaves its run to another worker, and the result is that of an uninterrupted run: $instance',
  async ({ instance, signal, ended }, { onTestFinished, expect }) => {
    const { store, startWorker, startRun } = await separateService(instance, onTestFinished);
    const uninterrupted = await service.run(instance);
    const slow = standIn.faults.inject({ kind: 'delay', ms: 60, instance, route: 'chart', times: 'always' });
    const called = () => standIn.calls.count({ instance, route: 'chart' });
    const before = called();
    const first = startWorker();
    await first.polls;
    const run = await startRun();
    await vi.waitUntil(() => called() >= before + 11, { timeout: 30_000, interval: 5 });

    const end = await first.end(signal);
    expect(end).toMatchObject(ended);
    // Two seconds of grace, and time to shut down.
    expect(end.ms).toBeLessThan(10_000);
    expect(await store.runs.get(run.firstExecutionRunId)).toMatchObject({ status: 'running' });
    expect(await store.collections.records.countDocuments({ pending: false })).toBeLessThan(CHARTS);
    slow.remove();

    const second = startWorker();
    const result: RunResult = await run.result();
    const stored = await store.runs.get(run.firstExecutionRunId);

    expect(await storedOf(store, instance)).toEqual(await storedOf(service.store, instance));
    expect(result).toMatchObject({ status: 'completed', mode: 'full', counts: { due: CHARTS } });
    expect(stored).toMatchObject({ status: 'completed', fault: null, counts: result.counts });
    expect(outcomes(stored)).toEqual(outcomes(uninterrupted));
    expect(await store.collections.runs.countDocuments()).toBe(1);
    expect(await second.end('SIGTERM')).toMatchObject({ code: 0 });
    expect(second.output()).not.toContain('the counts of a run do not add up');
  },
);

/** Returns the counts without the calls: a lost activity calls KIPU again. */
function outcomes(run: RunDocument | null): object {
  const { kipuCalls, ...rest } = run?.counts ?? {};
  return { ...rest, called: (kipuCalls ?? 0) >= CHARTS };
}
