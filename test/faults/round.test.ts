import { afterAll, expect, it } from 'vitest';
import { nothingDone } from './act.ts';
import { startCluster } from './cluster.ts';
import { kindsWithoutProxy } from './kinds.ts';
import { planRound } from './plan.ts';
import { runRound } from './round.ts';
import { settle } from './settle.ts';

/** Its faults: the web process killed, MongoDB and Temporal killed together, every second answer of KIPU 503. */
const SEED = 1;

/** Those from which the service recovers within seconds; `npm run faults` has all. */
const kinds = kindsWithoutProxy.filter((kind) =>
  ['temporal-kill', 'mongodb-kill', 'web-kill', 'worker-stop', 'kipu-503'].includes(kind),
);

const cluster = await startCluster({ seed: SEED, charts: 8, toxiproxy: null });
afterAll(() => cluster.stop());

it('A round of faults loses, doubles and exposes nothing', async () => {
  const episodes = planRound(1, { seed: SEED, episodes: 3, kinds });
  const done = nothingDone();
  // Before the first fault, so that there are holds to unlock.
  await settle(cluster, done, 120_000);
  const result = await runRound(cluster, episodes, { done, settleMs: 200_000 });

  expect({ violations: result.violations, sequence: result.sequence }).toMatchObject({ violations: [] });
  // The round was about something.
  expect(Math.min(result.referrals, result.held, result.deliveries, result.unlocks.applied)).toBeGreaterThan(0);
}, 400_000);
