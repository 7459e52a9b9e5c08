import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule, TestRunEndReason } from 'vitest/node';

/**
 * Writes "<passed> <failed>" to the file in `TEST_TALLY`, if it is set. A file that does not load, a failed hook and an error
 * outside of any test count as failures too.
 */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[], reason: TestRunEndReason): void {
    const file = process.env.TEST_TALLY;
    if (file === undefined || file === '') return;
    let passed = 0;
    let failed = unhandled.length;
    for (const module of modules) {
      let failedTests = 0;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed += 1;
        else if (state !== 'skipped') failedTests += 1;
      }
      failed += failedTests === 0 && !module.ok() ? 1 : failedTests;
    }
    if (reason !== 'passed' && failed === 0) failed = 1;
    writeFileSync(file, `${passed} ${failed}\n`);
  }
}
