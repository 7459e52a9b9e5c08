import type { UnlockAttempt } from '../domain/unlock.ts';
import { type ActivityContext, idempotencyKey } from './context.ts';

/**
 * Applies one unlock and audits it with its outcome. Returns `opened: true` when it ended a hold: the chart is then pulled
 * at once. A refused unlock is audited only; a second one has no effect.
 */
export function applyUnlock(context: ActivityContext) {
  const { records, auditEvents } = context.store;

  return async (input: { recordId: string; request: UnlockAttempt }): Promise<{ opened: boolean }> => {
    const { recordId, request } = input;
    const { by, why, refused, times } = request;
    const key = idempotencyKey();
    const at = context.now();
    const record =
      refused === null ? await records.unlock(recordId, { by, why, at, key }) : await records.get(recordId);
    // The status between the unlock that ended a hold and the pull that follows.
    const opened = record?.status === 'unlocked';
    await auditEvents.add({
      _id: key,
      at,
      who: by,
      what: 'unlock',
      instance: record?.instance ?? null,
      record: recordId,
      why,
      outcome: outcome(),
    });
    return { opened };

    function outcome(): string {
      if (refused !== null) return `refused: ${refused}${times === 1 ? '' : ` (${times} requests)`}`;
      if (record === null) return 'refused: unknown record';
      if (record.unlocked?.key !== key) return 'refused: unlocked before';
      return opened ? 'unlocked' : 'opened ahead';
    }
  };
}
