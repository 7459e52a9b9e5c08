import { describe, expect, it } from 'vitest';
import { chartChangedSignal, unlockSignal } from '../../workflows/messages.ts';
import { useRig } from '../support/useWorkflowEnvironment.ts';

const rig = useRig();

describe('a chart that a webhook announces', () => {
  it('is pulled once for a burst of announcements', async () => {
    const patient = await rig.startGated({ pulls: { a: ['saved', 'unchanged'] } }, 'a', 'pullChart a');
    for (let times = 0; times < 20; times += 1) await patient.signal(chartChangedSignal);
    rig.steps.gates.open('pullChart a');
    expect(await patient.result()).toMatchObject({ outcome: 'unchanged' });
    // The pull under way may have read the chart before it changed, so it is read again; but once, not twenty times.
    expect(rig.steps.count('pullChart a')).toBe(2);
  });

  it('is not pulled while its record is held, only noted, and its reminders come when they would have', async () => {
    rig.steps.script({ pulls: { a: 'held' } });
    const patient = await rig.startPatient('a');
    await rig.held('a');
    for (let day = 0; day < 6; day += 1) {
      await patient.signal(chartChangedSignal);
      await rig.sleep('12 hours');
    }
    expect(rig.steps.count('pullChart a')).toBe(1);
    expect(rig.steps.count('countWaitingChange a')).toBe(6);
    expect(rig.steps.reminderDays()).toEqual([1, 3]);
    await patient.signal(unlockSignal, { by: 'Ada Example' });
    expect(await patient.result()).toMatchObject({ outcome: 'saved' });
    expect(rig.steps.count('pullChart a')).toBe(2);
  });
});
