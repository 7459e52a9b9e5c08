import { workflowMetadataQuery } from '@temporalio/workflow';
import { describe, expect, it } from 'vitest';
import { chartChangedSignal, stateQuery, unlockSignal } from '../../workflows/messages.ts';
import {
  heldSinceAttribute,
  holdAttribute,
  holdReasonAttribute,
  instanceAttribute,
  outcomeAttribute,
} from '../../workflows/searchAttributes.ts';
import { forbidden } from '../support/failures.ts';
import { summariesOf } from '../support/histories.ts';
import { useWorkflowEnvironment } from '../support/useWorkflowEnvironment.ts';
import { inTime } from '../support/waitUntil.ts';

const env = useWorkflowEnvironment();

describe('A held record', () => {
  it('has reminders at growing intervals for a month, and is pulled at once after an unlock', async () => {
    env.activities.script({ pulls: { a: 'held' } });
    const patient = await env.startPatient('a');
    await env.held('a');
    await env.sleep('30 days');
    expect(env.activities.reminderDays()).toEqual([1, 3, 7, 14, 21, 28]);

    const before = await env.now();
    await patient.signal(unlockSignal, { ticket: 'u-bcdf2345ghjk6789' });
    expect(await patient.result()).toEqual({ outcome: 'saved', calls: 2 });
    expect((await env.now()) - before).toBeLessThan(60_000);
    expect(env.activities.journal().slice(-3)).toEqual(['remindHold a', 'applyUnlock a', 'pullChart a']);
    expect(env.activities.audit()).toEqual([{ recordId: 'a', ticket: 'u-bcdf2345ghjk6789', effect: true }]);
  });

  it('shows its state in a query, and is found by its search attributes', async () => {
    const patient = await env.startGated({ pulls: { a: 'held' } }, 'a', 'pullChart a');
    const seen = async () => {
      const { typedSearchAttributes } = await patient.describe();
      return {
        ...(await patient.query(stateQuery)),
        instance: typedSearchAttributes.get(instanceAttribute),
        onHold: typedSearchAttributes.get(holdAttribute),
        why: typedSearchAttributes.get(holdReasonAttribute),
        since: typedSearchAttributes.get(heldSinceAttribute)?.toISOString(),
        ended: typedSearchAttributes.get(outcomeAttribute),
      };
    };
    const shown = async () => (await patient.query(workflowMetadataQuery)).currentDetails;
    const none = { onHold: undefined, why: undefined, since: undefined, ended: undefined };
    const common = { hold: null, unlocksApplied: 0, instance: 'north', ...none };
    expect(await seen()).toEqual({ ...common, doing: 'pulling' });
    expect(await shown()).toBe('Pulls the chart.');
    env.activities.gates.open('pullChart a');
    await env.held('a');
    const hold = { ...env.activities.recordOf('a').hold };
    expect(hold).toMatchObject({ reason: 'webhook-missing', reminders: 0 });
    const held = { onHold: true, why: 'webhook-missing', since: hold.since, ended: 'held' };
    expect(await seen()).toEqual({ ...common, ...held, doing: 'held', hold });
    expect(await shown()).toContain('`webhook-missing`');
    expect(await shown()).toContain('kipu-referrals unlock a');
    await env.sleep('1 day');
    await expect.poll(seen, inTime).toEqual({ ...common, ...held, doing: 'held', hold: { ...hold, reminders: 1 } });

    await expect.poll(shown, inTime).toMatch(/Reminders: 1\. Next reminder: \d/);

    env.activities.gates.close('applyUnlock a', 'pullChart a');
    await patient.signal(unlockSignal, { by: 'Ada Example' });
    await env.activities.gates.reached('applyUnlock a');
    expect(await seen()).toMatchObject({ doing: 'unlocking', unlocksApplied: 0, ...held });
    env.activities.gates.open('applyUnlock a');
    await env.activities.gates.reached('pullChart a');
    const unlocked = { ...common, unlocksApplied: 1, onHold: false, ended: 'unlocked' };
    expect(await seen()).toEqual({ ...unlocked, doing: 'pulling' });
    env.activities.gates.open('pullChart a');
    await patient.result();
    expect(await seen()).toEqual({ ...unlocked, doing: 'done' });
    expect(await shown()).toBe('Done: saved.');
    expect(summariesOf(await patient.fetchHistory())).toEqual([
      ...['pull after a restart', 'next reminder (day 1)', 'reminder 1', 'next reminder (day 3)'],
      ...['applies an unlock', 'pull after unlock'],
    ]);
  });

  it('continues as new when its history grows long, and can be unlocked then', async () => {
    env.activities.script({ pulls: { a: 'held' } });
    const patient = await env.startPatient('a', { eventsPerHistory: 30 });
    await env.held('a');
    await env.sleep('30 days');
    const later = env.patient('a');
    expect((await later.describe()).runId).not.toBe(patient.firstExecutionRunId);
    expect(await later.query(stateQuery)).toMatchObject({ doing: 'held', hold: { reminders: 6 } });
    expect((await later.describe()).typedSearchAttributes.get(holdAttribute)).toBe(true);
    expect(env.activities.reminderDays()).toEqual([1, 3, 7, 14, 21, 28]);
    expect(env.activities.count('pullChart a')).toBe(1);

    await later.signal(unlockSignal, { by: 'Ada Example' });
    expect(await later.result()).toEqual({ outcome: 'saved', calls: 1 });
    expect((await later.describe()).typedSearchAttributes.get(holdAttribute)).toBe(false);
  });

  it('ends without a pull when a reminder finds that it is no longer held', async () => {
    env.activities.script({ pulls: { a: 'held' } });
    const patient = await env.startPatient('a');
    await env.held('a');
    env.activities.recordOf('a').hold = null;
    await env.sleep('1 day');
    expect(await patient.result()).toEqual({ outcome: 'held', calls: 1 });
    expect(env.activities.journal()).toEqual(['pullChart a', 'remindHold a']);
  });

  it('waits independently: a signal to one does not reach another', async () => {
    env.activities.script({ pulls: { a: 'held', b: 'held' } });
    const [a, b] = [await env.startPatient('a'), await env.startPatient('b')];
    await Promise.all([env.held('a'), env.held('b')]);
    await a.signal(unlockSignal, { by: 'Ada Example' });
    await a.result();
    expect(await b.query(stateQuery)).toMatchObject({ doing: 'held', unlocksApplied: 0 });
    expect(env.activities.count('applyUnlock b')).toBe(0);
    expect(env.activities.count('pullChart b')).toBe(1);
  });

  it.each(['remindHold', 'countWaitingChange'] as const)(
    'stays held while MongoDB refuses %s, and is unlocked at once',
    async (activity) => {
      env.activities.script({ pulls: { a: 'held' }, failing: { [activity]: forbidden } });
      const patient = await env.startPatient('a');
      await env.held('a');
      await patient.signal(chartChangedSignal);
      await env.sleep(activity === 'remindHold' ? '1 day' : '1 minute');
      await env.sleepUntil('it is tried again', () => env.activities.count(`${activity} a`) > 2);
      expect(await patient.query(stateQuery)).toMatchObject({ doing: 'held' });

      const before = await env.now();
      await patient.signal(unlockSignal, { by: 'Ada Example' });
      expect(await patient.result()).toMatchObject({ outcome: 'saved' });
      expect((await env.now()) - before).toBeLessThan(30_000);
      expect(env.activities.audit()).toEqual([{ recordId: 'a', by: 'Ada Example', effect: true }]);
    },
  );

  it('that is known to be held waits at once, and is not pulled before its unlock', async () => {
    const held = { reason: 'webhook-missing', reminders: 0, since: '2026-01-05T08:00:00.000Z' } as const;
    const patient = await env.startPatient('a', { held });
    await env.held('a');
    expect(await patient.query(stateQuery)).toMatchObject({ hold: held });
    // Nothing holds it in the store.
    await env.sleep('1 day');
    expect(await patient.result()).toEqual({ outcome: 'held', calls: 0 });
    expect(env.activities.journal()).toEqual(['remindHold a']);
  });

  it.each(['remindHold', 'countWaitingChange'] as const)(
    'is left alone for ten minutes after MongoDB refused %s',
    async (activity) => {
      env.activities.script({ pulls: { a: 'held' }, failing: { [activity]: forbidden } });
      const patient = await env.startPatient('a');
      await env.held('a');
      if (activity === 'remindHold') await env.sleep('1 day');
      else await patient.signal(chartChangedSignal);
      await env.sleepUntil('it is refused', () => env.activities.count(`${activity} a`) > 0);
      const before = env.activities.count(`${activity} a`);
      await env.sleep('4 minutes');
      expect(env.activities.count(`${activity} a`)).toBe(before);
      await env.sleepUntil('it is tried again', () => env.activities.count(`${activity} a`) > before);
    },
  );
});
