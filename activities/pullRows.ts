import { sameContent } from '../domain/chart.ts';
import type { PullOutcome } from '../domain/pull.ts';
import type { RowsCarryChart } from '../domain/rowCharts.ts';
import type { KipuChart, KipuPage } from '../kipu/index.ts';
import { StoreConflictError } from '../store/conflict.ts';
import type { RecordDocument } from '../store/documents.ts';
import type { UpsertedPage } from '../store/recordListing.ts';
import type { ListedPage } from '../workflows/messages.ts';
import { classifyError } from './classifyError.ts';
import { compareRow } from './compareRow.ts';
import { type ActivityContext, attemptNumber, cancellationSignal, idempotencyKey, requireInstance } from './context.ts';
import { type PullSubject, settleChart } from './settle.ts';
import { type PageOfRun, takeUpPage } from './takeUpPage.ts';

/** Pulls at once within one page: they wait for the database only. */
const AT_ONCE = 8;

/** A due record that may be written from its row. */
interface RowPull extends PullSubject {
  chart: KipuChart;
}

interface Done {
  id: string;
  outcome: PullOutcome;
  calls: number;
}

/**
 * Reads one page of the census and pulls each due record from its row, where rows carry whole charts: the same decision and
 * the same writes as by a request for the chart. Records that cannot be written so stay due: rows without a chart, records
 * that somebody else wrote since before the request. Rows are not trusted unseen: see `compareRow`.
 */
export function pullRows(context: ActivityContext) {
  const { records, referrals, instances } = context.store;
  const settle = settleChart(context);

  return async (input: Omit<PageOfRun, 'source'>): Promise<ListedPage> => {
    const at: PageOfRun = { ...input, source: 'census' };
    const { instance, window, page } = at;
    const key = idempotencyKey();
    const { kipu } = requireInstance(context, instance);
    const before = await records.revisions(instance, window.startDay);
    const query = { ...window, page, per: context.runs.pageSize };
    const answer = await kipu.censusPage(query, { signal: cancellationSignal() });
    const { taken, listed, said } = await takeUpPage(context, at, answer, context.now());

    const known = said.blank ? null : await noteRows(instance, answer);
    const earlier = attemptNumber() === 1 ? [] : await pulledBefore(instance, answer, key);
    const ready = known?.value === true ? await rowPulls(instance, answer, taken, before, key) : [];
    const compared =
      known === null || ready.length === 0
        ? { equal: true, calls: 0 }
        : await compareRow(context, instance, known, ready.map(rowToCompare));
    const done = compared.equal === true ? [...earlier, ...(await settleAll(ready, key))] : earlier;

    const pulledIds = new Set(done.map(({ id }) => id));
    return {
      listed,
      refused: answer.refused,
      due: taken.due.filter((id) => !pulledIds.has(id)),
      calls: attemptNumber() + compared.calls + done.reduce((sum, { calls }) => sum + calls, 0),
      more: answer.next !== null,
      said: {
        ...said,
        pulled: done.length,
        carriesCharts: known === null ? null : known.value && compared.equal !== false,
      },
      pulled: {
        outcomes: tally(done),
        held: done.filter(({ outcome }) => outcome === 'held').map(({ id }) => id),
        rowsDiffer: compared.equal === false,
      },
    };
  };

  /** Stores what the page shows of the instance's rows; null where it has none. */
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

  /** The due records whose row carries a chart and that nobody wrote since before the request. */
  async function rowPulls(
    instance: string,
    answer: KipuPage,
    taken: UpsertedPage,
    before: ReadonlyMap<string, number>,
    key: string,
  ): Promise<RowPull[]> {
    const charts = new Map(
      answer.rows.flatMap(({ casefileId, chart }) => (chart === null ? [] : [[casefileId, chart]])),
    );
    // In this order: a revision that was added since then belongs to a record that was written since then.
    const latest = await referrals.latestOf(taken.due);
    const found = await records.ofIds(taken.due, [instance]);
    return found.flatMap((record) => {
      const chart = charts.get(record.casefileId);
      const referral = latest.get(record._id) ?? null;
      const isOurs = isAsBefore(record, before.get(record.casefileId), taken.marked.has(record._id));
      const isBusy = record.hold !== null || record.status === 'unlocked' || record.lastPull?.key === key;
      const isHalfWritten = referral !== null && (record.pulledAt === null || referral.at > record.pulledAt);
      return chart === undefined || !isOurs || isBusy || isHalfWritten ? [] : [{ record, referral, chart }];
    });
  }

  /** What an earlier attempt of this step pulled, so that it is counted. */
  async function pulledBefore(instance: string, answer: KipuPage, key: string): Promise<Done[]> {
    const found = await records.ofCharts(
      instance,
      answer.rows.map(({ casefileId }) => casefileId),
    );
    return found.flatMap(({ _id, lastPull }) =>
      lastPull?.key === key ? [{ id: _id, outcome: lastPull.outcome, calls: 0 }] : [],
    );
  }

  /** Pulls from rows, several at once. Resolves when all have ended, also when one of them throws. */
  async function settleAll(pulls: readonly RowPull[], key: string): Promise<Done[]> {
    const waiting = [...pulls];
    const done: Done[] = [];
    const work = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const settled = await settleOne(next, key);
        if (settled !== null) done.push(settled);
      }
    };
    const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
    const failed = ended.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return done;
  }

  /** Null where the record stays due: its own workflow then finds out, and stores, what is wrong with it. */
  async function settleOne({ record, referral, chart }: RowPull, key: string): Promise<Done | null> {
    try {
      const { outcome, calls } = await settle({ record, referral }, chart, key);
      return { id: record._id, outcome, calls };
    } catch (error) {
      if (error instanceof StoreConflictError || classifyError(error).fault === 'record') return null;
      throw error;
    }
  }
}

/** True when nobody but the listing itself wrote the record since the revisions were read, before the request. */
function isAsBefore({ rev, pulledAt }: RecordDocument, before: number | undefined, marked: boolean): boolean {
  // Made by this listing, or pulled by nobody yet.
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
