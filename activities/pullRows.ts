import { sameContent } from '../domain/chart.ts';
import type { PullOutcome } from '../domain/pull.ts';
import type { RowsCarryChart } from '../domain/rowCharts.ts';
import type { KipuChart, KipuPage } from '../kipu/index.ts';
import { StoreConflictError } from '../store/conflict.ts';
import type { RecordDocument } from '../store/documents.ts';
import type { UpsertedPage } from '../store/recordListing.ts';
import type { HoldState, ListedPage } from '../workflows/messages.ts';
import { classifyError } from './classifyError.ts';
import { compareRow } from './compareRow.ts';
import {
  type ActivityContext,
  attemptNumber,
  cancellationSignal,
  idempotencyKey,
  ownWorkflowId,
  requireInstance,
} from './context.ts';
import { type PageOfRun, upsertPage } from './lists.ts';
import { holdStateOf, type PullSubject, settleChart } from './pullChart.ts';
import { runningAmong } from './runningWorkflows.ts';

/** How long the pages of a run share the revisions that one of them read. */
const SHARED_MS = 60_000;

/** A due record that may be written from its row. */
interface RowPull extends Omit<PullSubject, 'run'> {
  chart: KipuChart;
}

interface Done {
  id: string;
  outcome: PullOutcome;
  hold: HoldState | null;
  calls: number;
}

/**
 * Reads one page of the census and pulls each due record from its row, where rows carry whole charts, with the same decision
 * and the same writes as for a chart of its own request. Records stay due where the row carries no chart, and where another
 * writer changed the record after the revisions were read. Rows are checked before they are trusted: see `compareRow`.
 */
export function pullRows(context: ActivityContext) {
  const { records, referrals, instances } = context.store;
  const settle = settleChart(context);
  const revisionsBefore = revisionsOfRun(context);

  return async (input: Omit<PageOfRun, 'source'>): Promise<ListedPage> => {
    const at: PageOfRun = { ...input, source: 'census' };
    const { instance, window, page } = at;
    const key = idempotencyKey();
    const { kipu } = await requireInstance(context, instance);
    const before = await revisionsBefore(at);
    const query = { ...window, page, per: context.runs.pageSize };
    const answer = await kipu.censusPage(query, { signal: cancellationSignal() });
    const { upserted, listed, said } = await upsertPage(context, at, answer, context.now());

    const known = said.blank ? null : await noteRows(instance, answer);
    const earlier = attemptNumber() === 1 ? [] : await pulledBefore(instance, answer, key);
    const ready = known?.value === true ? await rowPulls(instance, answer, upserted, before, key) : [];
    const compared =
      known === null || ready.length === 0
        ? { equal: true, calls: 0 }
        : await compareRow(context, instance, known, ready.map(rowToCompare));
    const done = compared.equal === true ? [...earlier, ...(await settleAll(ready, key))] : earlier;

    const pulledIds = new Set(done.map(({ id }) => id));
    const due = upserted.due.filter((id) => !pulledIds.has(id));
    return {
      listed,
      refused: answer.refused,
      due,
      ...(await runningAmong(context, due)),
      calls: attemptNumber() + compared.calls + done.reduce((sum, { calls }) => sum + calls, 0),
      more: answer.next !== null,
      said: {
        ...said,
        pulled: done.length,
        carriesCharts: known === null ? null : known.value && compared.equal !== false,
      },
      pulled: {
        outcomes: tally(done),
        held: done.flatMap(({ id, hold }) => (hold === null ? [] : [{ recordId: id, hold }])),
        rowsDiffer: compared.equal === false,
      },
    };
  };

  /** Stores what the page says about the instance's rows. Returns null where it has none. */
  async function noteRows(instance: string, answer: KipuPage): Promise<RowsCarryChart | null> {
    if (answer.rows.length === 0) return null;
    const known = await instances.rowsCarryChart(instance);
    const value = answer.withChart > 0;
    if (known !== null && known.value === value && answer.page > 1) return known;
    const next: RowsCarryChart = {
      value,
      seenAt: context.now(),
      pages: answer.totalPages || null,
      comparedAt: known?.comparedAt ?? null,
      differs: known?.differs ?? null,
    };
    await instances.noteRows(instance, next);
    return next;
  }

  /** Returns the due records whose row carries a chart and that were not written since the revisions were read. */
  async function rowPulls(
    instance: string,
    answer: KipuPage,
    upserted: UpsertedPage,
    before: ReadonlyMap<string, number>,
    key: string,
  ): Promise<RowPull[]> {
    const charts = new Map(
      answer.rows.flatMap(({ casefileId, chart }) => (chart === null ? [] : [[casefileId, chart]])),
    );
    // Referrals are read first: one that was added since then belongs to a record that was written since then.
    const latest = await referrals.latestOf(upserted.due);
    const found = await records.ofIds(upserted.due, [instance]);
    return found.flatMap((record) => {
      const chart = charts.get(record.casefileId);
      const referral = latest.get(record._id) ?? null;
      const isOurs = isAsBefore(record, before.get(record.casefileId), upserted.marked.has(record._id));
      const isBusy = record.hold !== null || record.status === 'unlocked' || record.lastPull?.key === key;
      const isInterrupted = record.plannedRevision !== undefined;
      return chart === undefined || !isOurs || isBusy || isInterrupted ? [] : [{ record, referral, chart }];
    });
  }

  /** Returns what an earlier attempt of this activity pulled, so that it is counted. */
  async function pulledBefore(instance: string, answer: KipuPage, key: string): Promise<Done[]> {
    const found = await records.ofCharts(
      instance,
      answer.rows.map(({ casefileId }) => casefileId),
    );
    return found.flatMap((record) => {
      const { _id: id, lastPull } = record;
      return lastPull?.key === key ? [{ id, outcome: lastPull.outcome, hold: holdStateOf(record), calls: 0 }] : [];
    });
  }

  /** Pulls from rows, all at once: their writes are one request. Waits for all of them before it throws the first failure. */
  async function settleAll(pulls: readonly RowPull[], key: string): Promise<Done[]> {
    const ended = await Promise.allSettled(pulls.map((pull) => settleOne(pull, key)));
    return ended.flatMap((one) => {
      if (one.status === 'rejected') throw one.reason;
      return one.value === null ? [] : [one.value];
    });
  }

  /** Returns null where the record stays due: its own workflow then finds and stores what is wrong. */
  async function settleOne({ record, referral, chart }: RowPull, key: string): Promise<Done | null> {
    try {
      return { id: record._id, ...(await settle({ record, referral, run: ownWorkflowId() }, chart, key)) };
    } catch (error) {
      if (error instanceof StoreConflictError || classifyError(error).fault === 'record') return null;
      throw error;
    }
  }
}

/**
 * Returns the function that reads the revisions of an instance's records, before a page is requested. They are as many as the
 * instance has charts, so the pages of a run share them for a while: older revisions are as safe, and leave a record that was
 * written since to a pull of its own.
 */
function revisionsOfRun(context: ActivityContext): (at: PageOfRun) => Promise<ReadonlyMap<string, number>> {
  const shared = new Map<string, { runId: string; readAt: number; revisions: Promise<Map<string, number>> }>();
  return async ({ instance, runId, window }) => {
    const now = context.now().getTime();
    for (const [name, { readAt }] of shared) if (now - readAt >= SHARED_MS) shared.delete(name);
    const known = shared.get(instance);
    // An earlier attempt wrote some of them itself.
    if (known?.runId === runId && attemptNumber() === 1) return known.revisions;
    const revisions = context.store.records.revisions(instance, window.startDay);
    shared.set(instance, { runId, readAt: now, revisions });
    revisions.catch(() => shared.delete(instance));
    return revisions;
  };
}

/** Returns true when only the listing itself wrote the record since the revisions were read, before the request. */
function isAsBefore({ rev, pulledAt }: RecordDocument, before: number | undefined, marked: boolean): boolean {
  // Created by this listing, and not pulled since.
  if (before === undefined) return rev === 1 && pulledAt === null;
  return rev === before + (marked ? 1 : 0);
}

function rowToCompare({ record, chart }: RowPull) {
  return { chart, sameAsBefore: sameContent(record.chart, chart) };
}

function tally(done: readonly Done[]): Partial<Record<PullOutcome, number>> {
  const outcomes: Partial<Record<PullOutcome, number>> = {};
  for (const { outcome } of done) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  return outcomes;
}
