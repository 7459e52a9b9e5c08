import { z } from 'zod';
import type { UnlockRequest } from '../workflows/messages.ts';
import { type ActivityContext, idempotencyKey } from './context.ts';

/** What staff may send with the signal. It arrives from our page and CLI, but also from Temporal's own, typed by hand. */
const unlockRequest = z.object({
  by: z.string().trim().min(1).max(200),
  why: z.string().trim().max(1_000).nullish(),
});

/**
 * Applies one unlock and writes it into the audit, whatever comes of it. `opened` is true when a hold is over: the
 * chart is to be pulled at once. Without a name it is refused; a second one has no effect.
 */
export function applyUnlock(context: ActivityContext) {
  const { records, auditEvents } = context.store;

  return async (input: { recordId: string; request: UnlockRequest }): Promise<{ opened: boolean }> => {
    const { recordId } = input;
    const key = idempotencyKey();
    const parsed = unlockRequest.safeParse(input.request);
    const { by, why = null } = parsed.success ? parsed.data : { by: 'unknown' };
    const record = await records.get(recordId);
    const outcome = parsed.success ? await unlock() : 'refused: no name';
    await auditEvents.add({
      _id: key,
      at: context.now(),
      who: by,
      what: 'unlock',
      instance: record?.instance ?? null,
      record: recordId,
      why,
      outcome,
    });
    // `unlocked` is the state between an unlock that ended a hold and the pull that follows.
    return { opened: (await records.get(recordId))?.status === 'unlocked' };

    async function unlock(): Promise<string> {
      if (record === null) return 'refused: unknown record';
      const after = await records.unlock(recordId, { by, why, at: context.now(), key });
      if (after?.unlocked?.key !== key) return 'refused: unlocked before';
      return after.status === 'unlocked' ? 'unlocked' : 'opened ahead';
    }
  };
}
