import type { Client } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { becomeFirstVersion } from '../../../client/deployments.ts';

const version = { deploymentName: 'referrals', buildId: '2' };
const NOT_FOUND = Object.assign(new Error('not found'), { code: 5 });
const RACE = new Error('the conflict token is stale');

/** What Temporal says of the deployment: its versions, the current one, and whether one was ever current. */
interface Known {
  versions: string[];
  current?: string;
  wasSet?: boolean;
}

/** Returns a Temporal that answers so, one after the other; the last answer stays. */
function temporalOf(answers: (Known | Error)[], set: (Error | null)[] = []) {
  const made: unknown[] = [];
  const workflowService = {
    async describeWorkerDeployment() {
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer === undefined || answer instanceof Error) throw answer;
      const { versions, current, wasSet } = answer;
      return {
        conflictToken: new Uint8Array([versions.length]),
        workerDeploymentInfo: {
          routingConfig: {
            currentDeploymentVersion: current === undefined ? null : { deploymentName: 'referrals', buildId: current },
            currentVersionChangedTime: current === undefined && !wasSet ? null : { seconds: 1 },
          },
          versionSummaries: versions.map((buildId) => ({ deploymentVersion: { buildId }, status: 1 })),
        },
      };
    },
    async setWorkerDeploymentCurrentVersion({ buildId, conflictToken }: { buildId: string; conflictToken: unknown }) {
      const error = set.shift();
      if (error) throw error;
      made.push([buildId, conflictToken]);
    },
  };
  return { made, client: { workflowService, options: { namespace: 'default' } } as unknown as Client };
}

describe('A worker with a version', () => {
  const own = ['2'];
  const cases: { when: string; answers: (Known | Error)[]; set?: (Error | null)[]; made: string[]; log: string }[] = [
    {
      when: 'becomes the current one where none ever was',
      answers: [{ versions: own }],
      made: own,
      log: 'gets the work now',
    },
    {
      when: 'waits until Temporal knows it',
      answers: [NOT_FOUND, { versions: ['1'] }, { versions: own }],
      made: own,
      log: 'gets the work now',
    },
    {
      when: 'does not replace another one',
      answers: [{ versions: ['1', '2'], current: '1' }],
      made: [],
      log: 'another version',
    },
    {
      when: 'leaves the work to workers without a version where that was set',
      answers: [{ versions: own, wasSet: true }],
      made: [],
      log: 'another version',
    },
    { when: 'says nothing where it is the current one', answers: [{ versions: own, current: '2' }], made: [], log: '' },
    {
      when: 'gives way where another was faster',
      answers: [{ versions: own }, { versions: ['1', '2'], current: '1' }],
      set: [RACE],
      made: [],
      log: 'could not be read or set',
    },
  ];
  it.each(cases)('$when', async ({ answers, set, made, log }) => {
    const temporal = temporalOf(answers, set);
    const lines: string[] = [];
    const logger = {
      info: (_: object, text: string) => void lines.push(text),
      warn: (_: object, text: string) => void lines.push(text),
    };
    await becomeFirstVersion(temporal.client, version, {
      log: logger,
      signal: new AbortController().signal,
      pauseMs: 1,
    });
    expect(temporal.made.map((one) => (one as unknown[])[0])).toEqual(made);
    expect(lines.join('\n')).toContain(log);
    if (log === '') expect(lines).toEqual([]);
  });
});
