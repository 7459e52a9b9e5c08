import { describe, expect, it } from 'vitest';
import { foundPlans } from './foundPlans.ts';
import { simulate } from './simulate.ts';
import { planOfSeed } from './simulateSeeds.ts';

/** Chosen among hundreds: together they take most of the paths through the workflows, in the least time. Every fourth seed has no faults. */
const COVERING_SEEDS = [151, 109, 163, 136, 33, 70, 49, 5, 2, 229, 242, 183, 161, 225, 220, 245];

/** Mutation tests use more of them than every test run. */
const { SIMULATED_SEEDS = '8' } = process.env;

describe('The simulation', () => {
  it.each(foundPlans)('no longer finds that $bug', async ({ plan }) => {
    expect((await simulate(plan)).problems).toEqual([]);
  });

  it.each(COVERING_SEEDS.slice(0, Number(SIMULATED_SEEDS)))('finds nothing wrong in seed %i', async (seed) => {
    const { problems, runs } = await simulate(planOfSeed(seed));
    expect(problems).toEqual([]);
    expect(runs).toBeGreaterThan(0);
  });
});
