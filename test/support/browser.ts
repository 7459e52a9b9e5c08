import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, expect, onTestFinished } from 'vitest';
import { findBrowser, howToGetBrowser } from '../../dev/setup/browser.js';
import { type Watched, watch } from './browserRecorder.ts';
import { inTime } from './waitUntil.ts';

const QUIET = ['quic', 'background-networking', 'component-update', 'sync', 'gpu'].map((what) => `--disable-${what}`);

/** A page of a browser that nobody used before. */
export interface Visit {
  page: Page;
  watched: Watched;
}

export type PageOptions = BrowserContextOptions;

/** Starts the browser with nothing kept from before. Close it. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === null) throw new BrowserMissingError();
  return chromium.launch({
    executablePath,
    headless: true,
    // Nobody but root has to do without: Chromium refuses to start otherwise.
    chromiumSandbox: process.getuid?.() !== 0,
    args: [...QUIET, '--no-first-run'],
  });
}

/**
 * Starts a browser for a test file, and gives the way to visit pages. To be awaited at the top level of the file. Each visit
 * knows nothing of the others, ends with its test, and fails it where a page complained.
 */
export async function browserForTests(): Promise<(url: string, options?: PageOptions) => Promise<Visit>> {
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
    // The one clear message, and not the place in here.
    delete this.stack;
  }
}
