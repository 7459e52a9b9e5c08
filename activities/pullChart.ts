import { Context } from '@temporalio/activity';
import { sameContent } from '../domain/chart.ts';
import { isChartRefusal } from '../domain/fault.ts';
import { decidePull, type PullOutcome } from '../domain/pull.ts';
import { type DesiredReferral, desiredReferral, nextRevision, type ReferralRevision } from '../domain/referral.ts';
import { mayBeMarked, staleOf } from '../domain/stale.ts';
import { zoneAt } from '../domain/time.ts';
import type { KipuChart } from '../kipu/index.ts';
import { StoreConflictError } from '../store/conflict.ts';
import type { Store } from '../store/connect.ts';
import type { RecordDocument } from '../store/documents.ts';
import type { Pulled } from '../store/recordPulls.ts';
import type { LatestRevision } from '../store/referrals.ts';
import type { HoldState } from '../workflows/messages.ts';
import { classifyError } from './classifyError.ts';
import { type ActivityContext, attemptNumber, cancellationSignal, idempotencyKey, requireInstance } from './context.ts';
import { creditDeliveries } from './creditDeliveries.ts';
import { ownLocations } from './lists.ts';

/** The result of a pull. `hold` is set when the record now waits for staff. */
export interface PullResult {
  outcome: PullOutcome;
  calls: number;
  hold: HoldState | null;
  /** Set when KIPU refused this chart, and may refuse others too. */
  refusal?: { code: string; text: string };
}

export interface PullOptions {
  key: string;
  /** The workflow of the run that counts this pull; undefined for none. */
  run: string | undefined;
  /** How many requests for the chart are counted, those of earlier attempts included. */
  requests: number;
  /** Reads the chart when there is room for another request. */
  readChart: (read: () => Promise<KipuChart>) => Promise<KipuChart>;
  /** Stores what was found when it is the chart's turn. */
  settleInTurn: <Result>(settle: () => Promise<Result>) => Promise<Result>;
}

const atOnce = <Result>(work: () => Promise<Result>) => work();

/** Pulls one record, for the activity of its own workflow. Each attempt makes one request. */
export function pullChart(context: ActivityContext) {
  const pull = pullRecord(context);
  return async ({ recordId, run }: { recordId: string; run?: string }): Promise<PullResult> =>
    pull(recordId, { key: idempotencyKey(), run, requests: attemptNumber(), readChart: atOnce, settleInTurn: atOnce });
}

/**
 * Reads a record's chart, decides, and writes the referral and then the record. A repetition with the same key, after a kill
 * at any point, stores the same. A chart that cannot be read is stored as the record's failure.
 */
export function pullRecord(context: ActivityContext) {
  const { records } = context.store;
  const settle = settleChart(context);

  return async (
    recordId: string,
    { key, run, requests, readChart, settleInTurn }: PullOptions,
  ): Promise<PullResult> => {
    const record = await records.get(recordId);
    if (record === null) return { outcome: 'ignored', calls: 0, hold: null };
    if (record.lastPull?.key === key) {
      await markReferral(context.store, record);
      return report(record.lastPull.outcome, requests, record);
    }
    if (record.hold !== null) return report('held', 0, record);
    const subject: PullSubject = { record, referral: null, run };
    try {
      // Before the request, as the record: an attempt that is late then fails to write over what a later one wrote.
      subject.referral = await currentReferral(context.store, record);
      const { kipu } = await requireInstance(context, record.instance);
      const chart = await readChart(() => kipu.chart(record.casefileId, { signal: cancellationSignal() }));
      const settled = await settleInTurn(() => settle(subject, chart, key));
      return { ...settled, calls: requests + settled.calls };
    } catch (error) {
      const { fault, code, text } = classifyError(error);
      if (fault !== 'record') throw error;
      Context.current().log.warn('a chart could not be read', {
        record: recordId,
        instance: record.instance,
        code,
        text,
      });
      // KIPU can list a deleted chart for a while.
      if (record.status === 'void' && code === 'not-found') {
        await records.staysVoid(record, { key, run }, context.now());
        return { outcome: 'unchanged', calls: requests, hold: null };
      }
      await records.fail(subject.record, { code, text, run }, key, context.now());
      const refusal = isChartRefusal(code) ? { refusal: { code, text } } : {};
      return { outcome: 'failed', calls: requests, hold: null, ...refusal };
    }
  };
}

/** Stores on the record that its pull was given up, and why: the next run tries it again. */
export function recordFailedPull(context: ActivityContext) {
  return async ({ recordId, ...why }: { recordId: string; text: string; run?: string }): Promise<void> => {
    await context.store.records.giveUp(recordId, why, idempotencyKey(), context.now());
  };
}

function report(outcome: PullOutcome, calls: number, record: Pick<RecordDocument, 'hold'>): PullResult {
  return { outcome, calls, hold: holdStateOf(record) };
}

/** Returns what a workflow knows of the record's hold; null where it is not held. */
export function holdStateOf({ hold }: Pick<RecordDocument, 'hold'>): HoldState | null {
  return hold && { reason: hold.reason, reminders: hold.reminders, since: hold.since.toISOString() };
}

/** A record and its referral, as they were read before the chart was requested. `settleChart` replaces what it writes. */
export interface PullSubject {
  record: RecordDocument;
  /** The latest revision of the referral; null for none. */
  referral: LatestRevision | null;
  /** The workflow of the run that counts this pull; undefined for none. */
  run: string | undefined;
}

/**
 * Returns the latest revision of the record's referral, null for none. Read the record first.
 *
 * A record and its referral are two documents, and an attempt may be interrupted between the two writes, or continue when
 * another one has replaced it. So the record is written first and names the next revision: an attempt that is late fails
 * there, and the revision of one that was interrupted is written here, before anything else is decided.
 * @throws StoreConflictError when another attempt wrote that revision at the same time.
 */
export async function currentReferral(
  store: Pick<Store, 'records' | 'referrals'>,
  record: RecordDocument,
): Promise<LatestRevision | null> {
  const latest = await store.referrals.latest(record._id);
  const { plannedRevision } = record;
  if (plannedRevision === undefined || (latest !== null && latest.revision >= plannedRevision.revision)) return latest;
  await addRevision(store, record, plannedRevision);
  return plannedRevision;
}

/**
 * Adds a revision to the record's referral. A first one is removed again where the record was purged since it was read: nothing
 * would ever remove it otherwise. A later one finds no referral.
 * @throws StoreConflictError when another attempt added it, or the record was purged.
 */
async function addRevision(
  { records, referrals }: Pick<Store, 'records' | 'referrals'>,
  record: RecordDocument,
  next: ReferralRevision,
): Promise<void> {
  await referrals.add(record, next);
  if (next.revision > 1 || (await records.get(record._id)) !== null) return;
  await referrals.remove(record._id);
  throw new StoreConflictError('records');
}

/** How a chart was handled. `hold` is set when the record now waits for staff; `calls` counts requests besides the chart's own. */
interface Settled {
  outcome: PullOutcome;
  calls: number;
  hold: HoldState | null;
}

/**
 * Decides what to do with a chart, then writes the referral's next revision and the record. Charts that were requested and
 * charts that a list's row carries are handled in this one place. Both writes succeed only on the revisions of the subject.
 */
export function settleChart(context: ActivityContext) {
  const { records, webhookHealth } = context.store;

  /** @throws StoreConflictError when the record or the referral was written since it was read. */
  return async (subject: PullSubject, chart: KipuChart, key: string): Promise<Settled> => {
    const { record, referral } = subject;
    const now = context.now();
    const { lockPolicy, ...zones } = await requireInstance(context, record.instance);
    const timeZone = zoneAt(zones, chart.locationId);
    await creditDeliveries(context, record, chart);
    const chartUpdate = await webhookHealth.chartUpdate(record.instance, chart.locationId, now);
    const unlockedBefore = record.unlocked !== null;
    const decision = decidePull(chart, { unlockedBefore }, { lockPolicy, chartUpdate, timeZone }, now);
    const version = chart.lastUpdatedAt;
    const finish = async ({ hold = null, ...pulled }: Omit<Pulled, 'timeZone' | 'version' | 'run'>) => {
      await records.finish(subject.record, { ...pulled, run: subject.run, hold, timeZone, version }, key, now);
      if (referral === null || !mayBeMarked(referral.stale, record.lastPull?.outcome)) return;
      const { lastHold, rev } = subject.record;
      await markReferral(context.store, { ...record, status: pulled.status, hold, lastHold, rev: rev + 1 });
    };
    const revise = async (desired: DesiredReferral): Promise<boolean> => {
      const next = nextRevision(referral, desired, now);
      if (next === null) return false;
      subject.record = await records.planRevision(record, next, now);
      await addRevision(context.store, record, next);
      return true;
    };
    switch (decision.do) {
      case 'ignore':
        await revise({ none: 'placeholder' });
        await finish({ outcome: 'ignored', status: 'ignored', chart: null });
        return { outcome: 'ignored', calls: 0, hold: null };
      case 'wait':
        await revise({ none: 'not-ready' });
        await finish({ outcome: 'notReady', status: 'notReady', chart, missing: decision.missing });
        return { outcome: 'notReady', calls: 0, hold: null };
      case 'hold': {
        const hold = { reason: decision.reason, since: now, reminders: 0, changesWaiting: 0 };
        await finish({ outcome: 'held', status: 'held', chart, hold });
        return { outcome: 'held', calls: 0, hold: holdStateOf({ hold }) };
      }
      case 'save': {
        const own = await ownLocations(context, record.instance);
        const isRevised = await revise(desiredReferral(chart, own.names, timeZone));
        const outcome = isRevised || !sameContent(record.chart, chart) ? 'saved' : 'unchanged';
        await finish({ outcome, status: 'synced', chart, lookAgainAt: decision.lookAgainAt });
        return { outcome, calls: own.calls, hold: null };
      }
    }
  };
}

/**
 * Marks the referral of a record that was held as older than its chart, or no longer so, as this revision of the record says.
 * It is written after the record, which decides. An activity that is interrupted in between is repeated, and marks it then.
 */
export async function markReferral(
  { referrals }: Pick<Store, 'referrals'>,
  record: Pick<RecordDocument, '_id' | 'rev' | 'status' | 'hold'> & {
    lastHold?: RecordDocument['lastHold'] | undefined;
  },
): Promise<void> {
  const stale = staleOf(record);
  if (stale !== undefined) await referrals.setStale(record._id, stale, record.rev);
}
