// Takes screenshots of the pages for the documentation: `npm run screenshots`. SCREENSHOTS names another folder.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { startMongo } from '../../dev/servers/mongo.ts';
import { startStandIn } from '../../dev/stand-in/index.ts';
import { openStore } from '../../store/connect.ts';
import { startBrowser } from '../support/browser.ts';
import { root } from '../support/imports.ts';
import { adminPages, openPages, type Shown, staffPages } from '../support/pages.ts';
import { smallPng } from '../support/png.ts';
import { serveScreenshots } from '../support/screenshotApp.ts';
import { addExampleData, NOW, people, setClock } from '../support/screenshotData.ts';

const FOLDER = process.env.SCREENSHOTS ?? join(root, 'docs/screenshots');
const WIDE = { width: 1280, height: 860 };
const LOOKS = {
  light: { viewport: WIDE, colorScheme: 'light' },
  dark: { viewport: WIDE, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: 'light', isMobile: true, hasTouch: true },
} satisfies Record<string, BrowserContextOptions>;
type Look = keyof typeof LOOKS;
type Open = (page: Page, shown: Shown) => Promise<unknown>;
type Pages = Readonly<Record<string, Open>>;
type Name = keyof (typeof openPages & typeof staffPages & typeof adminPages);
/** Pages that look like others. */
const OMITTED: readonly Name[] = ['sign-in-refused', 'export-refused', 'webhook-evidence', 'no-such-page'];
/** The pages that are also drawn dark, and on a phone. */
const ALSO: Partial<Record<Look, readonly Name[]>> = {
  dark: ['home', 'held', 'held-record'],
  phone: ['sign-in', 'home', 'attention', 'held', 'held-record'],
};

const mongo = await startMongo({ storagePath: ':memory:' });
const store = openStore({ uri: mongo.uri, database: 'screenshots' });
try {
  await store.setUp();
  // From here on the clock stands still, so that a page that did not change changes no file.
  setClock(NOW);
  const standIn = await startStandIn({ now: () => new Date() });
  const shown = await addExampleData(store, standIn);
  const app = await serveScreenshots(store, standIn);
  const browser = await startBrowser();
  try {
    // Removes screenshots of former pages, but never the files of another folder.
    if (process.env.SCREENSHOTS === undefined) await rm(FOLDER, { recursive: true, force: true });
    await mkdir(FOLDER, { recursive: true });
    const draw = drawer(browser, app.url, shown);
    for (const look of Object.keys(LOOKS) as Look[]) {
      const wanted = (name: string) =>
        !OMITTED.some((one) => one === name) && (ALSO[look]?.some((one) => one === name) ?? true);
      const named = (pages: Pages) => Object.entries(pages).filter(([name]) => wanted(name));
      await draw(look, named(openPages), null);
      // First, because the audit has the visits to the other pages.
      await draw(look, named(adminPages), people.ada);
      await draw(look, named(staffPages), people.dana);
    }
  } finally {
    await browser.close();
    await app.stop();
    await standIn.close();
  }
} finally {
  await store.close();
  await mongo.stop();
}

/** Returns a function that draws pages in one look, for a person who signs in first; null for nobody. */
function drawer(browser: Browser, baseURL: string, shown: Shown) {
  return async (look: Look, pages: [string, Open][], person: { name: string; password: string } | null) => {
    if (pages.length === 0) return;
    const fixed = { locale: 'en-US', timezoneId: 'America/New_York', reducedMotion: 'reduce' } as const;
    const context = await browser.newContext({ baseURL, ...fixed, ...LOOKS[look] });
    await context.clock.setFixedTime(NOW);
    const page = await context.newPage();
    if (person !== null) await signIn(page, person);
    for (const [name, open] of pages) {
      await open(page, shown);
      // What the pointer happens to be on looks different.
      await page.mouse.move(0, 0);
      await page.evaluate(() => scrollTo(0, 0));
      const picture = await page.screenshot({ animations: 'disabled', caret: 'hide' });
      const file = join(FOLDER, `${name}-${look}.png`);
      await writeFile(file, smallPng(picture));
      process.stdout.write(`${file}\n`);
    }
    await context.close();
  };
}

async function signIn(page: Page, { name, password }: { name: string; password: string }): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('Username').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}
