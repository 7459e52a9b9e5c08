import type { Response } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { axeViolations, layoutProblems } from '../support/accessibility.ts';
import { browserForTests, type PageOptions } from '../support/browser.ts';
import { morePages, openPages, type Shown, staffPages } from '../support/pages.ts';
import { signIn, staffPagesForTests } from '../support/staffBrowser.ts';
import { inTime } from '../support/waitUntil.ts';

// The browser first: without one, no service is started that would not be stopped.
const visit = await browserForTests();
const staff = await staffPagesForTests({ charts: 14 });
const { url, store } = staff;

const PAGES = Object.entries({ ...openPages, ...staffPages, ...morePages });
/** The narrowest screen: a window of 640 at a zoom of 200 % is as wide. */
const NARROW = { width: 320, height: 640 };
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

/** Nothing from other origins, no inline script or style, no frames, no caching. */
const POLICY = [
  "base-uri 'none'",
  "connect-src 'self'",
  "default-src 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "img-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
];
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': expect.toSatisfy((policy: string) => policy.split(';').sort().join() === POLICY.join()),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

let shown: Shown;
let signedIn: PageOptions['storageState'];
beforeAll(async () => {
  const { _id: held } = await staff.addHeld('cedar-grove');
  const [[referral], [run]] = await Promise.all([
    store.collections.referrals.find({ status: 'open' }).toArray(),
    store.runs.list({ instance: 'north-harbor' }, 1),
  ]);
  shown = { held, linked: referral?._id ?? '', run: run?._id ?? '' };
});

/** Opens one of the pages, signed in as an administrator if the page requires it. */
async function open(name: string, options: PageOptions = {}) {
  const isOpen = name in openPages;
  const visited = await visit(url, { ...options, ...(isOpen ? {} : { storageState: signedIn }) });
  const { page } = visited;
  if (!isOpen && signedIn === undefined) {
    await signIn(page, 'ada');
    signedIn = await page.context().storageState();
  }
  const answers: Response[] = [];
  page.on('response', (answer) => {
    if (answer.request().isNavigationRequest()) answers.push(answer);
  });
  await PAGES.find(([one]) => one === name)?.[1](page, shown);
  return { ...visited, answers };
}

/** Makes every time of day as wide as any can be, so that a layout does not fit by the hour of the test. */
function widenTimes(): void {
  for (const time of document.querySelectorAll('time'))
    time.textContent = time.textContent.replace(/\b\d{1,2}:\d\d [AP]M/, '12:58 PM');
}

const names = PAGES.map(([name]) => name);

it.each(names)('The page %s is accessible, fits a phone and 320 px, and has the security headers', async (name) => {
  const { page, answers } = await open(name, PHONE);
  expect(answers.at(-1)?.headers()).toMatchObject(HEADERS);
  expect(await page.locator('script:not([src]), style, [style], [onclick], [onload]').count()).toBe(0);
  await page.evaluate(widenTimes);
  expect(await page.evaluate(layoutProblems)).toEqual([]);
  await page.setViewportSize(NARROW);
  expect(await page.evaluate(layoutProblems)).toEqual([]);

  await page.setViewportSize({ width: 1280, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
  expect(await axeViolations(page)).toEqual([]);
  // Only the colors differ.
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await axeViolations(page, ['color-contrast'])).toEqual([]);
});

describe('A browser', () => {
  it('blocks a script that was injected into a page', async () => {
    const { page, watched } = await open('held');
    const ran = await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'document.title = "ran"';
      document.body.append(script);
      return document.title;
    });
    expect(ran).not.toBe('ran');
    expect(watched.complaints.splice(0)).toEqual([expect.stringContaining('Content Security Policy')]);
  });

  it('shows no page in a frame of another site', async () => {
    const { page, watched } = await visit(url);
    await page.setContent(`<iframe src="${url}/sign-in"></iframe>`);
    await expect.poll(() => watched.complaints.splice(0).join(), inTime).toContain('frame');
    expect(await page.frames()[1]?.getByLabel('Password').count()).toBe(0);
  });
});

it('axe and the layout check find errors', async () => {
  const { page } = await visit(url, PHONE);
  await page.setContent('<main><button style="width: 500px; height: 20px"></button><img src="/none"></main>');
  expect((await axeViolations(page)).map((text) => text.split(' ').slice(0, 2).join(' '))).toEqual(
    expect.arrayContaining(['critical button-name', 'critical image-alt']),
  );
  expect(await page.evaluate(layoutProblems)).toEqual(
    expect.arrayContaining([expect.stringMatching(/off screen|wide/)]),
  );
});
