import { describe, expect, it } from 'vitest';
import { chartChangedSignal, unlockSignal } from '../../workflows/messages.ts';
import { summariesOf } from '../support/histories.ts';
import { useWorkflowEnvironment } from '../support/useWorkflowEnvironment.ts';
import { inTime } from '../support/waitUntil.ts';

const env = useWorkflowEnvironment();

describe('A chart that a webhook reports', () => {
  it('is pulled once more for a burst of deliveries', async () => {
    const patient = await env.startGated({ pulls: { a: ['saved', 'unchanged'] } }, 'a', 'pullChart a');
    for (let times = 0; times < 20; times += 1) await patient.signal(chartChangedSignal);
    env.activities.gates.open('pullChart a');
    expect(await patient.result()).toMatchObject({ outcome: 'unchanged' });
    // The running pull may have read the chart before the change, so it is pulled again, but once and not twenty times.
    expect(env.activities.count('pullChart a')).toBe(2);
  });

  it('is pulled at once where no other change came before', async () => {
    const patient = await env.changed('a');
    expect(await patient.result()).toEqual({ outcome: 'saved', calls: 1 });
    const { events } = await patient.fetchHistory();
    expect(events?.filter((event) => event.timerStartedEventAttributes)).toEqual([]);
  });

  it('is counted but not pulled while its record is held, and the reminders keep their times', async () => {
    env.activities.script({ pulls: { a: 'held' } });
    const patient = await env.startPatient('a');
    await env.held('a');
    for (let day = 0; day < 6; day += 1) {
      await patient.signal(chartChangedSignal);
      await env.sleep('12 hours');
    }
    expect(env.activities.count('pullChart a')).toBe(1);
    expect(env.activities.count('countWaitingChange a')).toBe(6);
    // The last reminder is due at the very end of the last day.
    await expect.poll(() => env.activities.reminderDays(), inTime).toEqual([1, 3]);
    await patient.signal(unlockSignal, { by: 'Ada Example' });
    expect(await patient.result()).toMatchObject({ outcome: 'saved' });
    expect(env.activities.count('pullChart a')).toBe(2);
  });

  it('again and again is pulled in histories of bounded length, and its run does not wait for that', async () => {
    env.activities.script({ latest: [['a']] });
    env.activities.gates.close('pullChart a');
    const run = await env.startRun();
    await env.activities.gates.reached('pullChart a');
    const patient = env.patient('a');
    await patient.signal(chartChangedSignal);
    env.activities.gates.open('pullChart a');
    env.activities.gates.close('pullChart a');
    await env.activities.gates.reached('pullChart a');
    expect(await run.result()).toMatchObject({ status: 'completed', counts: { due: 1, saved: 1 } });
    env.activities.gates.open('pullChart a');
    await patient.result();
    // The run counts its first pull alone.
    expect(env.activities.pulledFor()).toEqual([run.workflowId, null]);
    expect(summariesOf(await patient.fetchHistory())).toEqual([
      ...['listed by run', 'waits one second for more changes', 'pull after a webhook'],
    ]);
  });

  it('is pulled where its record is no longer held, though its workflow still waits', async () => {
    env.activities.script({ pulls: { a: ['held', 'saved'] } });
    const patient = await env.startPatient('a');
    await env.held('a');
    env.activities.recordOf('a').hold = null;
    await patient.signal(chartChangedSignal);
    expect(await patient.result()).toMatchObject({ outcome: 'saved' });
    expect(env.activities.journal()).toEqual(['pullChart a', 'countWaitingChange a', 'pullChart a']);
  });
});
