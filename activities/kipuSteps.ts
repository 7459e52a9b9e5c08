import { type ActivityContext, attemptNumber } from './context.ts';
import { listPage } from './listPage.ts';
import { readLocationNames } from './locations.ts';
import { pullChart } from './pullChart.ts';
import { pullRows } from './pullRows.ts';
import { listVaulted } from './voidDeleted.ts';

/** The activities that call KIPU: one request each, but for the few of `pullRows` that compare a row with its chart. */
export function createKipuActivities(context: ActivityContext) {
  return {
    listPage: listPage(context),
    pullChart: pullChart(context),
    pullRows: pullRows(context),
    readLocations: readLocations(context),
    listVaulted: listVaulted(context),
  };
}

/** Reads the instance's own locations, so that a move between them is not taken for a referral. */
function readLocations(context: ActivityContext) {
  return async ({ instance }: { instance: string }): Promise<{ calls: number }> => {
    await readLocationNames(context, instance);
    return { calls: attemptNumber() };
  };
}
