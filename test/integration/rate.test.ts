import { describe, expect, it } from 'vitest';
import { instanceAttribute } from '../../workflows/searchAttributes.ts';
import type { syncWorkflow } from '../../workflows/sync.ts';
import { temporaryFolder } from '../support/servers.ts';
import { serviceForTests } from '../support/service.ts';
import { workerPool } from '../support/workerPool.ts';

const LIMIT = 20;
const BACKLOG = 160;

const service = await serviceForTests({
  standIn: {
    instances: [
      { name: 'large', charts: 0 },
      { name: 'small', charts: 0 },
    ],
  },
});
const { standIn, client } = service;
const env = { KIPU_CALLS_PER_SECOND: String(LIMIT), SYNC_BULK_FROM: '50' };
const pool = await workerPool(service, { instance: 'large', folder: await temporaryFolder(), env });

/** Returns how many calls an instance had, and the milliseconds between the first and the last. */
function callsOf(instance: string): { calls: number; ms: number } {
  const times = standIn.calls.log.filter((call) => call.instance === instance).map(({ at }) => at);
  return { calls: times.length, ms: Math.max(...times) - Math.min(...times) };
}

describe('The limit of calls per second', () => {
  it('lets no request wait for a plan that was made before the database clock went back', async () => {
    const { callSlots, collections } = service.store;
    expect(await callSlots.reserve('moved', 1_000)).toBe(0);
    expect(await callSlots.reserve('moved', 1_000)).toBeGreaterThan(900);
    const inAnHour = new Date(Date.now() + 3_600_000);
    await collections.callSlots.updateOne({ _id: 'moved' }, { $set: { next: inAnHour } });
    expect(await callSlots.reserve('moved', 1_000)).toBe(0);
    expect(await callSlots.reserve('moved', 1_000)).toBeGreaterThan(900);
  });

  it('holds over two workers, for batches, single pulls and lists, and a small instance does not wait for a large one', async () => {
    for (let charts = 0; charts < BACKLOG; charts += 1)
      standIn.add('large', { discharge_or_transition_name: 'Amber House' });
    for (let charts = 0; charts < 3; charts += 1) standIn.add('small', { discharge_or_transition_name: 'Birch House' });
    const workers = [pool.startWorker(), pool.startWorker()];
    await Promise.all(workers.map(({ polls }) => polls));

    const large = await pool.startRun('backlog');
    const ofLarge = () => standIn.calls.count({ instance: 'large', route: 'chart' });
    await expect.poll(ofLarge, { timeout: 30_000 }).toBeGreaterThan(5);
    const before = ofLarge();
    const small = await client.workflow.execute<typeof syncWorkflow>('syncWorkflow', {
      ...{ workflowId: 'sync/small/beside', taskQueue: pool.taskQueue, args: [{ instance: 'small' }] },
      typedSearchAttributes: [{ key: instanceAttribute, value: 'small' }],
    });
    expect(small).toMatchObject({ status: 'completed', counts: { saved: 3 } });
    // While the small one was read, the large one had calls, and most of it was still to come.
    expect(ofLarge()).toBeGreaterThan(before);
    expect(ofLarge()).toBeLessThan(BACKLOG);

    expect(await large.result()).toMatchObject({
      status: 'completed',
      counts: { saved: BACKLOG, kipuCalls: BACKLOG + 6 },
    });
    // A busy machine lets calls arrive late, never early: so many cannot arrive in less time. That no second has more of them
    // is shown with a clock of its own in worker/pace.test.ts.
    const { calls, ms } = callsOf('large');
    expect(calls).toBe(BACKLOG + 6);
    expect(ms).toBeGreaterThanOrEqual(((calls - 1) / LIMIT) * 1_000);
  });
});
