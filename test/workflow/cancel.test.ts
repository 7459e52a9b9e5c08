import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { countsAddUp } from '../../domain/run.ts';
import { progressQuery, stateQuery } from '../../workflows/messages.ts';
import { refused } from '../support/failures.ts';
import { useWorkflowEnvironment } from '../support/useWorkflowEnvironment.ts';

const env = useWorkflowEnvironment();

async function cancelled(handle: WorkflowHandle): Promise<void> {
  const failure = await handle.result().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(WorkflowFailedError);
  expect(failure).toHaveProperty('cause', expect.any(CancelledFailure));
}

describe('A cancelled patient workflow', () => {
  it('ends, and the record stays held; an unlock starts it again', async () => {
    env.activities.script({ pulls: { a: 'held' } });
    const patient = await env.startPatient('a');
    await env.held('a');
    await patient.cancel();
    await cancelled(patient);
    expect(env.activities.recordOf('a').hold).not.toBeNull();
    expect(env.activities.journal()).toEqual(['pullChart a']);
    expect(await (await env.unlock('a', { by: 'Ada Example' })).result()).toEqual({ outcome: 'saved', calls: 1 });
  });

  it('ends during a pull, and records no failure', async () => {
    const patient = await env.startGated({}, 'a', 'pullChart a');
    await patient.cancel();
    await cancelled(patient);
    expect(env.activities.journal()).toEqual(['pullChart a']);
  });

  it('leaves its run incomplete, so that the record stays owed', async () => {
    env.activities.script({ latest: [['a', 'b']] });
    env.activities.gates.close('pullChart a');
    const run = await env.startRun();
    await env.activities.gates.reached('pullChart a');
    await env.patient('a').cancel();
    await expect(run.result()).rejects.toMatchObject({ cause: { type: 'run-incomplete' } });
    expect(env.activities.closed()).toMatchObject([{ status: 'incomplete', counts: { due: 2, saved: 1, failed: 1 } }]);
  });
});

describe('A cancelled run', () => {
  it.each([
    { name: 'during listing', gate: 'listPages latest 1', counts: { due: 0 } },
    { name: 'while it waits for a free slot', gate: 'pullChart b', counts: { due: 1, saved: 1 } },
    { name: 'while it waits for the last record', gate: 'pullChart d', counts: { due: 3, saved: 3 } },
  ])('is closed as incomplete with counts that add up ($name)', async ({ gate, counts }) => {
    env.activities.script({
      maxInFlight: 1,
      latest: [
        ['a', 'b'],
        ['c', 'd'],
      ],
    });
    env.activities.gates.close(gate);
    const run = await env.startRun();
    await env.activities.gates.reached(gate);
    await run.cancel();
    await cancelled(run);
    const fault = { code: 'cancelled', text: 'The sync was canceled.' };
    expect(env.activities.closed()).toMatchObject([{ status: 'incomplete', fault, counts }]);
    expect(env.activities.closed()[0]?.counts).toSatisfy(countsAddUp);
  });

  it('counts nothing that ends after it was closed', async () => {
    env.activities.script({ latest: [['a']] });
    env.activities.gates.close('pullChart a', 'closeRun incomplete');
    const run = await env.startRun();
    await env.activities.gates.reached('pullChart a');
    await run.cancel();
    await env.activities.gates.reached('closeRun incomplete');
    env.activities.gates.open('pullChart a');
    await env.patient('a').result();
    env.activities.gates.open('closeRun incomplete');
    await cancelled(run);
    expect(await run.query(progressQuery)).toMatchObject({ due: 0, saved: 0 });
  });

  it('does not affect its patient workflows: running and held ones continue', async () => {
    env.activities.script({ latest: [['a', 'b']], pulls: { a: 'held' } });
    env.activities.gates.close('pullChart b');
    const run = await env.startRun();
    await env.held('a');
    await env.activities.gates.reached('pullChart b');
    await run.cancel();
    await cancelled(run);
    const [a, b] = ['a', 'b'].map((id) => env.patient(id));
    expect(await a?.query(stateQuery)).toMatchObject({ doing: 'held' });
    env.activities.gates.open('pullChart b');
    expect(await b?.result()).toEqual({ outcome: 'saved', calls: 1 });
    expect(await (await env.unlock('a', { by: 'Ada Example' })).result()).toEqual({ outcome: 'saved', calls: 2 });
  });

  it('is closed as completed if all its work was done', async () => {
    env.activities.script({ latest: [['a']] });
    env.activities.gates.close('closeRun completed');
    const run = await env.startRun();
    await env.activities.gates.reached('closeRun completed');
    await run.cancel();
    env.activities.gates.open('closeRun completed');
    expect(await run.result()).toMatchObject({ status: 'completed', counts: { saved: 1 } });
    expect(env.activities.closed()).toMatchObject([{ status: 'completed', fault: null }]);
  });

  it('is closed once, also after a refusal by the instance and during other pulls', async () => {
    env.activities.script({ latest: [['a', 'b']], pulls: { a: refused } });
    env.activities.gates.close('pullChart b');
    const run = await env.startRun();
    await env.activities.gates.reached('pullChart b');
    await run.cancel();
    await run.result().catch(() => undefined);
    expect(env.activities.closed()).toHaveLength(1);
    expect(env.activities.closed()[0]?.counts).toSatisfy(countsAddUp);
  });
});
