import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { findBrowser } from './dev/setup/browser.js';
import { LongestFirst } from './test/support/longestFirst.ts';

const servers = ['test/support/global-setup.ts'];

// Without a browser everything else is tested all the same, and the reporter says what was left out. CI must have one.
const leftOut = process.env.CI !== 'true' && findBrowser() === null ? ['test/browser/**'] : [];

// With a MongoDB or a Temporal that is given: what tests the servers of the set-up, or needs a browser, says nothing about it.
const { TEST_MONGODB_URI: foreignMongo, TEST_TEMPORAL_ADDRESS: foreignTemporal } = process.env;
const ownServers = [
  ...['test/browser/**', 'test/faults/**'],
  ...['test/integration/servers.test.ts', 'test/integration/bench.test.ts'],
];
const excluded = foreignMongo !== undefined || foreignTemporal !== undefined ? ownServers : leftOut;
// This one stops and starts its Temporal.
const ownTemporal =
  foreignMongo === undefined && foreignTemporal !== undefined ? ['test/integration/worker.test.ts'] : [];

/** The folders whose coverage is measured: the product and the stand-in. */
const measured = [
  ...['activities', 'cli', 'client', 'config', 'connection', 'dev/stand-in', 'domain', 'kipu', 'notices', 'store'],
  ...['web', 'worker', 'workflows'],
];

const simulation = join(import.meta.dirname, 'test/simulation');
export const simulated = [
  { find: /^@temporalio\/workflow$/, replacement: join(simulation, 'workflowRuntime.ts') },
  { find: /^undici$/, replacement: join(simulation, 'kipuConnection.ts') },
];
/** For tests of workflows on the simulated server. */
export const inProcess = {
  find: /^\.\.\/support\/useWorkflowEnvironment\.ts$/,
  replacement: join(simulation, 'inProcess/useWorkflowEnvironment.ts'),
};

/**
 * Tests with servers mostly wait for them: three files side by side keep two cores busy, and more would make each other's deadlines
 * pass. A file of workflows has a time-skipping server of its own, because that skips time for all its workflows at once.
 */
const SIDE_BY_SIDE = 3;

// Groups run one after the other: first what needs only the processor.
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    reporters: [
      ...['default', './test/support/tally-reporter.ts', './test/support/browser-reporter.ts'],
      './test/support/coverage-reporter.ts',
    ],
    coverage: {
      provider: 'v8',
      include: [`{${measured.join(',')}}/**/*.{ts,tsx}`],
      reporter: ['lcovonly'],
      reportsDirectory: 'coverage',
      reportOnFailure: true,
    },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          // Loading the modules anew for each of 200 files would take longer than the tests.
          isolate: false,
          // The hash of a password takes long on a busy machine.
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // The simulated code imports stand-ins of Temporal's workflow runtime and of connections: see register.ts there.
        resolve: { alias: [...simulated, inProcess] },
        test: {
          name: 'simulation',
          // Some tests of workflows, which the project `workflow` runs on Temporal's server, show that the simulated one does the same.
          include: ['test/simulation/*.test.ts', 'test/workflow/{hold,cancel}.test.ts'],
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        resolve: { alias: simulated },
        test: {
          name: 'comparison',
          include: ['test/simulation/comparison/*.test.ts'],
          globalSetup: servers,
          testTimeout: 60_000,
          maxWorkers: SIDE_BY_SIDE,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'workflow',
          include: ['test/{workflow,replay}/**/*.test.ts'],
          globalSetup: servers,
          maxWorkers: SIDE_BY_SIDE,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/{integration,browser,faults}/**/*.test.ts'],
          exclude: [...excluded, ...ownTemporal],
          globalSetup: servers,
          maxWorkers: SIDE_BY_SIDE,
          testTimeout: 90_000,
          hookTimeout: 90_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
