import { expect, it } from 'vitest';
import type { RecordDocument, ReferralDocument, RunDocument } from '../../../store/documents.ts';
import type { MemoryDatabase } from '../memoryMongo.ts';
import { type Action, type Entry, HOUR, type Plan, type Setup } from '../plan.ts';
import { simulate } from '../simulate.ts';
import { startRealServer } from './realServer.ts';

const setup: Setup = {
  ...{ policy: 'always', rows: 'plain', timestamps: 'time', rowsTwice: true, charts: 7, pageSize: 3, maxInFlight: 3 },
  ...{ bulkFrom: 4, suggestContinueAsNewAt: 4_000, signedWebhooks: true, skewMs: [0, 0, 0] },
};

const change = (chart: number, how: (Action & { do: 'chart' })['change'], value = 1): Action => ({
  ...{ do: 'chart', chart, change: how, value, webhook: 'lost' },
});

/** What happens after each run. */
const afterRuns: Action[][] = [
  [change(0, 'edit', 2), change(1, 'clear'), change(2, 'test'), change(3, 'internal'), change(4, 'unready')],
  [
    change(0, 'discharge', 1),
    change(5, 'discharge', 2),
    change(1, 'edit', 3),
    change(2, 'not-test'),
    change(4, 'ready'),
  ],
  [change(0, 'edit', 1), change(6, 'touch'), change(3, 'edit', 2)],
  [{ do: 'unlock', pick: 0 }, change(1, 'delete'), change(6, 'move', 1), { do: 'full-run' }],
  [change(5, 'edit', 1), change(1, 'restore'), change(6, 'take-back')],
  [],
];

it("ends with the same documents as on Temporal's own server", async () => {
  const entries = afterRuns.flatMap((actions, hour) =>
    actions.map((action, place): Entry => ({ when: { at: (hour + 0.5) * HOUR + place * 60_000 }, action })),
  );
  const plan: Plan = { seed: 7, setup, entries };
  const simulated = await simulate(plan);
  expect(simulated.problems).toEqual([]);

  const real = await startRealServer(plan);
  try {
    for (const actions of afterRuns) {
      await real.run();
      for (const action of actions) await real.act(action);
    }
    expect(documentsOf(real.database)).toEqual(documentsOf(simulated.world.database));
  } finally {
    await real.stop();
  }
});

/** Returns what must be equal: not the random ids, and not the times. */
function documentsOf(database: MemoryDatabase) {
  const all = <T>(name: string) => [...database.collection(name).documents.values()] as never as T[];
  const byChart = (one: { casefileId: string }, other: { casefileId: string }) =>
    one.casefileId < other.casefileId ? -1 : 1;
  const records = all<RecordDocument>('records').sort(byChart);
  return {
    records: records.map(({ casefileId, status, missing, hold, lastHold, unlocked, failure, lastPull, chart }) => ({
      ...{ casefileId, status, missing, failure, outcome: lastPull?.outcome, destination: chart?.destination },
      ...{ hold: hold && { reason: hold.reason, waiting: hold.changesWaiting }, lastHold: lastHold?.reason },
      ...{ unlocked: unlocked && { by: unlocked.by, why: unlocked.why }, location: chart?.locationName },
    })),
    referrals: all<ReferralDocument>('referrals')
      .sort(byChart)
      .map(({ casefileId, status, stale, revisions }) => ({
        ...{ casefileId, status, stale: stale?.reason },
        revisions: revisions.map((one) => [one.revision, one.change, one.status, one.destination, one.facility.name]),
      })),
    runs: all<RunDocument>('runs')
      .sort((one, other) => one.startedAt.getTime() - other.startedAt.getTime())
      .slice(0, afterRuns.length)
      .map(({ mode, status, counts, fault, owed }) => ({ mode, status, counts, fault, owed })),
    audit: all<{ what: string; outcome: string; who: string }>('auditEvents').map(({ what, outcome, who }) => ({
      ...{ what, outcome, who },
    })),
  };
}
