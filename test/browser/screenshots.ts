// Takes screenshots of the pages for the documentation: `npm run screenshots`. SCREENSHOTS names another folder.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { runAsService } from '../../cli/backing/services.ts';
import { readSettings } from '../../config/settings.ts';
import { startBrowser } from '../support/browser.ts';
import { root } from '../support/imports.ts';
import { openPages, staffPages } from '../support/pages.ts';
import { smallPng } from '../support/png.ts';
import { addExampleData, person } from '../support/screenshotData.ts';

const FOLDER = process.env.SCREENSHOTS ?? join(root, 'docs/screenshots');
const WIDE = { width: 1280, height: 860 };
const LOOKS: Record<string, BrowserContextOptions> = {
  light: { viewport: WIDE, colorScheme: 'light' },
  dark: { viewport: WIDE, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: 'light', isMobile: true, hasTouch: true },
};
/** Pages that look like others. */
const OMITTED = ['sign-in-refused', 'search', 'export-refused', 'no-such-page'];

const dataDir = await mkdtemp(join(tmpdir(), 'kipu-referrals-screenshots-'));
const settings = readSettings({ DATA_DIR: dataDir, WEB_ADDRESS: '127.0.0.1:0', LOG_LEVEL: 'error' });
try {
  await runAsService(settings, 'service', async (parts, signal) => {
    const shown = await addExampleData(parts, signal);
    const browser = await startBrowser();
    try {
      // Removes screenshots of former pages, but never the files of another folder.
      if (process.env.SCREENSHOTS === undefined) await rm(FOLDER, { recursive: true, force: true });
      await mkdir(FOLDER, { recursive: true });
      for (const [look, options] of Object.entries(LOOKS)) {
        const context = await browser.newContext({ baseURL: parts.webUrl ?? '', locale: 'en-US', ...options });
        const page = await context.newPage();
        for (const [name, open] of Object.entries({ ...openPages, ...staffPages })) {
          if (OMITTED.includes(name)) continue;
          if (name === 'home') await signIn(page);
          await open(page, shown);
          const file = join(FOLDER, `${name}-${look}.png`);
          await writeFile(file, smallPng(await page.screenshot()));
          process.stdout.write(`${file}\n`);
        }
        await context.close();
      }
    } finally {
      await browser.close();
    }
  });
} finally {
  await rm(dataDir, { recursive: true, force: true });
}

async function signIn(page: Page): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('Username').fill(person.name);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}
