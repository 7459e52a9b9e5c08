import { bulkStore } from '../store/bulkStore.ts';
import type { ActivityContext } from './context.ts';
import { applyUnlock, countWaitingChange, endWaits, remindHold, restoreHolds } from './holds.ts';
import { listOwed, listPages, readLocations } from './lists.ts';
import { measureWebhooks } from './measureWebhooks.ts';
import { closeBatch, pullBatch } from './pullBatch.ts';
import { pullChart, recordFailedPull } from './pullChart.ts';
import { pullRows } from './pullRows.ts';
import { closeRun, openRun } from './runs.ts';
import { listVaulted, voidVaulted } from './voidDeleted.ts';

/** Returns the activities that call KIPU. */
export function createKipuActivities(context: ActivityContext) {
  // Pulls of one moment share their requests to the database, also those of different workflows.
  const together = { ...context, store: bulkStore(context.store) };
  return {
    listPages: listPages(context),
    pullChart: pullChart(together),
    pullBatch: pullBatch(together),
    pullRows: pullRows(together),
    readLocations: readLocations(context),
    listVaulted: listVaulted(context),
  };
}

/** Returns the activities that touch only MongoDB and Temporal. */
export function createStoreActivities(context: ActivityContext) {
  return {
    openRun: openRun(context),
    closeRun: closeRun(context),
    listOwed: listOwed(context),
    recordFailedPull: recordFailedPull(context),
    closeBatch: closeBatch(context),
    applyUnlock: applyUnlock(context),
    remindHold: remindHold(context),
    restoreHolds: restoreHolds(context),
    endWaits: endWaits(context),
    measureWebhooks: measureWebhooks(context),
    countWaitingChange: countWaitingChange(context),
    voidVaulted: voidVaulted(context),
  };
}

/** The activities as workflows see them, by type only. */
export type KipuActivities = ReturnType<typeof createKipuActivities>;
export type StoreActivities = ReturnType<typeof createStoreActivities>;
