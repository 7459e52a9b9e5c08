import { describe, expect, it } from 'vitest';
import { chartChangedSignal, unlockSignal } from '../../workflows/messages.ts';
import { useWorkflowEnvironment } from '../support/useWorkflowEnvironment.ts';

const env = useWorkflowEnvironment();

describe('A held record with very many webhooks', () => {
  it('continues in a new history when its own becomes long', async () => {
    env.activities.script({ pulls: { a: 'held' } });
    const first = await env.startPatient('a', { eventsPerHistory: 40 });
    await env.held('a');
    const patient = env.patient('a');
    for (let times = 0; times < 10; times += 1) {
      const before = env.activities.count('countWaitingChange a');
      await patient.signal(chartChangedSignal);
      await env.sleepUntil('the change is counted', () => env.activities.count('countWaitingChange a') > before);
    }
    const { runId } = await patient.describe();
    expect(runId).not.toBe(first.firstExecutionRunId);
    expect((await patient.fetchHistory()).events?.length).toBeLessThan(60);
    await patient.signal(unlockSignal, { by: 'Ada Example' });
    expect(await patient.result()).toMatchObject({ outcome: 'saved' });
  });
});
