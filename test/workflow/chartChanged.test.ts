import { describe, expect, it } from 'vitest';
import { chartChangedSignal, unlockSignal } from '../../workflows/messages.ts';
import { useWorkflowEnvironment } from '../support/useWorkflowEnvironment.ts';

const env = useWorkflowEnvironment();

describe('a chart that a webhook announces', () => {
  it('is pulled once for a burst of announcements', async () => {
    const patient = await env.startGated({ pulls: { a: ['saved', 'unchanged'] } }, 'a', 'pullChart a');
    for (let times = 0; times < 20; times += 1) await patient.signal(chartChangedSignal);
    env.activities.gates.open('pullChart a');
    expect(await patient.result()).toMatchObject({ outcome: 'unchanged' });
    // The pull under way may have read the chart before it changed, so it is read again; but once, not twenty times.
    expect(env.activities.count('pullChart a')).toBe(2);
  });

  it('is not pulled while its record is held, only noted, and its reminders come when they would have', async () => {
    env.activities.script({ pulls: { a: 'held' } });
    const patient = await env.startPatient('a');
    await env.held('a');
    for (let day = 0; day < 6; day += 1) {
      await patient.signal(chartChangedSignal);
      await env.sleep('12 hours');
    }
    expect(env.activities.count('pullChart a')).toBe(1);
    expect(env.activities.count('countWaitingChange a')).toBe(6);
    expect(env.activities.reminderDays()).toEqual([1, 3]);
    await patient.signal(unlockSignal, { by: 'Ada Example' });
    expect(await patient.result()).toMatchObject({ outcome: 'saved' });
    expect(env.activities.count('pullChart a')).toBe(2);
  });
});
