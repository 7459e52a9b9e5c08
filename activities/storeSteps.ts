import type { ListedPage } from '../workflows/messages.ts';
import type { ActivityContext } from './context.ts';
import { idempotencyKey } from './context.ts';
import { countWaitingChange, remindHold, restoreHolds } from './holds.ts';
import { measureWebhooks } from './measureWebhooks.ts';
import { closeRun, openRun } from './runs.ts';
import { applyUnlock } from './unlock.ts';
import { voidVaulted } from './voidDeleted.ts';

const OWED_AT_ONCE = 200;

/** The steps that touch only MongoDB and Temporal. */
export function createStoreActivities(context: ActivityContext) {
  return {
    openRun: openRun(context),
    closeRun: closeRun(context),
    listOwed: listOwed(context),
    recordFailedPull: recordFailedPull(context),
    applyUnlock: applyUnlock(context),
    remindHold: remindHold(context),
    restoreHolds: restoreHolds(context),
    measureWebhooks: measureWebhooks(context),
    countWaitingChange: countWaitingChange(context),
    voidVaulted: voidVaulted(context),
  };
}

/** Records to which earlier runs owe a pull: failed ones whose time has come, and what a killed run left behind. */
function listOwed(context: ActivityContext) {
  return async ({ instance, after }: { instance: string; after: string | null }): Promise<ListedPage> => {
    const due = await context.store.records.owed(instance, after, context.now(), OWED_AT_ONCE);
    return { listed: 0, refused: 0, due, calls: 0, more: due.length === OWED_AT_ONCE, said: null, pulled: null };
  };
}

/** Stores on the record that its pull was given up, and why. */
function recordFailedPull(context: ActivityContext) {
  return async ({ recordId, code, text }: { recordId: string; code: string; text: string }): Promise<void> => {
    await context.store.records.fail(recordId, { code, text }, idempotencyKey(), context.now());
  };
}
