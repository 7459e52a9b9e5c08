import { describe, expect, it } from 'vitest';
import type { ActivityContext } from '../../../activities/context.ts';
import { runningAmong } from '../../../activities/runningWorkflows.ts';

const ids = Array.from({ length: 30 }, (_, n) => `r-${n}`);

/** Returns what is found, and the number of questions; `states` by workflow id, an error for one that is not described. */
async function ask(due: string[], states: Record<string, string | Error>, bulkFrom = 50) {
  let questions = 0;
  const describe = async (workflowId: string) => {
    questions += 1;
    const state = states[workflowId] ?? new Error('not found');
    if (state instanceof Error) throw state;
    return { status: { name: state } };
  };
  const context = {
    runs: { bulkFrom },
    workflows: {
      withDeadline: (_: number, call: () => unknown) => call(),
      getHandle: (workflowId: string) => ({ describe: () => describe(workflowId) }),
    },
  } as unknown as ActivityContext;
  return { ...(await runningAmong(context, due)), questions };
}

describe('The workflows that run among those of listed records', () => {
  it.each<[string, string[], Record<string, string | Error>, { running?: string[]; questions: number }]>([
    ['none of no records', [], {}, { questions: 0 }],
    ['none without a workflow', ['r-1', 'r-2'], {}, { questions: 2 }],
    ['those that are open', ['r-1', 'r-2'], { 'patient/r-2': 'RUNNING' }, { running: ['r-2'], questions: 2 }],
    ['none that are closed', ['r-1'], { 'patient/r-1': 'COMPLETED' }, { questions: 1 }],
    [
      'none that Temporal does not describe in time',
      ['r-1'],
      { 'patient/r-1': new Error('deadline') },
      { questions: 1 },
    ],
    [
      'those of all rounds',
      ids,
      { 'patient/r-3': 'RUNNING', 'patient/r-29': 'RUNNING' },
      { running: ['r-3', 'r-29'], questions: 30 },
    ],
  ])('are %s', async (_, due, states, expected) => expect(await ask(due, states)).toEqual(expected));

  it('are not looked for where the records are pulled in batches', async () => {
    expect(await ask(ids, { 'patient/r-3': 'RUNNING' }, 30)).toEqual({ questions: 0 });
  });
});
