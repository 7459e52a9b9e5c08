import type { ListedPage } from '../workflows/messages.ts';
import type { StepContext } from './context.ts';
import { stepKey } from './context.ts';
import { noteChange, remindHold, restoreHolds } from './holds.ts';
import { watchWebhooks } from './measureWebhooks.ts';
import { closeRun, openRun } from './runs.ts';
import { recordUnlock } from './unlock.ts';

const OWED_AT_ONCE = 200;

/** The steps that touch only MongoDB and Temporal. */
export function storeSteps(context: StepContext) {
  return {
    openRun: openRun(context),
    closeRun: closeRun(context),
    listOwed: listOwed(context),
    recordFailedPull: recordFailedPull(context),
    recordUnlock: recordUnlock(context),
    remindHold: remindHold(context),
    restoreHolds: restoreHolds(context),
    watchWebhooks: watchWebhooks(context),
    noteChange: noteChange(context),
  };
}

/** Records to which earlier runs owe a pull: failed ones whose time has come, and what a killed run left behind. */
function listOwed(context: StepContext) {
  return async ({ instance, after }: { instance: string; after: string | null }): Promise<ListedPage> => {
    const due = await context.store.records.owed(instance, after, context.now(), OWED_AT_ONCE);
    return { listed: 0, refused: 0, due, calls: 0, more: due.length === OWED_AT_ONCE };
  };
}

/** Stores on the record that its pull was given up, and why. */
function recordFailedPull(context: StepContext) {
  return async ({ recordId, code, text }: { recordId: string; code: string; text: string }): Promise<void> => {
    await context.store.records.fail(recordId, { code, text }, stepKey(), context.now());
  };
}
