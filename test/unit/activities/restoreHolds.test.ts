import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import type { ActivityContext } from '../../../activities/context.ts';
import { restoreHolds } from '../../../activities/holds.ts';
import { aHold } from '../../support/recordFixtures.ts';

interface StartOptions {
  workflowId: string;
  workflowIdConflictPolicy: string;
  args: unknown[];
}

/** Returns a function that restores one page, and what it started; `failAt` is the start that fails once. */
function heldRecords(count: number, failAt: number | null = null) {
  const ids = Array.from({ length: count }, (_, n) => `r-${String(n).padStart(5, '0')}`);
  const started: string[] = [];
  let running = 0;
  let most = 0;
  let calls = 0;
  const context = {
    taskQueue: 'queue',
    store: {
      records: {
        heldOf: async (instance: string, after: string | null, limit: number) =>
          ids
            .filter((id) => after === null || id > after)
            .slice(0, limit)
            .map((_id) => ({ _id, instance, hold: aHold })),
        heldAmong: async (recordIds: readonly string[]) => recordIds,
      },
    },
    workflows: {
      async start(_: string, { workflowId, workflowIdConflictPolicy, args }: StartOptions) {
        calls += 1;
        if (calls === failAt) throw new Error('Temporal is down');
        expect(workflowIdConflictPolicy).toBe('USE_EXISTING');
        // It waits for staff at once, and pulls nothing before.
        expect(args).toMatchObject([{ held: { reason: aHold.reason, reminders: aHold.reminders } }]);
        running += 1;
        most = Math.max(most, running);
        await new Promise(setImmediate);
        running -= 1;
        started.push(workflowId.replace('patient/', ''));
      },
    },
  } as unknown as ActivityContext;
  const page = (after: string | null) =>
    new MockActivityEnvironment().run(restoreHolds(context), { instance: 'north', after }) as Promise<{
      last: string | null;
    }>;
  return { ids, page, started, most: () => most };
}

describe('restoreHolds', () => {
  it.each([0, 1, 199, 200, 201, 450])(
    'starts the workflow of each of %d held records once, over all pages',
    async (count) => {
      const { ids, page, started } = heldRecords(count);
      let after: string | null = null;
      do after = (await page(after)).last;
      while (after !== null);
      expect(started.sort()).toEqual(ids);
    },
  );

  it('starts several at once, and no more than one page', async () => {
    const { page, started, most } = heldRecords(3_000);
    expect(await page(null)).toEqual({ last: 'r-00199' });
    expect(started).toHaveLength(200);
    expect(most()).toBe(20);
  });

  it('fails when a start fails, so that its page is retried', async () => {
    const { ids, page, started } = heldRecords(30, 25);
    await expect(page(null)).rejects.toThrow('Temporal is down');
    expect(await page(null)).toEqual({ last: null });
    expect([...new Set(started)].sort()).toEqual(ids);
  });
});
