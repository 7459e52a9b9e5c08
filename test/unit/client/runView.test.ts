import { describe, expect, it } from 'vitest';
import { runTable } from '../../../cli/terminal/table.ts';
import { runSummary } from '../../../client/runView.ts';
import { runWarning } from '../../../domain/run.ts';
import { aRun, startedAt } from '../../support/runFixtures.ts';

describe('runSummary', () => {
  it('has exactly the documented keys, in their order', () => {
    expect(JSON.stringify(runSummary(aRun({ counts: { listed: 9, due: 3, saved: 2, held: 1, kipuCalls: 6 } })))).toBe(
      '{"instance":"north","mode":"incremental","listed":9,"due":3,"saved":2,"unchanged":0,"held":1,"notReady":0,' +
        '"ignored":0,"failed":0,"kipuCalls":6,"durationMs":4200}',
    );
  });

  it('measures a run that has not ended until now', () => {
    const run = aRun({ status: 'running', endedAt: null });
    expect(runSummary(run, new Date(startedAt.getTime() + 700)).durationMs).toBe(700);
  });
});

describe('runTable', () => {
  it('aligns the counts under their titles, with faults and warnings below', () => {
    const text = runTable([
      aRun({ counts: { listed: 120, due: 3, saved: 3, kipuCalls: 5 }, warnings: [runWarning('vault-refused')] }),
      aRun({ instance: 'a', status: 'failed', fault: { code: 'forbidden', text: 'not allowed' } }),
    ]);
    expect(text.split('\n')).toEqual([
      'instance  mode         status     listed  due  saved  unchanged  held  not ready  ignored  failed  refused  KIPU calls  seconds',
      'north     incremental  completed     120    3      3          0     0          0        0       0        0           5      4.2',
      'a         incremental  failed          0    0      0          0     0          0        0       0        0           0      4.2',
      expect.stringMatching(/^a: not allowed\. Use accessId, secretKey and appId of one KIPU instance, /),
      expect.stringMatching(/^north: warning: KIPU does not let us list deleted charts/),
    ]);
  });
});
