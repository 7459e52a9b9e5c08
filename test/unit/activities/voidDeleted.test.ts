import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import type { ActivityContext } from '../../../activities/context.ts';
import { createKipuActivities } from '../../../activities/kipuSteps.ts';
import { KipuError, type KipuPage } from '../../../kipu/index.ts';

const pages: Record<number, { ids: string[]; next: number | null }> = {
  1: { ids: ['a', 'b'], next: 2 },
  2: { ids: [], next: 3 },
  3: { ids: ['c'], next: null },
};

/** A KIPU with those pages of deleted charts, and a store that knows all of them and more. */
function known(failsAt: number | null = null) {
  const statuses = new Map([
    ['a', 'synced'],
    ['b', 'void'],
    ['c', 'held'],
    ['d', 'synced'],
  ]);
  const asked: unknown[] = [];
  const kipu = {
    async vaultedPage(query: { page: number }): Promise<Pick<KipuPage, 'rows' | 'next'>> {
      asked.push(query);
      if (query.page === failsAt)
        throw new KipuError('unavailable', { route: 'GET /api/vaults/patients', detail: 'no' });
      const { ids, next } = pages[query.page] ?? { ids: [], next: null };
      const none = { lastUpdatedAt: null, dischargeDate: null, locationId: null, locationName: null, chart: null };
      return { rows: ids.map((casefileId) => ({ casefileId, masterId: '', ...none })), next };
    },
  };
  const records = {
    ofCharts: async (_: string, ids: string[]) => ids.map((_id) => ({ _id, status: statuses.get(_id) })),
    void: async (id: string) => void statuses.set(id, 'void'),
  };
  const context = {
    store: { records, referrals: { latest: async () => null } },
    instances: new Map([['north', { kipu, lockPolicy: 'never' }]]),
    runs: { pageSize: 2 },
    now: () => new Date(),
  } as unknown as ActivityContext;
  return { context, asked, voided: () => [...statuses].filter(([, status]) => status === 'void').map(([id]) => id) };
}

describe('voidDeleted', () => {
  it.each([
    [1, 3],
    [3, 5],
  ])('reads every page of deleted charts and counts its calls (attempt %i)', async (attempt, calls) => {
    const { context, asked, voided } = known();
    const environment = new MockActivityEnvironment({ attempt });
    expect(await environment.run(createKipuActivities(context).voidDeleted, { instance: 'north' })).toEqual({ calls });
    expect(asked).toEqual([1, 2, 3].map((page) => ({ page, per: 2 })));
    expect(voided()).toEqual(['a', 'b', 'c']);
  });

  it('keeps its changes before a page that fails, and throws the error of that page', async () => {
    const { context, voided } = known(3);
    const run = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(
      createKipuActivities(context).voidDeleted,
      { instance: 'north' },
    );
    await expect(run).rejects.toMatchObject({ code: 'unavailable' });
    expect(voided()).toEqual(['a', 'b']);
  });
});
