import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { countsAddUp } from '../../domain/run.ts';
import { stateQuery } from '../../workflows/messages.ts';
import { refused } from '../support/failures.ts';
import { useRig } from '../support/useWorkflowEnvironment.ts';

const rig = useRig();

async function cancelled(handle: WorkflowHandle): Promise<void> {
  const failure = await handle.result().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(WorkflowFailedError);
  expect(failure).toHaveProperty('cause', expect.any(CancelledFailure));
}

describe('a cancelled patient workflow', () => {
  it('ends; the record stays held, and an unlock starts it again', async () => {
    rig.steps.script({ pulls: { a: 'held' } });
    const patient = await rig.startPatient('a');
    await rig.held('a');
    await patient.cancel();
    await cancelled(patient);
    expect(rig.steps.recordOf('a').hold).not.toBeNull();
    expect(rig.steps.journal()).toEqual(['pullChart a']);
    expect(await (await rig.unlock('a', { by: 'Ada Example' })).result()).toEqual({ outcome: 'saved', calls: 1 });
  });

  it('ends while it pulls, and notes no failure', async () => {
    const patient = await rig.startGated({}, 'a', 'pullChart a');
    await patient.cancel();
    await cancelled(patient);
    expect(rig.steps.journal()).toEqual(['pullChart a']);
  });

  it('leaves its run incomplete: the record is still owed', async () => {
    rig.steps.script({ latest: [['a', 'b']] });
    rig.steps.gates.shut('pullChart a');
    const run = await rig.startRun();
    await rig.steps.gates.reached('pullChart a');
    await rig.patient('a').cancel();
    await expect(run.result()).rejects.toMatchObject({ cause: { type: 'run-incomplete' } });
    expect(rig.steps.closed()).toMatchObject([{ status: 'incomplete', counts: { due: 2, saved: 1, failed: 1 } }]);
  });
});

describe('a cancelled run', () => {
  it.each([
    { name: 'while it lists', gate: 'listPage latest 1', counts: { due: 0 } },
    { name: 'while it waits for room', gate: 'pullChart b', counts: { due: 1, saved: 1 } },
    { name: 'while it waits for the last', gate: 'pullChart d', counts: { due: 3, saved: 3 } },
  ])('$name is closed as incomplete with counts that add up', async ({ gate, counts }) => {
    rig.steps.script({
      maxInFlight: 1,
      latest: [
        ['a', 'b'],
        ['c', 'd'],
      ],
    });
    rig.steps.gates.shut(gate);
    const run = await rig.startRun();
    await rig.steps.gates.reached(gate);
    await run.cancel();
    await cancelled(run);
    const fault = { code: 'cancelled', text: 'The run was cancelled.' };
    expect(rig.steps.closed()).toMatchObject([{ status: 'incomplete', fault, counts }]);
    expect(rig.steps.closed()[0]?.counts).toSatisfy(countsAddUp);
  });

  it('leaves its patients alone: those at work and those held go on', async () => {
    rig.steps.script({ latest: [['a', 'b']], pulls: { a: 'held' } });
    rig.steps.gates.shut('pullChart b');
    const run = await rig.startRun();
    await rig.held('a');
    await rig.steps.gates.reached('pullChart b');
    await run.cancel();
    await cancelled(run);
    const [a, b] = ['a', 'b'].map((id) => rig.patient(id));
    expect(await a?.query(stateQuery)).toMatchObject({ doing: 'held' });
    rig.steps.gates.open('pullChart b');
    expect(await b?.result()).toEqual({ outcome: 'saved', calls: 1 });
    expect(await (await rig.unlock('a', { by: 'Ada Example' })).result()).toEqual({ outcome: 'saved', calls: 2 });
  });

  it('that had done all its work is closed as it ended', async () => {
    rig.steps.script({ latest: [['a']] });
    rig.steps.gates.shut('closeRun completed');
    const run = await rig.startRun();
    await rig.steps.gates.reached('closeRun completed');
    await run.cancel();
    rig.steps.gates.open('closeRun completed');
    expect(await run.result()).toMatchObject({ status: 'completed', counts: { saved: 1 } });
    expect(rig.steps.closed()).toMatchObject([{ status: 'completed', fault: null }]);
  });

  it('is closed also where the instance had refused us and others were still at work', async () => {
    rig.steps.script({ latest: [['a', 'b']], pulls: { a: refused } });
    rig.steps.gates.shut('pullChart b');
    const run = await rig.startRun();
    await rig.steps.gates.reached('pullChart b');
    await run.cancel();
    await run.result().catch(() => undefined);
    expect(rig.steps.closed()).toHaveLength(1);
    expect(rig.steps.closed()[0]?.counts).toSatisfy(countsAddUp);
  });
});
