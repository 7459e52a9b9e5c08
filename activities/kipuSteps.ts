import { voidedRevision } from '../domain/referral.ts';
import type { KipuPage } from '../kipu/index.ts';
import { type ActivityContext, attemptNumber, cancellationSignal, requireInstance } from './context.ts';
import { listPage } from './listPage.ts';
import { readLocationNames } from './locations.ts';
import { pullChart } from './pullChart.ts';

/** The steps that call KIPU: one request each, but for `voidDeleted`. */
export function createKipuActivities(context: ActivityContext) {
  return {
    listPage: listPage(context),
    pullChart: pullChart(context),
    readLocations: readLocations(context),
    voidDeleted: voidDeleted(context),
  };
}

/** Reads the instance's own locations, so that a move between them is not taken for a referral. */
function readLocations(context: ActivityContext) {
  return async ({ instance }: { instance: string }): Promise<{ calls: number }> => {
    await readLocationNames(context, instance);
    return { calls: attemptNumber() };
  };
}

/**
 * Voids the referrals of charts that were deleted in KIPU, page by page. An attempt starts again with the first page: what
 * is void already costs nothing but its row. The worker's interceptor keeps the heartbeat while the pages are read.
 */
function voidDeleted(context: ActivityContext) {
  const { records, referrals } = context.store;
  return async ({ instance }: { instance: string }): Promise<{ calls: number }> => {
    const { kipu } = requireInstance(context, instance);
    const { pageSize: per } = context.runs;
    let pages = 0;
    let page: number | null = 1;
    while (page !== null) {
      const listed: KipuPage = await kipu.vaultedPage({ page, per }, { signal: cancellationSignal() });
      pages += 1;
      await voidAll(
        instance,
        listed.rows.map((row) => row.casefileId),
      );
      page = listed.next;
    }
    return { calls: pages + attemptNumber() - 1 };
  };

  async function voidAll(instance: string, casefileIds: string[]): Promise<void> {
    const known = await records.ofCharts(instance, casefileIds);
    for (const record of known.filter(({ status }) => status !== 'void')) {
      const now = context.now();
      const next = voidedRevision(await referrals.latest(record._id), now);
      if (next !== null) await referrals.add(record, next);
      await records.void(record._id, now);
    }
  }
}
