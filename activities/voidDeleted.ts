import { voidedRevision } from '../domain/referral.ts';
import { KipuError, type KipuErrorCode, type KipuPage } from '../kipu/index.ts';
import type { VaultPage } from '../workflows/messages.ts';
import { type ActivityContext, attemptNumber, cancellationSignal, requireInstance } from './context.ts';
import { endWait } from './holds.ts';
import { currentReferral } from './pullChart.ts';

/** Errors by which KIPU refuses this list alone, while the instance answers other requests. */
const REFUSALS: readonly KipuErrorCode[] = ['endpoint-off', 'forbidden', 'not-found'];

interface At {
  instance: string;
  runId: string;
  page: number;
}

/** Reads one page of the charts that were deleted in KIPU and stores their ids. Nothing is voided yet. */
export function listVaulted(context: ActivityContext) {
  const { records, runPages } = context.store;

  return async ({ instance, runId, page }: At): Promise<VaultPage> => {
    const listed = await read(instance, page);
    const calls = attemptNumber();
    if (listed === null) return { calls, found: 0, open: 0, more: false, empty: true, refused: true };
    const casefileIds = listed.rows.map((row) => row.casefileId);
    const fresh = await runPages.note({ run: runId, list: 'vault', page }, casefileIds, ['vault'], context.now());
    return {
      calls,
      found: fresh.length === 0 ? 0 : await records.open(instance, fresh),
      open: await records.open(instance),
      more: listed.next !== null,
      empty: listed.rows.length + listed.refused === 0,
      refused: false,
    };
  };

  async function read(instance: string, page: number): Promise<KipuPage | null> {
    const { kipu } = await requireInstance(context, instance);
    try {
      return await kipu.vaultedPage({ page, per: context.runs.pageSize }, { signal: cancellationSignal() });
    } catch (error) {
      if (error instanceof KipuError && REFUSALS.includes(error.code)) return null;
      throw error;
    }
  }
}

/** Voids the referrals and records of one page of deleted charts, and ends their holds. A retry costs one query. */
export function voidVaulted(context: ActivityContext) {
  const { records, referrals, runPages } = context.store;

  return async ({ instance, runId, page }: At): Promise<void> => {
    const casefileIds = await runPages.casefileIds({ run: runId, list: 'vault', page });
    const known = await records.ofCharts(instance, casefileIds);
    const isRepeated = attemptNumber() > 1;
    for (const record of known) {
      if (record.status === 'void') {
        // An earlier attempt may have been interrupted before it signaled.
        if (isRepeated && record.lastHold !== undefined) await endWait(context, record._id);
        continue;
      }
      const now = context.now();
      const next = voidedRevision(await currentReferral(context.store, record), now);
      const planned = next === null ? record : await records.planRevision(record, next, now);
      if (next !== null) await referrals.add(record, next);
      await records.void(planned, now);
      if (record.hold !== null) await endWait(context, record._id);
    }
  };
}
