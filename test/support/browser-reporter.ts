import type { Reporter } from 'vitest/node';
import { findBrowser, howToGetBrowser } from '../../dev/setup/browser.js';

/** Reports at the end that the browser tests were skipped, and how to run them. */
export default class BrowserReporter implements Reporter {
  onTestRunEnd(): void {
    if (process.env.CI === 'true' || findBrowser() !== null) return;
    process.stderr.write(`\nThe browser tests were skipped. ${howToGetBrowser()}\n`);
  }
}
