import { WorkflowNotFoundError } from '@temporalio/client';
import { holdWords } from '../domain/lock.ts';
import { DAY_MS } from '../domain/time.ts';
import { type UnlockAttempt, unlockerOf } from '../domain/unlock.ts';
import { notify } from '../notices/send.ts';
import type { RecordDocument } from '../store/documents.ts';
import { chartChangedSignal, patientStart, patientWorkflowId } from '../workflows/messages.ts';
import { type ActivityContext, idempotencyKey } from './context.ts';
import { notifierOf } from './notify.ts';
import { holdStateOf, markReferral } from './pullChart.ts';

/**
 * Notes that a record is still held. Returns `held: false` when it is not. The digest of the day counts it: one message for
 * each of many held records would not be read.
 */
export function remindHold(context: ActivityContext) {
  return async (input: { recordId: string; reminders: number }): Promise<{ held: boolean; reminders: number }> => {
    const { recordId, reminders } = input;
    const record = await context.store.records.remind(recordId, reminders, context.now());
    if (record === null || record.hold === null) return { held: false, reminders };
    await markReferral(context.store, record);
    const { reason, since, changesWaiting } = record.hold;
    // Nobody can act on it: an unlock of a retired instance reads nothing.
    if (context.instances.isRetired?.(record.instance)) return { held: true, reminders: record.hold.reminders };
    const days = Math.floor((context.now().getTime() - since.getTime()) / DAY_MS);
    const waiting =
      changesWaiting === 0
        ? ''
        : ` ${changesWaiting === 1 ? '1 update is' : `${changesWaiting} updates are`} waiting in KIPU.`;
    await notify(notifierOf(context), {
      _id: `hold/${recordId}/${record.hold.since.toISOString()}/${record.hold.reminders}`,
      instance: record.instance,
      inDigest: true,
      text: `${record.instance}: record ${recordId} has been locked for ${days === 1 ? '1 day' : `${days} days`}. ${holdWords(reason, record.chart?.locationName ?? null)}${waiting} Unlock it on the page Locked records.`,
    });
    return { held: true, reminders: record.hold.reminders };
  };
}

/** Counts on a held record that its chart changed; that is pulled when it is unlocked. Returns whether it is still held. */
export function countWaitingChange(context: ActivityContext) {
  return async ({ recordId }: { recordId: string }): Promise<{ held: boolean }> => ({
    held: await context.store.records.countWaitingChange(recordId, idempotencyKey(), context.now()),
  });
}

/**
 * Applies one unlock and audits it with its outcome. Returns `opened: true` when it ended a hold: the chart is then pulled
 * at once. `held: false` says that the record is not held, as where an earlier attempt of this activity ended the hold and a
 * run has pulled the chart since. A refused unlock is audited only; a second one has no effect. Who and why come from the
 * request that is stored under the ticket. Its key on the record and in the audit is the ticket, so that it has one effect
 * however often it is tried, also by another activity or workflow.
 */
export function applyUnlock(context: ActivityContext) {
  const { records, unlockRequests, auditEvents } = context.store;

  return async (input: { recordId: string; request: UnlockAttempt }): Promise<{ opened: boolean; held: boolean }> => {
    const { recordId, request: attempt } = input;
    const { ticket, times } = attempt;
    const at = context.now();
    const own = idempotencyKey();
    const request = ticket === null ? null : await unlockRequests.get(ticket);
    const facts = { recordId, request, key: own, byHandAllowed: context.unlockByHand };
    const { who, by, name, from, why, refused } = unlockerOf(attempt, facts);
    const key = ticket === null || refused !== null ? own : ticket;
    const record =
      refused === null ? await records.unlock(recordId, { by, why, at, key }) : await records.get(recordId);
    // The status between the unlock that ended a hold and the pull that follows.
    const opened = record?.status === 'unlocked';
    const outcome = outcomeOf();
    await auditEvents.add({
      ...{ _id: `unlock/${key}`, at, who, what: 'unlock', instance: record?.instance ?? null, record: recordId },
      ...{ why, outcome, ...(name === null ? {} : { name }), ...(from === null ? {} : { from }) },
    });
    if (key === ticket) await unlockRequests.close(ticket, { key: own, outcome, at });
    return { opened, held: record !== null && record.hold !== null };

    function outcomeOf(): string {
      if (refused !== null) return `refused: ${refused}${times === 1 ? '' : ` (${times} requests)`}`;
      if (record === null) return 'refused: unknown record';
      if (record.unlocked?.key !== key) return 'refused: unlocked before';
      return opened ? 'unlocked' : 'opened ahead';
    }
  };
}

/** Held records whose workflows one activity starts, and how many of them at once. */
const RESTORED_PER_PAGE = 200;
const RESTORED_AT_ONCE = 20;

/**
 * Starts the workflows of one page of held records that have none: they were terminated, or Temporal's data was lost. Returns
 * the last id of the page; null after the last page. A page is short enough to end before the activity times out.
 */
export function restoreHolds(context: ActivityContext) {
  const endWaitsOf = endWaits(context);
  return async (input: { instance: string; after: string | null }): Promise<{ last: string | null }> => {
    const { instance, after } = input;
    const held = await context.store.records.heldOf(instance, after, RESTORED_PER_PAGE);
    for (let from = 0; from < held.length; from += RESTORED_AT_ONCE) {
      await Promise.all(held.slice(from, from + RESTORED_AT_ONCE).map(restore));
    }
    await endWaitsOf({ recordIds: held.map(({ _id }) => _id) });
    return { last: held.length === RESTORED_PER_PAGE ? (held.at(-1)?._id ?? null) : null };
  };

  /** Starts the workflow with the hold, so that it waits at once and has nothing to read. */
  async function restore(record: Pick<RecordDocument, '_id' | 'instance' | 'hold'>): Promise<void> {
    await context.workflows.start('patientWorkflow', {
      ...patientStart(record, context.taskQueue, holdStateOf(record) ?? undefined),
      workflowIdConflictPolicy: 'USE_EXISTING',
    });
  }
}

/**
 * Ends the waits of records that are not held any longer, after workflows were started with a hold. A record that was unlocked
 * and pulled in between, by a workflow that has ended, would otherwise have one that waits for an unlock.
 */
export function endWaits(context: Pick<ActivityContext, 'store' | 'workflows'>) {
  return async ({ recordIds }: { recordIds: readonly string[] }): Promise<void> => {
    const held = new Set(await context.store.records.heldAmong(recordIds));
    for (const recordId of recordIds) if (!held.has(recordId)) await endWait(context, recordId);
  };
}

/** Signals the workflow that waits for the record's unlock. It finds that the record is no longer held, pulls it once, and ends. */
export async function endWait({ workflows }: Pick<ActivityContext, 'workflows'>, recordId: string): Promise<void> {
  try {
    await workflows.getHandle(patientWorkflowId(recordId)).signal(chartChangedSignal);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}
