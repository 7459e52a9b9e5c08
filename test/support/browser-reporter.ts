import type { Reporter } from 'vitest/node';
import { findBrowser, howToGetBrowser } from '../../dev/setup/browser.js';

/** Says at the end, where it is read, that the browser tests were left out, and how to have them. */
export default class BrowserReporter implements Reporter {
  onTestRunEnd(): void {
    if (process.env.CI === 'true' || findBrowser() !== null) return;
    process.stderr.write(`\nThe browser tests were left out. ${howToGetBrowser()}\n`);
  }
}
