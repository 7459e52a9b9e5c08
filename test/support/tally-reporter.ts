import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule, TestRunEndReason } from 'vitest/node';

/** What a test run came to. `failed` also counts files that did not load and errors outside of any test. */
export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** Writes the run's tally, as JSON, to the file that `TEST_TALLY` names; does nothing where it names none. */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[], reason: TestRunEndReason): void {
    const file = process.env.TEST_TALLY;
    if (file === undefined || file === '') return;
    const tally: Tally = { passed: 0, failed: unhandled.length, skipped: 0 };
    for (const module of modules) {
      let failedTests = 0;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') tally.passed += 1;
        else if (state === 'skipped') tally.skipped += 1;
        else failedTests += 1;
      }
      // A file that does not load, or whose hooks fail, is a failure without a failed test.
      tally.failed += failedTests === 0 && !module.ok() ? 1 : failedTests;
    }
    if (reason !== 'passed' && tally.failed === 0) tally.failed = 1;
    writeFileSync(file, `${JSON.stringify(tally)}\n`);
  }
}
