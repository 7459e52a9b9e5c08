import { defineConfig } from 'vitest/config';

// Only the unit tests: the other tests run workflow code in a sandbox, which does not see a mutant. `MUTATION_TESTS` names
// fewer of them, so that one folder or file is measured by its own tests and quickly.
const { MUTATION_TESTS = 'test/unit/**/*.test.ts' } = process.env;

export default defineConfig({
  // Instrumented code is slow, and one test that fails before the first change ends everything.
  test: { include: MUTATION_TESTS.split(' '), testTimeout: 60_000 },
});
