import { expect, it } from 'vitest';
import { compareSeeds } from './compareSeeds.ts';

/** `npm run simulate -- --on-temporal` compares any number. */
const SEEDS = [1, 2, 3];

it("ends with the same documents and workflows as on Temporal's own server", async () => {
  const comparisons = await compareSeeds(SEEDS);
  expect(comparisons).toEqual(SEEDS.map((seed) => ({ seed, problems: [] })));
});
