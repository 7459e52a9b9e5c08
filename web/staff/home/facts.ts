import { type InstanceFreshness, readFreshness } from '../../../client/freshness.ts';
import { standingWarnings } from '../../../client/runView.ts';
import type { ScheduleStatus } from '../../../client/schedules.ts';
import type { Outage } from '../../../domain/outage.ts';
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

export async function instanceFacts(staff: StaffContext, instance: string): Promise<InstanceFacts> {
  const { store, now, freshWithinMs } = staff;
  const at = now();
  const zone = zonesOf(staff)(instance);
  const [runs, schedule, freshness, warnings, conditions, held, referralsToday] = await Promise.all([
    store.runs.list({ instance }, RUNS_DRAWN),
    readSchedule(staff, instance),
    readFreshness(store, instance, freshWithinMs, at),
    standingWarnings(store, instance),
    store.notices.open(instance),
    store.records.heldAges(instance, at),
    store.referrals.changedSince(instance, startOfDayIn(at, zone)),
  ]);
  return { instance, zone, runs, schedule, freshness, warnings, conditions, held, referralsToday };
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
