import { WorkflowNotFoundError } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import type { ActivityContext } from '../../../activities/context.ts';
import { listVaulted, voidVaulted } from '../../../activities/voidDeleted.ts';
import { KipuError, type KipuErrorCode, type KipuPage } from '../../../kipu/index.ts';

const pages: Record<number, { ids: string[]; next: number | null }> = {
  1: { ids: ['a', 'b', 'a'], next: 2 },
  2: { ids: [], next: 3 },
  3: { ids: ['b', 'c', 'unknown'], next: null },
};

/** A KIPU with those pages of deleted charts, and a store that knows most of them and one more. */
function known(failure: KipuErrorCode | null = null) {
  const statuses = new Map([
    ['a', 'synced'],
    ['b', 'void'],
    ['c', 'held'],
    ['d', 'synced'],
  ]);
  const noted = new Map<number, string[]>();
  const asked: unknown[] = [];
  const kipu = {
    async vaultedPage(query: { page: number }): Promise<Pick<KipuPage, 'rows' | 'refused' | 'next'>> {
      asked.push(query);
      if (failure !== null) throw new KipuError(failure, { route: 'GET /api/vaults/patients', detail: 'no' });
      const { ids, next } = pages[query.page] ?? { ids: [], next: null };
      const none = { lastUpdatedAt: null, dischargeDate: null, locationId: null, locationName: null, chart: null };
      return { rows: ids.map((casefileId) => ({ casefileId, masterId: '', ...none })), refused: 0, next };
    },
  };
  const isOpen = (id: string) => statuses.has(id) && statuses.get(id) !== 'void';
  const records = {
    ofCharts: async (_: string, ids: string[]) =>
      ids
        .filter((id) => statuses.has(id))
        .map((_id) => ({ _id, status: statuses.get(_id), hold: statuses.get(_id) === 'held' ? {} : null })),
    open: async (_: string, ids = [...statuses.keys()]) => ids.filter(isOpen).length,
    void: async ({ _id }: { _id: string }) => void statuses.set(_id, 'void'),
  };
  const runPages = {
    async note({ page }: { page: number }, ids: string[]) {
      const before = new Set([...noted].filter(([at]) => at !== page).flatMap(([, other]) => other));
      noted.set(page, [...new Set(ids)]);
      return (noted.get(page) ?? []).filter((id) => !before.has(id));
    },
    casefileIds: async ({ page }: { page: number }) => noted.get(page) ?? [],
  };
  const signaled: string[] = [];
  const workflows = {
    getHandle: (id: string) => ({
      async signal({ name }: { name: string }) {
        signaled.push(`${id} ${name}`);
        throw new WorkflowNotFoundError('no workflow', id, undefined);
      },
    }),
  };
  const context = {
    workflows,
    store: { records, runPages, referrals: { latest: async () => null } },
    instances: new Map([['north', { kipu, lockPolicy: 'never' }]]),
    runs: { pageSize: 2 },
    now: () => new Date(),
  } as unknown as ActivityContext;
  const run = (page: number, attempt = 1) =>
    new MockActivityEnvironment({ attempt }, { logger: new DefaultLogger('ERROR') }).run(listVaulted(context), {
      ...{ instance: 'north', runId: 'run', page },
    });
  const voidPage = (page: number) =>
    new MockActivityEnvironment().run(voidVaulted(context), { instance: 'north', runId: 'run', page });
  return {
    run,
    voidPage,
    asked,
    signaled,
    voided: () => [...statuses].filter(([id]) => !isOpen(id)).map(([id]) => id),
  };
}

describe('the deleted charts', () => {
  it('are read page by page, each chart once, before anything is voided', async () => {
    const { run, asked, voided } = known();
    const rest = { calls: 1, open: 3, refused: false };
    expect(await run(1)).toEqual({ ...rest, found: 1, more: true, empty: false });
    expect(await run(2)).toEqual({ ...rest, found: 0, more: true, empty: true });
    expect(await run(3)).toEqual({ ...rest, found: 1, more: false, empty: false });
    expect(asked).toEqual([1, 2, 3].map((page) => ({ page, per: 2 })));
    expect(voided()).toEqual(['b']);
  });

  it('are voided page by page as they were read, and again with no effect', async () => {
    const { run, voidPage, voided, signaled } = known();
    for (const page of [1, 2, 3]) await run(page);
    await voidPage(1);
    expect(voided()).toEqual(['a', 'b']);
    for (const page of [1, 2, 3, 3]) await voidPage(page);
    expect(voided()).toEqual(['a', 'b', 'c']);
    // Only a held record has a workflow that waits; here it has ended already.
    expect(signaled).toEqual(['patient/c chartChanged']);
  });

  it('are counted the same by a repeated attempt, its requests too', async () => {
    const { run } = known();
    await run(1);
    expect(await run(1, 3)).toMatchObject({ found: 1, calls: 3 });
  });

  it.each<[KipuErrorCode]>([['endpoint-off'], ['forbidden'], ['not-found']])(
    'that KIPU does not let us read (%s) are said to be refused',
    async (code) => {
      const { run, voided } = known(code);
      expect(await run(1)).toMatchObject({ calls: 1, refused: true, more: false, found: 0 });
      expect(voided()).toEqual(['b']);
    },
  );

  it.each<[KipuErrorCode]>([['unavailable'], ['authentication-failed'], ['page-unreadable']])(
    'that cannot be read for another reason (%s) fail',
    async (code) => {
      await expect(known(code).run(1)).rejects.toMatchObject({ code });
    },
  );
});
