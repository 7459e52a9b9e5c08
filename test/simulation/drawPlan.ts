import { type AnswerFault, chartChanges } from './kipuWorld.ts';
import type { CallFault } from './operations.ts';
import { type Action, DISTURBED_MS, type Entry, HOUR, type Plan, type Setup, SLOW_MS, type When } from './plan.ts';
import { type Sequence, sequence } from './random.ts';

/** Returns the plan of a seed: everything that happens from outside, so that parts of it can be left out. */
export function planOf(seed: number, options: { faults?: boolean } = {}): Plan {
  const chance = sequence(seed, 'plan');
  const setup: Setup = {
    ...drawInstance(chance),
    maxInFlight: chance.pick([1, 1, 2, 5]),
    bulkFrom: chance.pick([3, 50, 50]),
    suggestContinueAsNewAt: chance.pick([12, 30, 150, 4_000]),
    signedWebhooks: chance.odds(0.5),
    skewMs: [0, chance.pick([0, 0, 4_000, -4_000, 90_000]), chance.pick([0, 0, 2_000, -3_000])],
  };
  const entries: Entry[] = [];
  const add = (count: number, make: () => Action, anchor: () => When) => {
    for (let done = 0; done < count; done += 1) entries.push({ when: anchor(), action: make() });
  };
  const isDisturbed = options.faults !== false;
  add(
    chance.int(15, 40),
    () => chartAction(chance),
    () => anyTime(chance),
  );
  addBurst(chance, setup.charts, entries);
  add(
    chance.int(0, 8),
    () => ({ do: 'unlock', pick: chance.int(0, 20) }),
    () => anyTime(chance),
  );
  add(
    chance.int(0, 4),
    () => ({ do: 'full-run' }),
    () => ({ at: chance.int(1, DISTURBED_MS) }),
  );
  add(
    chance.int(0, 3),
    () => ({ do: 'run' }),
    () => ({ at: chance.int(1, DISTURBED_MS) }),
  );
  if (!isDisturbed) return { seed, setup, entries };
  add(
    chance.int(0, 12),
    () => callFault(chance),
    () => anyCall(chance),
  );
  // A chart changes while the attempt that read it is stopped: another attempt then finds something else.
  for (let count = chance.int(1, 6); count > 0; count -= 1) {
    const [call, most] = chance.pick(CALLS_OF_PULLS);
    const when = { call, nth: chance.int(1, most) };
    const effect = chance.pick(['freezes', 'cut-off', 'crashes-after'] as const);
    entries.push({ when, action: { do: 'call', fault: { effect, ms: 20_000 } } });
    const change = chance.pick(['discharge', 'discharge', 'edit', 'take-back', 'clear', 'test', 'unready'] as const);
    entries.push({ when, action: { ...chartAction(chance), chart: -1, change } });
  }
  add(
    chance.int(0, 6),
    () => ({ do: 'answer', fault: answerFault(chance) }),
    () => anyAnswer(chance),
  );
  add(
    chance.int(0, 3),
    () => crash(chance),
    () => ({ at: chance.int(1, DISTURBED_MS) }),
  );
  add(
    chance.int(0, 2),
    () => ({ do: 'unlock-by-hand', pick: chance.int(0, 20) }),
    () => anyTime(chance),
  );
  add(
    chance.int(0, 2),
    () => ({ do: 'empty-signal', pick: chance.int(0, 20) }),
    () => anyTime(chance),
  );
  add(
    chance.int(0, 2),
    () => ({ do: 'terminate', pick: chance.int(0, 20) }),
    () => anyTime(chance),
  );
  add(
    chance.int(0, 1),
    () => ({ do: 'cancel-run' }),
    () => anyCall(chance),
  );
  return { seed, setup, entries };
}

/** Many charts change before a run, without webhooks, and some of them again, with webhooks, while it pulls them. */
/** Draws the charts of an instance, and how KIPU lists them. */
export function drawInstance(chance: Sequence) {
  return {
    policy: chance.pick(['always', 'always', 'never', 'webhook-missing'] as const),
    rows: chance.pick(['plain', 'plain', 'bare', 'chart', 'chart', 'partial'] as const),
    timestamps: chance.pick(['mixed', 'time', 'offset', 'time', 'day'] as const),
    rowsTwice: chance.odds(0.2),
    charts: chance.int(3, 8),
    pageSize: chance.int(2, 6),
  };
}

function addBurst(chance: Sequence, charts: number, entries: Entry[]): void {
  const at = chance.int(0, 5) * HOUR + 700_000;
  const edit = { do: 'chart', change: 'edit' } as const;
  for (let chart = 0; chart < charts; chart += 1)
    entries.push({ when: { at }, action: { ...edit, chart, value: chance.int(0, 11), webhook: 'lost' } });
  for (let count = chance.int(3, 10); count > 0; count -= 1) {
    const action: Action = { ...edit, chart: chance.int(0, 7), value: chance.int(0, 11), webhook: 'quick' };
    const when = { call: 'kipu.chart', nth: chance.int(1, chance.pick([8, 30])) };
    entries.push({ when, action }, { when, action: { do: 'call', fault: { effect: 'slow', ms: SLOW_MS } } });
  }
}

function chartAction(chance: Sequence): Action & { do: 'chart' } {
  return {
    do: 'chart',
    chart: chance.odds(0.3) ? -1 : chance.int(0, 7),
    change: chance.pick(chartChanges),
    value: chance.int(0, 11),
    webhook: chance.pick(['sent', 'sent', 'quick', 'lost', 'twice', 'late'] as const),
  };
}

/** Mostly in the middle of something, because that is where order matters. */
function anyTime(chance: Sequence): When {
  return chance.odds(0.6) ? anyCall(chance) : { at: chance.int(1, DISTURBED_MS) };
}

const CALLS: readonly [string, number][] = [
  ['records.findOne', 80],
  ['records.updateOne', 90],
  ['records.updateOne', 90],
  ['records.bulkWrite', 12],
  ['records.findOneAndUpdate', 8],
  ['records.find', 60],
  ['records.insertMany', 3],
  ['referrals.findOne', 50],
  ['referrals.updateOne', 40],
  ['referrals.updateOne', 40],
  ['referrals.insertOne', 8],
  ['referrals.bulkWrite', 4],
  ['unlockRequests.insertOne', 4],
  ['unlockRequests.updateOne', 4],
  ['auditEvents.insertOne', 8],
  ['auditHead.updateOne', 8],
  ['deliveries.updateOne', 20],
  ['deliveries.bulkWrite', 15],
  ['runs.updateOne', 20],
  ['detectedChanges.bulkWrite', 8],
  ['kipu.chart', 50],
  ['kipu.chart', 50],
  ['kipu.latest', 20],
  ['kipu.census', 8],
  ['kipu.vaults', 4],
  ['kipu.locations', 10],
  ['temporal.signalWithStart', 20],
  ['temporal.start', 4],
  ['temporal.signal', 3],
  ['temporal.describe', 10],
];

const CALLS_OF_PULLS = [
  ['records.updateOne', 60],
  ['records.updateOne', 60],
  ['records.bulkWrite', 8],
  ['referrals.updateOne', 20],
  ['referrals.insertOne', 6],
  ['kipu.chart', 40],
] as const;

function anyCall(chance: Sequence): When {
  const [call, most] = chance.pick(CALLS);
  return { call, nth: chance.int(1, most) };
}

function anyAnswer(chance: Sequence): When {
  const [call, most] = chance.pick([
    ['answer.chart', 50],
    ['answer.chart', 50],
    ['answer.latest', 20],
    ['answer.census', 8],
    ['answer.vaults', 4],
    ['answer.locations', 10],
  ] as const);
  return { call, nth: chance.int(1, most) };
}

function callFault(chance: Sequence): Action {
  const ms = chance.pick([300, 3_000, 12_000, 20_000, 45_000, 130_000]);
  const fault = chance.pick<CallFault>([
    ...([{ effect: 'fails-before' }, { effect: 'fails-after' }] as const),
    ...([{ effect: 'crashes-before' }, { effect: 'crashes-after' }] as const),
    ...([
      { effect: 'freezes', ms },
      { effect: 'freezes', ms: 20_000 },
    ] as const),
    ...([
      { effect: 'slow', ms },
      { effect: 'cut-off', ms },
      { effect: 'cut-off', ms: 40_000 },
    ] as const),
  ]);
  return { do: 'call', fault };
}

function answerFault(chance: Sequence): AnswerFault {
  return chance.pick<AnswerFault>([
    { answer: 'status', status: 429, retryAfter: chance.pick(['0', '3', '120']) },
    { answer: 'status', status: 503 },
    { answer: 'status', status: 500 },
    { answer: 'status', status: 404 },
    { answer: 'status', status: 403 },
    { answer: 'lost', at: chance.pick(['start', 'body'] as const) },
    { answer: 'truncated' },
    { answer: 'html' },
  ]);
}

function crash(chance: Sequence): Action {
  const process = chance.pick(['worker-1', 'worker-2', 'web']);
  return { do: 'crash', process, restartMs: chance.pick([1_000, 30_000, 3 * HOUR]) };
}
