import type { AttentionFacts } from '../../../client/attention.ts';
import { FULL_RUNS, freshnessOf, type InstanceFreshness } from '../../../client/freshness.ts';
import { readLastRuns } from '../../../client/runView.ts';
import type { ScheduleStatus } from '../../../client/schedules.ts';
import type { Outage } from '../../../domain/outage.ts';
import type { RowsCarryChart } from '../../../domain/rowCharts.ts';
import type { RunWarning } from '../../../domain/run.ts';
import { startOfDayIn } from '../../../domain/time.ts';
import { healthAdvice, namesText, type Webhook } from '../../../domain/webhookHealth.ts';
import type { RunDocument } from '../../../store/documents.ts';
import type { OpenCondition } from '../../../store/notices.ts';
import type { HeldAges } from '../../../store/recordLists.ts';
import type { Label } from '../../ui/labels.ts';
import type { StaffContext } from '../context.ts';
import { readSchedule } from '../context.ts';
import { zonesOf } from '../zones.ts';
import { texts } from './texts.ts';

/** Runs shown in the bar chart. */
const RUNS_DRAWN = 48;

/** What the card of an instance shows. */
export interface InstanceFacts {
  instance: string;
  /** The time zone of the instance. */
  zone: string;
  /** Newest first. */
  runs: RunDocument[];
  schedule: ScheduleStatus | null;
  freshness: InstanceFreshness;
  /** What its last runs warn of. */
  warnings: RunWarning[];
  /** What people were notified of and is not over. */
  conditions: OpenCondition[];
  held: HeldAges;
  /** Open referrals that were created or changed today, which begins at midnight in the zone. */
  referralsToday: number;
}

/** Reads what the cards of these instances show. `known` is what was read of all of them at once. */
export async function readFacts(
  staff: StaffContext,
  instances: readonly string[],
  known: Promise<Pick<AttentionFacts, 'held' | 'connections'>>,
): Promise<InstanceFacts[]> {
  const stored = await staff.store.instances.several(instances);
  return Promise.all(
    instances.map((instance) => instanceFacts(staff, instance, known, stored.get(instance)?.rowsCarryChart ?? null)),
  );
}

async function instanceFacts(
  staff: StaffContext,
  instance: string,
  known: Promise<Pick<AttentionFacts, 'held' | 'connections'>>,
  rows: RowsCarryChart | null,
): Promise<InstanceFacts> {
  const { store, now, freshWithinMs } = staff;
  const at = now();
  const zone = zonesOf(staff)(instance);
  const [{ held, connections }, last, fullRunsListed, schedule, creationAt, updateAt, referralsToday] =
    await Promise.all([
      known,
      readLastRuns(store, instance, { most: RUNS_DRAWN, known: rows, now: at }),
      store.runs.fullRunsListed(instance, FULL_RUNS),
      readSchedule(staff, instance),
      store.deliveries.lastAt(instance, 'patient-creation'),
      store.deliveries.lastAt(instance, 'chart-update'),
      store.referrals.changedSince(instance, startOfDayIn(at, zone)),
    ]);
  const freshness = freshnessOf(instance, {
    ...{ lastCompletedAt: last.cursor, fullRunsListed, measured: connections.measured.get(instance) ?? [] },
    lastDeliveries: { 'patient-creation': creationAt, 'chart-update': updateAt },
    ...{ now: at, withinMs: freshWithinMs },
  });
  return {
    ...{ instance, zone, runs: last.runs, schedule, freshness, warnings: last.warnings, referralsToday },
    conditions: connections.conditions.get(instance) ?? [],
    held: held.get(instance) ?? { day: 0, week: 0, longer: 0 },
  };
}

/**
 * Returns whether what is shown of an instance is up to date. Between two syncs nobody knows: while new ones are not possible,
 * it may not be.
 */
export function currentness({ fresh }: Pick<InstanceFreshness, 'fresh'>, away: Outage | undefined): Label {
  if (!fresh) return { text: texts.outOfDate, tone: 'bad' };
  return away === undefined ? { text: texts.upToDate, tone: 'good' } : { text: texts.maybeOutOfDate, tone: 'warn' };
}

type Troubles = Pick<InstanceFacts, 'runs' | 'schedule' | 'freshness' | 'warnings' | 'conditions'>;

/** Returns how much is wrong with an instance: 2 where referrals are missing or may be, 1 where something needs a look, 0 for nothing. */
export function troubleOf({ runs: [last], schedule, freshness, warnings, conditions }: Troubles): 0 | 1 | 2 {
  const failed = last?.status === 'failed' || last?.status === 'incomplete';
  if (!freshness.fresh || conditions.length > 0 || failed) return 2;
  return warnings.length > 0 || schedule?.paused === true || !advice(freshness).healthy ? 1 : 0;
}

/** Returns the most important sentence about the webhooks, with the locations: Chart Update comes before Patient Creation. */
export function advice({ webhooks: measured }: Pick<InstanceFreshness, 'webhooks'>): {
  healthy: boolean;
  text: string;
} {
  const broken = (['chart-update', 'patient-creation'] satisfies Webhook[]).find(
    (webhook) => measured[webhook].health !== 'healthy',
  );
  if (broken !== undefined) {
    const { health, at } = measured[broken];
    return { healthy: false, text: `${at.length === 0 ? '' : `${namesText(at)}: `}${healthAdvice[health][broken]}` };
  }
  return { healthy: true, text: texts.sending };
}
