import { MongoServerError } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { stateQuery, type UnlockRequest, unlockSignal } from '../../workflows/messages.ts';
import { useRig } from '../support/useWorkflowEnvironment.ts';
import { inTime } from '../support/waitUntil.ts';

const rig = useRig();
const ada = { by: 'Ada Example' };
const bob = { by: 'Bob Example' };

describe('an unlock', () => {
  it.each([
    { name: 'while the chart is pulled', sent: [ada], effects: [true] },
    { name: 'twice, by two people', sent: [ada, bob], effects: [true, false] },
    { name: 'twice, by one', sent: [ada, ada], effects: [true, false] },
    { name: 'first without a name, then with one', sent: [{ by: '' }, ada], effects: [false, true] },
  ])('$name opens the record once, and each is written down', async ({ sent, effects }) => {
    const patient = await rig.startGated({ pulls: { a: 'held' } }, 'a', 'pullChart a');
    for (const request of sent) await patient.signal(unlockSignal, request);
    rig.steps.gates.open('pullChart a');
    expect(await patient.result()).toEqual({ outcome: 'saved', calls: 2 });
    expect(rig.steps.audit().map(({ effect }) => effect)).toEqual(effects);
    expect(rig.steps.count('pullChart a')).toBe(2);
    expect(await patient.query(stateQuery)).toMatchObject({ doing: 'done', hold: null, unlocksApplied: sent.length });
  });

  it('of a record that turns out not to be held is written down, and the chart is not pulled again', async () => {
    const patient = await rig.startGated({}, 'a', 'pullChart a');
    await patient.signal(unlockSignal, ada);
    rig.steps.gates.open('pullChart a');
    expect(await patient.result()).toEqual({ outcome: 'saved', calls: 1 });
    expect(rig.steps.journal()).toEqual(['pullChart a', 'applyUnlock a']);
  });

  it('is kept while the database refuses it, and applied when that is mended', async () => {
    const refused = new MongoServerError({ message: 'not allowed', code: 13 });
    rig.steps.script({ pulls: { a: 'held' }, failing: { applyUnlock: refused } });
    const patient = await rig.startPatient('a');
    await rig.held('a');
    await patient.signal(unlockSignal, ada);
    await rig.passUntil('the unlock is tried again', () => rig.steps.count('applyUnlock a') > 2);
    expect(rig.steps.recordOf('a').hold).not.toBeNull();
    rig.steps.script({ failing: {} });
    await rig.passUntil('the unlock is applied', () => rig.steps.audit().length > 0);
    expect(await patient.result()).toEqual({ outcome: 'saved', calls: 2 });
    expect(rig.steps.audit()).toEqual([{ recordId: 'a', ...ada, effect: true }]);
  });

  it.each([
    { name: 'without a name', request: { by: '' } },
    // Temporal's own page sends whatever was typed.
    { name: 'that is an empty object', request: {} as UnlockRequest },
  ])('$name is refused: the record stays held', async ({ request }) => {
    rig.steps.script({ pulls: { a: 'held' } });
    const patient = await rig.startPatient('a');
    await rig.held('a');
    await patient.signal(unlockSignal, request);
    await expect.poll(() => patient.query(stateQuery), inTime).toMatchObject({ doing: 'held', unlocksApplied: 1 });
    expect(rig.steps.recordOf('a').hold).not.toBeNull();
    expect(rig.steps.count('pullChart a')).toBe(1);
  });

  it('finds a second one that arrives while the first is at work', async () => {
    rig.steps.script({ pulls: { a: 'held' } });
    const patient = await rig.startPatient('a');
    await rig.held('a');
    rig.steps.gates.shut('applyUnlock a');
    await patient.signal(unlockSignal, ada);
    await rig.steps.gates.reached('applyUnlock a');
    await patient.signal(unlockSignal, bob);
    rig.steps.gates.open('applyUnlock a');
    expect(await patient.result()).toEqual({ outcome: 'saved', calls: 2 });
    expect(rig.steps.audit().map(({ by, effect }) => [by, effect])).toEqual([
      [ada.by, true],
      [bob.by, false],
    ]);
  });

  it('starts the workflow where none waits, and the held record is pulled', async () => {
    rig.steps.script({ pulls: { a: 'held' } });
    const lost = await rig.startPatient('a');
    await rig.held('a');
    await lost.terminate('lost');
    const patient = await rig.unlock('a', ada);
    expect(await patient.result()).toEqual({ outcome: 'saved', calls: 1 });
    expect(rig.steps.journal()).toEqual(['pullChart a', 'applyUnlock a', 'pullChart a']);
  });

  it('reaches the one that waits where one does', async () => {
    rig.steps.script({ pulls: { a: 'held' } });
    const waiting = await rig.startPatient('a');
    await rig.held('a');
    await rig.unlock('a', ada);
    expect(await waiting.result()).toEqual({ outcome: 'saved', calls: 2 });
    expect((await rig.patient('a').describe()).runId).toBe(waiting.firstExecutionRunId);
  });

  it('goes before the pull where it comes first: the record is never held', async () => {
    rig.steps.script({ pulls: { a: 'held' } });
    const patient = await rig.unlock('a', ada);
    expect(await patient.result()).toEqual({ outcome: 'saved', calls: 1 });
    expect(rig.steps.journal()).toEqual(['applyUnlock a', 'pullChart a']);
  });
});
