import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, expect, onTestFinished } from 'vitest';
import { findBrowser, howToGetBrowser } from '../../dev/setup/browser.js';
import { type Watched, watch } from './browserRecorder.ts';
import { inTime } from './waitUntil.ts';

const QUIET = ['quic', 'background-networking', 'component-update', 'sync', 'gpu'].map((what) => `--disable-${what}`);

/** A page in a new browser context. */
export interface VisitedPage {
  page: Page;
  watched: Watched;
}

export type PageOptions = BrowserContextOptions;

/** Starts a browser without any stored data. The caller closes it. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === null) throw new BrowserMissingError();
  return chromium.launch({
    executablePath,
    headless: true,
    // As root, Chromium starts only without its sandbox.
    chromiumSandbox: process.getuid?.() !== 0,
    args: [...QUIET, '--no-first-run'],
  });
}

/**
 * Starts a browser for a test file, and returns a function that opens pages. Await it at the top level of the file. Each page
 * has a context of its own, which is closed after the test; errors on the page fail the test.
 */
export async function browserForTests(): Promise<(url: string, options?: PageOptions) => Promise<VisitedPage>> {
  const browser = await startBrowser();
  afterAll(() => browser.close());
  return async (baseURL, options = {}) => {
    const context = await browser.newContext({ baseURL, locale: 'en-US', timezoneId: 'America/Denver', ...options });
    context.setDefaultTimeout(inTime.timeout);
    const watched = watch(context);
    onTestFinished(async () => {
      await context.close();
      expect(watched.complaints).toEqual([]);
    });
    return { page: await context.newPage(), watched };
  };
}

class BrowserMissingError extends Error {
  override readonly name = 'BrowserMissingError';

  constructor() {
    super(howToGetBrowser());
    // The message is enough: the stack only points here.
    delete this.stack;
  }
}
