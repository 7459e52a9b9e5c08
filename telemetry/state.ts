import { readFreshness } from '../client/freshness.ts';
import { DAY_MS } from '../domain/time.ts';
import { webhooks } from '../domain/webhookHealth.ts';
import type { Store } from '../store/connect.ts';
import { type RecordStatus, type RunDocument, recordStatuses } from '../store/documents.ts';
import type { MetricName } from './definitions.ts';

/** One value of a metric. */
export interface Sample {
  name: MetricName;
  labels: Readonly<Record<string, string>>;
  value: number;
}

export interface StateParts {
  store: {
    ping: Store['ping'];
    runs: Pick<Store['runs'], 'list' | 'lastCompleted' | 'fullRunsListed' | 'standingWarnings'>;
    records: Pick<Store['records'], 'tally' | 'countOwed' | 'heldCount' | 'oldestHold'>;
    webhookHealth: Pick<Store['webhookHealth'], 'measured'>;
    deliveries: Pick<Store['deliveries'], 'lastAt' | 'backlog'>;
    notices: Pick<Store['notices'], 'open'>;
    receiverUptime: Pick<Store['receiverUptime'], 'lastKnown'>;
    auditEvents: Pick<Store['auditEvents'], 'list'>;
    auditPages: Pick<Store['auditPages'], 'lastCheck'>;
  };
  /** Resolves when Temporal answers. */
  temporal: () => Promise<unknown>;
  instances: () => readonly string[];
  isPaused: (instance: string) => boolean;
  freshWithinMs: number;
  now: () => Date;
  /** How long MongoDB and Temporal may take to answer. */
  timeoutMs?: number;
}

/** The ages of holds that are counted, in days. */
const HELD_DAYS: readonly number[] = [1, 3, 7, 14, 30];
/** So many runs say how many in a row did not complete. */
const RUNS_READ = 20;
const TIMEOUT_MS = 4_000;

/** Reads the state of the service. What does not answer in time is down, and what it would say is left out. */
export async function readState(parts: StateParts): Promise<Sample[]> {
  const { store, temporal, timeoutMs = TIMEOUT_MS } = parts;
  const [database, temporalUp, common, ...ofInstances] = await Promise.all([
    answers(store.ping(), timeoutMs),
    answers(temporal(), timeoutMs),
    orNothing(readCommon(parts), timeoutMs),
    ...parts.instances().map((instance) => orNothing(readInstance(parts, instance), timeoutMs)),
  ]);
  return [
    sample('kipu_referrals_database_up', {}, database),
    sample('kipu_referrals_temporal_up', {}, temporalUp),
    ...common,
    ...ofInstances.flat(),
  ];
}

async function readCommon({ store, instances, isPaused, now }: StateParts): Promise<Sample[]> {
  const [lastUp, [head], check, backlog] = await Promise.all([
    store.receiverUptime.lastKnown(),
    store.auditEvents.list({}, 1),
    store.auditPages.lastCheck(),
    store.deliveries.backlog(),
  ]);
  const at = now();
  return [
    ...ageOf('kipu_referrals_receiver_last_up_age_seconds', {}, lastUp, at),
    ...(head === undefined ? [] : [sample('kipu_referrals_audit_head_sequence', {}, head.seq)]),
    ...ageOf('kipu_referrals_audit_head_age_seconds', {}, head?.at ?? null, at),
    ...(check === null ? [] : [sample('kipu_referrals_audit_intact', {}, check.isIntact)]),
    ...ageOf('kipu_referrals_audit_check_age_seconds', {}, check?.at ?? null, at),
    ...instances().flatMap((name) => {
      const of = { kipu_instance: name };
      const waiting = backlog.get(name);
      // What waits for a person says nothing about the dispatcher.
      const oldest = isPaused(name) || waiting === undefined ? at : waiting.oldest;
      return [
        sample('kipu_referrals_waiting_deliveries', of, waiting?.count ?? 0),
        ...ageOf('kipu_referrals_oldest_waiting_delivery_age_seconds', of, oldest, at),
        sample('kipu_referrals_instance_paused', of, isPaused(name)),
      ];
    }),
  ];
}

async function readInstance(parts: StateParts, instance: string): Promise<Sample[]> {
  const { store, freshWithinMs } = parts;
  const at = parts.now();
  const of = { kipu_instance: instance };
  const before = (days: number) => new Date(at.getTime() - days * DAY_MS);
  const [freshness, runs, warnings, conditions, tally, owed, oldestHold, ...older] = await Promise.all([
    readFreshness(store, instance, freshWithinMs, at),
    store.runs.list({ instance }, RUNS_READ),
    store.runs.standingWarnings(instance),
    store.notices.open(instance),
    store.records.tally(instance),
    store.records.countOwed(instance),
    store.records.oldestHold(instance),
    ...HELD_DAYS.map((days) => store.records.heldCount({ instances: [instance], heldBefore: before(days) })),
  ]);
  return [
    sample('kipu_referrals_instance_fresh', of, freshness.fresh),
    ...ageOf('kipu_referrals_seconds_since_completed_run', of, freshness.lastCompletedAt, at),
    ...ofRuns(of, runs),
    ...[...new Set(warnings.map(({ code }) => code))].map((code) =>
      sample('kipu_referrals_run_warning', { ...of, code }, 1),
    ),
    ...[...new Set(conditions.map(({ kind }) => kind))].map((kind) =>
      sample('kipu_referrals_open_condition', { ...of, kind }, 1),
    ),
    ...recordStatuses.map((status: RecordStatus) =>
      sample('kipu_referrals_records', { ...of, status }, tally[status] ?? 0),
    ),
    sample('kipu_referrals_owed_records', of, owed),
    ...HELD_DAYS.map((days, index) =>
      sample('kipu_referrals_held_records_older', { ...of, days: String(days) }, older[index] ?? 0),
    ),
    ...ageOf('kipu_referrals_oldest_hold_age_seconds', of, oldestHold ?? at, at),
    ...webhooks.flatMap((webhook) => {
      const { health, locations, lastDeliveryAt } = freshness.webhooks[webhook];
      // Without a measurement at any location, the webhook as a whole is missing.
      const healths = locations.length === 0 ? [health] : locations.map((one) => one.health);
      return [
        ...[...new Set(healths)].map((one) =>
          sample(
            'kipu_referrals_webhook_locations',
            { ...of, webhook, health: one },
            healths.filter((other) => other === one).length,
          ),
        ),
        ...ageOf('kipu_referrals_last_delivery_age_seconds', { ...of, webhook }, lastDeliveryAt, at),
      ];
    }),
  ];
}

function ofRuns(of: { kipu_instance: string }, newestFirst: readonly RunDocument[]): Sample[] {
  const ended = newestFirst.filter(({ status }) => status !== 'running');
  const completed = ended.findIndex(({ status }) => status === 'completed');
  const [last] = ended;
  const failed = sample('kipu_referrals_failed_runs_in_a_row', of, completed < 0 ? ended.length : completed);
  if (last === undefined) return [failed];
  const { kipuCalls: _, ...charts } = last.counts;
  return [
    failed,
    ...(last.fault === null ? [] : [sample('kipu_referrals_last_run_fault', { ...of, code: last.fault.code }, 1)]),
    ...Object.entries(charts).map(([outcome, count]) =>
      sample('kipu_referrals_last_run_charts', { ...of, outcome }, count),
    ),
  ];
}

function sample(name: MetricName, labels: Sample['labels'], value: number | boolean): Sample {
  return { name, labels, value: Number(value) };
}

/** Returns the age in seconds; nothing without a date. The clock of another machine may be ahead. */
function ageOf(name: MetricName, labels: Sample['labels'], date: Date | null, now: Date): Sample[] {
  return date === null ? [] : [sample(name, labels, Math.max(0, (now.getTime() - date.getTime()) / 1_000))];
}

function answers(check: Promise<unknown>, withinMs: number): Promise<boolean> {
  return inTime(
    check.then(() => true),
    withinMs,
    false,
  );
}

function orNothing(reading: Promise<Sample[]>, withinMs: number): Promise<Sample[]> {
  return inTime(reading, withinMs, []);
}

/** Resolves with `otherwise` if the work fails or takes too long. */
async function inTime<T>(work: Promise<T>, withinMs: number, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, withinMs, otherwise);
  });
  return Promise.race([work.catch(() => otherwise), late]).finally(() => clearTimeout(timer));
}
