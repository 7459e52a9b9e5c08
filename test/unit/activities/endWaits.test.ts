import { WorkflowNotFoundError } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { endWaits } from '../../../activities/holds.ts';

/** Returns a function that ends the waits of records, of which some are held, and the workflows that it signaled. */
function waits({ held = [], failure }: { held?: string[]; failure?: Error }) {
  const signaled: string[] = [];
  const context = {
    store: { records: { heldAmong: async () => held } },
    workflows: {
      getHandle: (workflowId: string) => ({
        async signal({ name }: { name: string }) {
          signaled.push(`${name} ${workflowId}`);
          if (failure !== undefined) throw failure;
        },
      }),
    },
  };
  return { end: endWaits(context as never), signaled };
}

describe('endWaits', () => {
  it.each<[string, string[], string[]]>([
    ['none of records that are held', ['r-1', 'r-2'], []],
    ['the one of a record that was unlocked', ['r-1'], ['chartChanged patient/r-2']],
    ['each of records that were unlocked or purged', [], ['chartChanged patient/r-1', 'chartChanged patient/r-2']],
  ])('signals %s', async (_, held, expected) => {
    const { end, signaled } = waits({ held });
    await end({ recordIds: ['r-1', 'r-2'] });
    expect(signaled).toEqual(expected);
  });

  it('takes a workflow that has ended as done, and fails where Temporal does not answer', async () => {
    const ended = waits({ failure: new WorkflowNotFoundError('not found', 'patient/r-1', undefined) });
    await ended.end({ recordIds: ['r-1', 'r-2'] });
    expect(ended.signaled).toHaveLength(2);
    await expect(waits({ failure: new Error('UNAVAILABLE') }).end({ recordIds: ['r-1'] })).rejects.toThrow(
      'UNAVAILABLE',
    );
  });
});
