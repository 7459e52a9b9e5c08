import { describe, expect, it } from 'vitest';
import { chartChangedSignal, unlockSignal } from '../../workflows/messages.ts';
import { useWorkflowEnvironment } from '../support/useWorkflowEnvironment.ts';

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
    expect(env.activities.reminderDays()).toEqual([1, 3]);
    await patient.signal(unlockSignal, { by: 'Ada Example' });
    expect(await patient.result()).toMatchObject({ outcome: 'saved' });
    expect(env.activities.count('pullChart a')).toBe(2);
  });
});
