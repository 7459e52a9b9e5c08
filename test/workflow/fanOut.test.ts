import { workflowMetadataQuery } from '@temporalio/workflow';
import { describe, expect, it } from 'vitest';
import { progressQuery, pulledSignal, stateQuery, unlockSignal } from '../../workflows/messages.ts';
import { useWorkflowEnvironment } from '../support/useWorkflowEnvironment.ts';
import { inTime } from '../support/waitUntil.ts';

const env = useWorkflowEnvironment();
/** A parent close policy, by Temporal's number. */
const ABANDON = 2;

describe('The patient workflows of a run', () => {
  it.each([1, 3])('pull at most %i charts at once', async (maxInFlight) => {
    const due = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    env.activities.script({ maxInFlight, latest: [due.slice(0, 5), due.slice(5)] });
    env.activities.gates.close(...due.map((id) => `pullChart ${id}`));
    const run = await env.startRun();
    for (const [begun, id] of due.entries()) {
      await env.activities.gates.reached(`pullChart ${id}`);
      await expect.poll(() => env.activities.pullsAtOnce().now, inTime).toBe(Math.min(maxInFlight, due.length - begun));
      // Counts started workflows, whether or not their pull has begun.
      await expect
        .poll(async () => (await run.query(progressQuery)).due, inTime)
        .toBe(Math.min(begun + maxInFlight, due.length));
      env.activities.gates.open(`pullChart ${id}`);
    }
    expect((await run.result()).counts).toMatchObject({ due: 7, saved: 7 });
    expect(env.activities.pullsAtOnce().most).toBe(maxInFlight);
  });

  it('are awaited until they are held: the run ends, and the held one continues', async () => {
    env.activities.script({ maxInFlight: 1, latest: [['a', 'b']], pulls: { a: 'held' } });
    const run = await env.startRun();
    const { status, counts } = await run.result();
    expect(status).toBe('completed');
    expect(counts).toMatchObject({ due: 2, held: 1, saved: 1, kipuCalls: 4 });
    const { typedSearchAttributes } = await run.describe();
    expect(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value])).toEqual(
      expect.arrayContaining([
        ['RunMode', 'incremental'],
        ['Outcome', 'completed'],
      ]),
    );
    expect((await run.query(workflowMetadataQuery)).currentDetails).toMatch(
      /run: completed.*pulls: 2: saved 1, held 1/s,
    );
    // This server keeps every child alive; a real server follows the parent close policy.
    const { events = [] } = await run.fetchHistory();
    const children = (events ?? []).flatMap((event) => event.startChildWorkflowExecutionInitiatedEventAttributes ?? []);
    expect(children.map(({ parentClosePolicy }) => parentClosePolicy)).toEqual([ABANDON, ABANDON]);

    const patient = env.patient('a');
    await env.sleep('8 days');
    expect(await patient.query(stateQuery)).toMatchObject({ doing: 'held', hold: { reminders: 3 } });
    await patient.signal(unlockSignal, { by: 'Ada Example' });
    expect(await patient.result()).toEqual({ outcome: 'saved', calls: 2 });
  });

  it('count as held if they were held when the run reached them, whatever staff do later', async () => {
    env.activities.script({ latest: [['a', 'b']], pulls: { a: 'held' } });
    env.activities.gates.close('pullChart b');
    const run = await env.startRun();
    await env.held('a');
    await (await env.unlock('a', { by: 'Ada Example' })).result();
    env.activities.gates.open('pullChart b');
    expect((await run.result()).counts).toMatchObject({ due: 2, held: 1, saved: 1 });
    expect(env.activities.count('pullChart a')).toBe(2);
  });

  it('do not make the run incomplete if they fail after they were held', async () => {
    env.activities.script({ latest: [['a', 'b']], pulls: { a: 'held' } });
    env.activities.gates.close('pullChart b');
    const run = await env.startRun();
    await env.held('a');
    await expect.poll(async () => (await run.query(progressQuery)).held, inTime).toBe(1);
    const childCancelled = async () =>
      (await run.fetchHistory()).events?.some((event) => event.childWorkflowExecutionCanceledEventAttributes) ?? false;
    await env.patient('a').cancel();
    await expect.poll(childCancelled, inTime).toBe(true);
    env.activities.gates.open('pullChart b');
    expect(await run.result()).toMatchObject({ status: 'completed', counts: { due: 2, held: 1, saved: 1 } });
  });

  it.each([
    ['and the list says so: no start fails', { running: ['a', 'ended'] }, 0],
    ['and began after it was listed: its start fails', {}, 1],
  ])('are not started for a record whose workflow is already running, %s', async (_, script, failedStarts) => {
    const patient = await env.startGated({ latest: [['a', 'ended']], ...script }, 'a', 'pullChart a');
    const run = await env.startRun();
    const { status, counts } = await run.result();
    expect(status).toBe('completed');
    const { events } = await run.fetchHistory();
    const failed = events?.filter((event) => event.startChildWorkflowExecutionFailedEventAttributes);
    expect(failed).toHaveLength(failedStarts);
    expect(counts).toMatchObject({ due: 2, unchanged: 1, saved: 1 });
    expect(env.activities.count('pullChart a')).toBe(1);
    env.activities.gates.open('pullChart a');
    // The running pull may have read the chart before the change that the run listed.
    expect(await patient.result()).toEqual({ outcome: 'saved', calls: 2 });
    expect(env.activities.count('pullChart a')).toBe(2);
  });

  it('are not confused by a signal that names none of them', async () => {
    env.activities.script({ latest: [['a']] });
    env.activities.gates.close('pullChart a');
    const run = await env.startRun();
    await env.activities.gates.reached('pullChart a');
    for (const message of ['a', { recordId: 'b', outcome: 'saved', calls: 9 }, { recordId: 'a' }])
      await run.signal(pulledSignal.name, message);
    env.activities.gates.open('pullChart a');
    expect((await run.result()).counts).toMatchObject({ due: 1, saved: 1, kipuCalls: 3 });
  });

  it('are started again by the next run, which has no state of the last one', async () => {
    env.activities.script({ latest: [['a', 'b']], pulls: { a: ['saved', 'notReady'] } });
    const first = await (await env.startRun()).result();
    const second = await (await env.startRun()).result();
    expect(first.counts).toMatchObject({ due: 2, saved: 2, notReady: 0 });
    expect(second.counts).toMatchObject({ due: 2, saved: 1, notReady: 1 });
    expect(second.counts.kipuCalls).toBe(first.counts.kipuCalls);
    expect(second.runId).not.toBe(first.runId);
  });

  it('of two concurrent runs are counted by their own run', async () => {
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
