import { describe, expect, it } from 'vitest';
import type { UnlockSignal } from '../../domain/unlock.ts';
import { chartChangedSignal, stateQuery, unlockSignal } from '../../workflows/messages.ts';
import { holdAttribute } from '../../workflows/searchAttributes.ts';
import { forbidden, refused } from '../support/failures.ts';
import { summariesOf } from '../support/histories.ts';
import { useWorkflowEnvironment } from '../support/useWorkflowEnvironment.ts';
import { inTime } from '../support/waitUntil.ts';

const env = useWorkflowEnvironment();
const ada = { ticket: 'u-bcdf2345ghjk6789' };
const bob = { by: 'Bob Example' };

describe('An unlock', () => {
  it('hands the ticket or the name to the activity, and nothing else of the signal', async () => {
    env.activities.script({ pulls: { a: 'held' } });
    const patient = await env.startPatient('a', { eventsPerHistory: 20 });
    await env.held('a');
    const extra = { why: 'Qzreason', note: 'Qznote' };
    await patient.signal('unlock', { by: '', ...extra });
    await patient.signal('unlock', { ...bob, ...extra });
    await patient.signal('unlock', { ...ada, ...extra, by: 'Qzname' });
    await env.patient('a').result();
    expect(env.activities.audit().map(({ recordId: _, ...audited }) => audited)).toEqual([
      { by: null, effect: false },
      { ...bob, effect: true },
      { ...ada, effect: false },
    ]);
  });

  it.each([
    { name: 'during a pull', sent: [ada], effects: [true] },
    { name: 'twice, by two people', sent: [ada, bob], effects: [true, false] },
    { name: 'twice, by one person', sent: [ada, ada], effects: [true, false] },
    { name: 'first without a name, then with one', sent: [{ by: '' }, ada], effects: [false, true] },
  ])('opens the record once, and each request is in the audit ($name)', async ({ sent, effects }) => {
    const patient = await env.startGated({ pulls: { a: 'held' } }, 'a', 'pullChart a');
    for (const request of sent) await patient.signal(unlockSignal, request);
    env.activities.gates.open('pullChart a');
    expect(await patient.result()).toEqual({ outcome: 'saved', calls: 2 });
    expect(env.activities.audit().map(({ effect }) => effect)).toEqual(effects);
    expect(env.activities.count('pullChart a')).toBe(2);
    expect(await patient.query(stateQuery)).toMatchObject({ doing: 'done', hold: null, unlocksApplied: sent.length });
  });

  it('of a record that is not held is in the audit, and the chart is not pulled again', async () => {
    const patient = await env.startGated({}, 'a', 'pullChart a');
    await patient.signal(unlockSignal, ada);
    env.activities.gates.open('pullChart a');
    expect(await patient.result()).toEqual({ outcome: 'saved', calls: 1 });
    expect(env.activities.journal()).toEqual(['pullChart a', 'applyUnlock a']);
  });

  it('is kept while the database refuses it, and applied later', async () => {
    env.activities.script({ pulls: { a: 'held' }, failing: { applyUnlock: forbidden } });
    const patient = await env.startPatient('a');
    await env.held('a');
    await patient.signal(unlockSignal, ada);
    await env.sleepUntil('the unlock is tried again', () => env.activities.count('applyUnlock a') > 2);
    expect(env.activities.recordOf('a').hold).not.toBeNull();
    env.activities.script({ failing: {} });
    await env.sleepUntil('the unlock is applied', () => env.activities.audit().length > 0);
    expect(await patient.result()).toEqual({ outcome: 'saved', calls: 2 });
    expect(env.activities.audit()).toEqual([{ recordId: 'a', ...ada, effect: true }]);
  });

  it.each([
    { name: 'without a name', request: { by: '' } },
    // Temporal's web UI sends whatever a person typed.
    { name: 'that is an empty object', request: {} as UnlockSignal },
    { name: 'without any input', request: undefined },
    { name: 'that is only text', request: 'Ada Example' },
  ])('$name is refused, and the record stays held', async ({ request }) => {
    env.activities.script({ pulls: { a: 'held' } });
    const patient = await env.startPatient('a');
    await env.held('a');
    await patient.signal(unlockSignal.name, ...(request === undefined ? [] : [request]));
    await expect.poll(() => patient.query(stateQuery), inTime).toMatchObject({ doing: 'held', unlocksApplied: 1 });
    expect(env.activities.recordOf('a').hold).not.toBeNull();
    expect(env.activities.count('pullChart a')).toBe(1);
  });

  it('also handles a second one that arrives while the first is applied', async () => {
    env.activities.script({ pulls: { a: 'held' } });
    const patient = await env.startPatient('a');
    await env.held('a');
    env.activities.gates.close('applyUnlock a');
    await patient.signal(unlockSignal, ada);
    await env.activities.gates.reached('applyUnlock a');
    await patient.signal(unlockSignal, bob);
    env.activities.gates.open('applyUnlock a');
    expect(await patient.result()).toEqual({ outcome: 'saved', calls: 2 });
    expect(env.activities.audit()).toEqual([
      { recordId: 'a', ...ada, effect: true },
      { recordId: 'a', ...bob, effect: false },
    ]);
  });

  it('starts a workflow if none is open, and the held record is pulled', async () => {
    env.activities.script({ pulls: { a: 'held' } });
    const lost = await env.startPatient('a');
    await env.held('a');
    await lost.terminate('lost');
    const patient = await env.unlock('a', ada);
    expect(await patient.result()).toEqual({ outcome: 'saved', calls: 1 });
    expect(env.activities.journal()).toEqual(['pullChart a', 'applyUnlock a', 'pullChart a']);
  });

  it('reaches the open workflow if there is one', async () => {
    env.activities.script({ pulls: { a: 'held' } });
    const waiting = await env.startPatient('a');
    await env.held('a');
    await env.unlock('a', ada);
    expect(await waiting.result()).toEqual({ outcome: 'saved', calls: 2 });
    expect((await env.patient('a').describe()).runId).toBe(waiting.firstExecutionRunId);
  });

  it('that starts the workflow is applied before the pull, so that the record is never held', async () => {
    env.activities.script({ pulls: { a: 'held' } });
    const patient = await env.unlock('a', ada);
    expect(await patient.result()).toEqual({ outcome: 'saved', calls: 1 });
    expect(env.activities.journal()).toEqual(['applyUnlock a', 'pullChart a']);
  });

  it('is kept when the history becomes long while others are applied', async () => {
    env.activities.script({ pulls: { a: 'held' } });
    await env.startPatient('a', { eventsPerHistory: 30 });
    await env.held('a');
    env.activities.gates.close('applyUnlock a');
    const patient = env.patient('a');
    for (let times = 0; times < 30; times += 1) await patient.signal(unlockSignal, { by: '' });
    await env.activities.gates.reached('applyUnlock a');
    for (const request of [ada, bob]) await patient.signal(unlockSignal, request);
    env.activities.gates.open('applyUnlock a');
    expect(await patient.result()).toMatchObject({ outcome: 'saved' });
    expect((await patient.fetchHistory()).events?.length).toBeLessThan(60);
    expect(env.activities.audit().slice(-2)).toEqual([
      { recordId: 'a', ...ada, effect: true },
      { recordId: 'a', ...bob, effect: false },
    ]);
  });

  it('that waits during a pull is applied before the workflow fails because the instance refuses us', async () => {
    const patient = await env.startGated({ pulls: { a: refused } }, 'a', 'pullChart a');
    await patient.signal(unlockSignal, ada);
    env.activities.gates.open('pullChart a');
    await expect(patient.result()).rejects.toThrow();
    expect(env.activities.audit()).toEqual([{ recordId: 'a', ...ada, effect: true }]);
  });

  it('of a record whose hold was ended by something else ends the wait, without a pull', async () => {
    env.activities.script({ pulls: { a: 'held' } });
    const patient = await env.startPatient('a');
    await env.held('a');
    env.activities.recordOf('a').hold = null;
    await patient.signal(unlockSignal, ada);
    expect(await patient.result()).toEqual({ outcome: 'held', calls: 1 });
    expect(env.activities.journal()).toEqual(['pullChart a', 'applyUnlock a']);
    const { typedSearchAttributes } = await patient.describe();
    expect(typedSearchAttributes.get(holdAttribute)).toBe(false);
  });

  it('does not name the pulls of later changes', async () => {
    env.activities.script({ pulls: { a: ['held', 'saved'] } });
    const patient = await env.startPatient('a');
    await env.held('a');
    env.activities.gates.close('pullChart a');
    await patient.signal(unlockSignal, ada);
    await env.activities.gates.reached('pullChart a');
    await patient.signal(chartChangedSignal);
    env.activities.gates.open('pullChart a');
    await patient.result();
    expect(summariesOf(await patient.fetchHistory()).slice(-3)).toEqual([
      ...['pull after unlock', 'waits one second for more changes', 'pull after a webhook'],
    ]);
  });
});
