import { describe, expect, it } from 'vitest';
import { deploymentText } from '../../../cli/commands/deployment.ts';
import { planText } from '../../../cli/commands/migrate.ts';
import { routingProblem } from '../../../cli/doctor/temporal.ts';

describe('The texts of an upgrade say', () => {
  it('which migrations are left', () => {
    const one = { id: '0001-a', text: 'adds a', kind: 'expand', state: 'done', changed: 3, left: 0 } as const;
    const two = {
      ...one,
      id: '0002-b',
      text: 'removes b',
      kind: 'contract',
      state: 'running',
      changed: 1,
      left: 2,
    } as const;
    expect(planText([one])).toBe('1 of 1 migrations done: the database is up to date.');
    expect(planText([one, two]).split('\n')).toEqual([
      '1 of 2 migrations done. Left:',
      '0002-b  running: removes b. 2 documents left, 1 changed. Versions from before it can no longer run once it has begun.',
    ]);
  });

  it('which workers may be stopped', () => {
    const versions = (['current', 'draining', 'drained', 'inactive'] as const).map((status, n) => ({
      buildId: `${n}`,
      status,
    }));
    const found = { name: 'referrals', current: '0', wasSet: true, versions, conflictToken: null };
    expect(deploymentText(found).split('\n')).toEqual([
      'referrals: version 0.',
      '  0  current: gets new work',
      '  1  draining: runs that began on it have not ended yet: its workers must stay',
      '  2  drained: nothing needs it: its workers may be stopped',
      '  3  inactive',
    ]);
    expect(deploymentText({ ...found, current: null })).toContain(
      'Workers without a version get the work of referrals.',
    );
  });

  it.each<[string, string | null, (string | null)[], string | null]>([
    ['workers without a version', null, [null], null],
    ['workers of the current version beside others', 'r/2', ['r/1', 'r/2'], null],
    ['only workers of another version', 'r/2', ['r/1'], 'version r/2 gets the work, and none of them polls: only r/1'],
    [
      'only workers without a version',
      'r/2',
      [null, null],
      'version r/2 gets the work, and none of them polls: only workers without a version',
    ],
    [
      'workers of a version that is not current',
      null,
      ['r/1'],
      'workers without a version get the work, and none of them polls: only r/1',
    ],
  ])('what is wrong with %s', (_, current, versions, problem) => {
    const pollers = versions.map((version, n) => ({ identity: `${n}`, version }));
    expect(routingProblem({ current, pollers })).toBe(problem);
  });
});
