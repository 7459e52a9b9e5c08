import { describe, expect, it } from 'vitest';
import { runTable } from '../../../cli/terminal/table.ts';
import { readLastRuns, runSummary } from '../../../client/runView.ts';
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

describe('The last runs of an instance', () => {
  const [rows, vault] = [runWarning('rows-differ'), runWarning('vault-refused')];
  const hour = (n: number) => new Date(startedAt.getTime() - n * 3_600_000);
  const last = aRun({ startedAt: hour(0), cursor: hour(0) });
  const running = aRun({ startedAt: hour(0), status: 'running', cursor: null });
  const failed = aRun({ startedAt: hour(1), status: 'failed', cursor: null, warnings: [vault] });
  const full = aRun({ startedAt: hour(2), mode: 'full', cursor: hour(2), warnings: [vault] });
  const ahead = aRun({ startedAt: hour(-1), cursor: hour(-1) });

  it.each([
    ['the last one that ended, and the last full one', [running, last, full], hour(0), [vault], []],
    ['a failed one, which moves no cursor', [failed, last, full], hour(0), [vault], []],
    ['one of a wrong clock, which does not count', [ahead, last, full], hour(0), [vault], []],
    ['none at all', [], null, [], []],
    ['all that there are, none of them full', [last], hour(0), [], []],
    ['only some, none of them full: warnings are looked for', [last, last, last], hour(0), [vault], ['warnings']],
    ['only some, none of them completed: the cursor is looked for', [failed, failed, full], hour(2), [vault], []],
    ['only some, and nothing that stands', [failed, failed, failed], hour(9), [vault], ['warnings', 'cursor']],
  ])('say what stands: %s', async (_what, runs, cursor, warnings, asked) => {
    const looked: string[] = [];
    const store = {
      runs: {
        lastOf: async () => runs,
        standingWarnings: async () => {
          looked.push('warnings');
          return [vault];
        },
        lastCompleted: async () => {
          looked.push('cursor');
          return { cursor: hour(9), lastFullAt: null };
        },
      },
    };
    const options = { most: 3, known: null, now: startedAt };
    expect(await readLastRuns(store, 'north', options)).toEqual({ runs, cursor, warnings });
    expect(looked).toEqual(asked);
  });

  it('warn once that census rows differ from charts', async () => {
    const store = {
      runs: { lastOf: async () => [full], standingWarnings: async () => [], lastCompleted: async () => last },
    };
    const known = { differs: { field: 'dob', at: startedAt } } as never;
    const read = await readLastRuns(store as never, 'north', { most: 3, known, now: startedAt });
    expect(read.warnings).toEqual([vault, rows]);
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
