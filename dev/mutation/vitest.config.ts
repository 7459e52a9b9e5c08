import { defineConfig } from 'vitest/config';

// Only the unit tests: the other tests run workflow code in a sandbox, which does not see a mutant.
export default defineConfig({
  test: { include: ['test/unit/**/*.test.ts'] },
});
