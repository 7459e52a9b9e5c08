import { holdWords } from '../domain/lock.ts';
import { patientStart } from '../workflows/messages.ts';
import { type ActivityContext, idempotencyKey } from './context.ts';
import { notify } from './notify.ts';

/** Reminds that a record is still held. `held` is false when it is not any more, and nobody needs reminding. */
export function remindHold(context: ActivityContext) {
  return async (input: { recordId: string; reminders: number }): Promise<{ held: boolean; reminders: number }> => {
    const { recordId, reminders } = input;
    const record = await context.store.records.remind(recordId, reminders, context.now());
    if (record === null || record.hold === null) return { held: false, reminders };
    const { reason, since, changesWaiting } = record.hold;
    const days = Math.floor((context.now().getTime() - since.getTime()) / 86_400_000);
    const waiting = changesWaiting === 0 ? '' : ` ${changesWaiting} changes wait.`;
    await notify(context, {
      _id: `hold/${recordId}/${record.hold.since.toISOString()}/${record.hold.reminders}`,
      instance: record.instance,
      text: `${record.instance}: record ${recordId} is held for ${days} days. ${holdWords(reason, record.chart?.locationName ?? null)}${waiting} Unlock it to go on.`,
    });
    return { held: true, reminders: record.hold.reminders };
  };
}

/** Notes on a held record that its chart changed: the change is pulled when the record is unlocked. */
export function countWaitingChange(context: ActivityContext) {
  return async ({ recordId }: { recordId: string }): Promise<void> => {
    await context.store.records.countWaitingChange(recordId, idempotencyKey(), context.now());
  };
}

/** Starts the workflow of every held record that has none: Temporal's data was lost, or somebody terminated it. */
export function restoreHolds(context: ActivityContext) {
  return async ({ instance }: { instance: string }): Promise<{ held: number }> => {
    const held = await context.store.records.heldIds(instance);
    for (const recordId of held) {
      await context.workflows.start('patientWorkflow', {
        ...patientStart({ _id: recordId, instance }, context.taskQueue),
        workflowIdConflictPolicy: 'USE_EXISTING',
      });
    }
    return { held: held.length };
  };
}
