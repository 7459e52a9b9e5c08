import { drawInstance } from '../drawPlan.ts';
import { type AnswerFault, chartChanges } from '../kipuWorld.ts';
import { type Action, type Entry, HOUR, type Plan, type Setup } from '../plan.ts';
import { type Sequence, sequence } from '../random.ts';

const MINUTE = 60_000;
/** Minutes of an hour at which something happens: runs are long over then, and the next one is far enough away. */
const SLOTS = [25, 29, 33, 37, 41, 45, 49, 53, 57];
/** Half an hour after these, no run begins. */
const PLANNED_SLOTS = [25, 29, 33, 53, 57];
/** Nothing else happens in the quarter of an hour after a run that is not of the schedule. */
const EXTRA_RUN = { slot: 41, quiet: [45, 49, 53] };
const HOURS = 6;

/** A plan whose history is the same on each Temporal, and whether its histories are short. */
export interface ComparablePlan extends Plan {
  isShort: boolean;
}

/**
 * Returns the plan of a seed, of which nothing depends on how long calls take: what happens is minutes apart, and faults are
 * those of one chart, one page or one activity. So there are no crashes, and no change in the middle of a run.
 */
export function comparablePlanOf(seed: number): ComparablePlan {
  const chance = sequence(seed, 'comparable plan');
  const setup: Setup = {
    ...drawInstance(chance),
    maxInFlight: chance.pick([1, 2, 5]),
    bulkFrom: chance.pick([3, 3, 50]),
    suggestContinueAsNewAt: 4_000,
    signedWebhooks: chance.odds(0.5),
    skewMs: [0, 0, 0],
  };
  const entries: Entry[] = [];
  for (let hour = 0; hour < HOURS; hour += 1) {
    const hasExtraRun = chance.odds(0.25);
    for (const slot of SLOTS) {
      if (hasExtraRun && EXTRA_RUN.quiet.includes(slot)) continue;
      const isExtraRun = hasExtraRun && slot === EXTRA_RUN.slot;
      const action: Action | null = isExtraRun ? { do: 'run' } : actionOf(chance, slot);
      if (action !== null) entries.push({ when: { at: hour * HOUR + slot * MINUTE }, action });
    }
  }
  for (let count = chance.int(0, 6); count > 0; count -= 1) entries.push(answerFault(chance));
  for (let count = chance.int(0, 8); count > 0; count -= 1) entries.push(activityFault(chance));
  return { seed, setup, entries, isShort: chance.odds(0.5) };
}

function actionOf(chance: Sequence, slot: number): Action | null {
  const drawn = chance.next();
  const pick = chance.int(0, 20);
  if (drawn < 0.5) return chartAction(chance, slot);
  if (drawn < 0.62) return { do: 'unlock', pick };
  if (drawn < 0.66) return { do: 'unlock-again' };
  if (drawn < 0.7) return { do: 'unlock-by-hand', pick };
  if (drawn < 0.73) return { do: 'empty-signal', pick };
  if (drawn < 0.77) return { do: 'terminate', pick };
  return drawn < 0.84 ? { do: 'full-run' } : null;
}

function chartAction(chance: Sequence, slot: number): Action {
  const planned = PLANNED_SLOTS.includes(slot);
  const changes = chartChanges.filter((change) => change !== 'plan-discharge' || planned);
  return {
    ...{ do: 'chart', chart: chance.int(0, 8), change: chance.pick(changes), value: chance.int(0, 11) },
    webhook: chance.pick(['lost', 'lost', 'timed', 'timed-twice'] as const),
  };
}

function answerFault(chance: Sequence): Entry {
  const call = chance.pick([
    ...['chart', 'chart', 'chart'].map((route) => `answer.${route}.${chance.int(0, 7)}`),
    ...['latest', 'latest', 'census', 'vaults'].map((route) => `answer.${route}.${chance.int(1, 3)}`),
    'answer.locations.1',
  ]);
  const fault = chance.pick<AnswerFault>([
    { answer: 'status', status: 429, retryAfter: chance.pick(['0', '3', '120']) },
    ...[503, 500, 404, 403].map((status) => ({ answer: 'status', status }) as const),
    { answer: 'lost', at: chance.pick(['start', 'body'] as const) },
    { answer: 'truncated' },
    { answer: 'html' },
  ]);
  return { when: { call, nth: chance.int(1, 12) }, action: { do: 'answer', fault } };
}

function activityFault(chance: Sequence): Entry {
  const [type, subject, most] = chance.pick([
    ...[1, 2, 3].map(() => ['pullChart', chance.int(0, 7), 5] as const),
    ['applyUnlock', chance.int(0, 7), 2],
    ['countWaitingChange', chance.int(0, 7), 2],
    ['pullBatch', 0, 4],
    ['listPages', 1, 10],
    ['pullRows', chance.int(1, 3), 4],
    ['voidVaulted', 1, 2],
    ['listVaulted', 1, 2],
    ...['openRun', 'closeRun', 'readLocations', 'measureWebhooks', 'listOwed'].map((one) => [one, 0, 10] as const),
    ['restoreHolds', 0, 2],
    ['endWaits', 0, 2],
  ]);
  const fault = chance.pick(['fails-before', 'fails-after', 'fails-after'] as const);
  return { when: { call: `activity.${type}.${subject}`, nth: chance.int(1, most) }, action: { do: 'activity', fault } };
}
