import { defineConfig } from 'vitest/config';
import { inProcess, simulated } from '../../vitest.config.ts';

// `MUTATION_TESTS` names fewer tests, so that one folder or file is measured by its own tests and quickly. Workflows run on the
// simulated server in this process: Temporal's sandbox would not see a mutant.
const { MUTATION_TESTS = 'test/unit/**/*.test.ts test/workflow/*.test.ts test/simulation/plans.test.ts' } = process.env;
const tests = MUTATION_TESTS.split(' ');
const isSimulated = (path: string) => path.startsWith('test/simulation/') || path.startsWith('test/workflow/');
const env = { SIMULATED_SEEDS: process.env.SIMULATED_SEEDS ?? '16', TEST_WAIT_MS: '4000' };

// Instrumented code is slow, and one test that fails before the first change ends everything.
const common = { testTimeout: 60_000 };

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: tests.filter((path) => !isSimulated(path)), ...common } },
      {
        resolve: { alias: [...simulated, inProcess] },
        test: { name: 'simulation', include: tests.filter(isSimulated), env, ...common },
      },
    ].filter(({ test }) => test.include.length > 0),
  },
});
