import { defineConfig } from 'vitest/config';

// The unit tests alone: the other tiers run workflow code in a sandbox of its own, which does not see a mutant.
export default defineConfig({
  test: { include: ['test/unit/**/*.test.ts'] },
});
