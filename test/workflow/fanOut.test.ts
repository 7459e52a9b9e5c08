import { describe, expect, it } from 'vitest';
import { progressQuery, stateQuery, unlockSignal } from '../../workflows/messages.ts';
import { useWorkflowEnvironment } from '../support/useWorkflowEnvironment.ts';
import { inTime } from '../support/waitUntil.ts';

const env = useWorkflowEnvironment();
/** A parent close policy, by Temporal's number. */
const ABANDON = 2;

describe('the patients of a run', () => {
  it.each([1, 3])('are pulled %i at once, never more', async (maxInFlight) => {
    const due = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    env.activities.script({ maxInFlight, latest: [due.slice(0, 5), due.slice(5)] });
    env.activities.gates.close(...due.map((id) => `pullChart ${id}`));
    const run = await env.startRun();
    for (const [begun, id] of due.entries()) {
      await env.activities.gates.reached(`pullChart ${id}`);
      await expect.poll(() => env.activities.pullsAtOnce().now, inTime).toBe(Math.min(maxInFlight, due.length - begun));
      // What the run has started by now, whether or not its pull has begun.
      await expect
        .poll(async () => (await run.query(progressQuery)).due, inTime)
        .toBe(Math.min(begun + maxInFlight, due.length));
      env.activities.gates.open(`pullChart ${id}`);
    }
    expect((await run.result()).counts).toMatchObject({ due: 7, saved: 7 });
    expect(env.activities.pullsAtOnce().most).toBe(maxInFlight);
  });

  it('are waited for only until they are held: the run ends, the held one outlives it', async () => {
    env.activities.script({ maxInFlight: 1, latest: [['a', 'b']], pulls: { a: 'held' } });
    const run = await env.startRun();
    const { status, counts } = await run.result();
    expect(status).toBe('completed');
    expect(counts).toMatchObject({ due: 2, held: 1, saved: 1, kipuCalls: 4 });
    // This server keeps every child alive; others go by what the run asked for.
    const { events = [] } = await run.fetchHistory();
    const children = (events ?? []).flatMap((event) => event.startChildWorkflowExecutionInitiatedEventAttributes ?? []);
    expect(children.map(({ parentClosePolicy }) => parentClosePolicy)).toEqual([ABANDON, ABANDON]);

    const patient = env.patient('a');
    await env.sleep('8 days');
    expect(await patient.query(stateQuery)).toMatchObject({ doing: 'held', hold: { reminders: 3 } });
    await patient.signal(unlockSignal, { by: 'Ada Example' });
    expect(await patient.result()).toEqual({ outcome: 'saved', calls: 2 });
  });

  it('count as held where the run met them held, whatever staff do while it goes on', async () => {
    env.activities.script({ latest: [['a', 'b']], pulls: { a: 'held' } });
    env.activities.gates.close('pullChart b');
    const run = await env.startRun();
    await env.held('a');
    await (await env.unlock('a', { by: 'Ada Example' })).result();
    env.activities.gates.open('pullChart b');
    expect((await run.result()).counts).toMatchObject({ due: 2, held: 1, saved: 1 });
    expect(env.activities.count('pullChart a')).toBe(2);
  });

  it('do not make the run incomplete by what becomes of them after they were held', async () => {
    env.activities.script({ latest: [['a', 'b']], pulls: { a: 'held' } });
    env.activities.gates.close('pullChart b');
    const run = await env.startRun();
    await env.held('a');
    await expect.poll(async () => (await run.query(progressQuery)).held, inTime).toBe(1);
    const told = async () =>
      (await run.fetchHistory()).events?.some((event) => event.childWorkflowExecutionCanceledEventAttributes) ?? false;
    await env.patient('a').cancel();
    await expect.poll(told, inTime).toBe(true);
    env.activities.gates.open('pullChart b');
    expect(await run.result()).toMatchObject({ status: 'completed', counts: { due: 2, held: 1, saved: 1 } });
  });

  it('that have a workflow already are in hand, and not started again', async () => {
    const patient = await env.startGated({ latest: [['a', 'b']] }, 'a', 'pullChart a');
    const { status, counts } = await (await env.startRun()).result();
    expect(status).toBe('completed');
    expect(counts).toMatchObject({ due: 2, unchanged: 1, saved: 1 });
    expect(env.activities.count('pullChart a')).toBe(1);
    env.activities.gates.open('pullChart a');
    expect(await patient.result()).toEqual({ outcome: 'saved', calls: 1 });
  });

  it('are started again by the next run, in which nothing of the last one is left', async () => {
    env.activities.script({ latest: [['a', 'b']], pulls: { a: ['saved', 'notReady'] } });
    const first = await (await env.startRun()).result();
    const second = await (await env.startRun()).result();
    expect(first.counts).toMatchObject({ due: 2, saved: 2, notReady: 0 });
    expect(second.counts).toMatchObject({ due: 2, saved: 1, notReady: 1 });
    expect(second.counts.kipuCalls).toBe(first.counts.kipuCalls);
    expect(second.runId).not.toBe(first.runId);
  });

  it('of two runs at once are counted by their own', async () => {
    env.activities.script({ latest: [['a']] });
    env.activities.gates.close('pullChart a');
    const north = await env.startRun();
    await env.activities.gates.reached('pullChart a');
    env.activities.script({ latest: [['b', 'c']] });
    const south = await env.startRun({ instance: 'south' });
    expect(await south.result()).toMatchObject({ instance: 'south', counts: { due: 2, saved: 2 } });
    expect(await north.query(progressQuery)).toMatchObject({ due: 1, saved: 0 });
    env.activities.gates.open('pullChart a');
    expect(await north.result()).toMatchObject({ instance: 'north', counts: { due: 1, saved: 1 } });
  });
});
