import { voidedRevision } from '../domain/referral.ts';
import { attempt, cancellation, instanceOf, type StepContext } from './context.ts';
import { listPage } from './listPage.ts';
import { readLocationNames } from './locations.ts';
import { pullChart } from './pullChart.ts';

/** The steps that call KIPU, one request each. */
export function kipuSteps(context: StepContext) {
  return {
    listPage: listPage(context),
    pullChart: pullChart(context),
    readLocations: readLocations(context),
    voidDeleted: voidDeleted(context),
  };
}

/** Reads the instance's own locations, so that a move between them is not taken for a referral. */
function readLocations(context: StepContext) {
  return async ({ instance }: { instance: string }): Promise<{ calls: number }> => {
    await readLocationNames(context, instance);
    return { calls: attempt() };
  };
}

/** Voids the referrals of charts that were deleted in KIPU. */
function voidDeleted(context: StepContext) {
  const { records, referrals } = context.store;
  return async ({ instance }: { instance: string }): Promise<{ calls: number }> => {
    const deleted = await instanceOf(context, instance).kipu.vaultedPatients({ signal: cancellation() });
    const known = await records.ofCharts(
      instance,
      deleted.map((chart) => chart.casefileId),
    );
    for (const record of known.filter(({ status }) => status !== 'void')) {
      const now = context.now();
      const next = voidedRevision(await referrals.latest(record._id), now);
      if (next !== null) await referrals.add(record, next);
      await records.void(record._id, now);
    }
    return { calls: attempt() };
  };
}
