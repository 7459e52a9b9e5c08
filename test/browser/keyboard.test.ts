import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { axeViolations, layoutProblems } from '../support/accessibility.ts';
import { everyStop } from '../support/keyboard.ts';
import { stories } from '../support/markedDocuments.ts';
import { aRun } from '../support/memoryStore.ts';
import { openedInMemory } from '../support/openedInMemory.ts';

const { all } = stories();
const open = await openedInMemory({
  ...all,
  runs: [...all.runs, aRun({ _id: 'r', status: 'running', endedAt: null })],
});

const focused = (page: Page) => page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent);

describe('With the keyboard', () => {
  it.each([
    ['Home', '/', 20],
    ['Locked records', '/held', 25],
  ])('%s is walked through with Tab: each stop has a name and shows its focus', async (_, path, least) => {
    const { page } = await open(path, { role: 'admin' });
    const stops = await everyStop(page);
    expect(stops.filter(({ name, hidden }) => name === '' || hidden)).toEqual([]);
    expect(stops[0]?.name).toBe('Skip to the content');
    expect(stops.length).toBeGreaterThanOrEqual(least);
  });

  it('the first Tab shows the link that skips the navigation', async () => {
    const { page } = await open('/held');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await focused(page)).toBe('main');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true);
  });

  it('a dialog returns the focus to where it was', async () => {
    const { page } = await open('/held');
    const button = page.getByRole('button', { name: 'Keyboard shortcuts' });
    for (const close of ['Escape', 'Enter']) {
      await button.focus();
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
      await dialog.waitFor();
      if (close === 'Enter') await dialog.getByRole('button', { name: 'Close' }).focus();
      await page.keyboard.press(close);
      await dialog.waitFor({ state: 'hidden' });
      expect(await focused(page)).toBe('Keyboard shortcuts');
    }
  });
});

it.each([
  ['reduce', false],
  ['no-preference', true],
] as const)('With prefers-reduced-motion: %s, something moves: %s', async (reducedMotion, moves) => {
  const { page } = await open('/runs', {}, { reducedMotion });
  await page.locator('.turning').first().waitFor();
  const moving = await page.evaluate(() =>
    [...document.querySelectorAll('*')]
      .map((element) => getComputedStyle(element))
      .some(
        ({ animationName, transitionDuration }) => animationName !== 'none' || !/^0s(, 0s)*$/.test(transitionDuration),
      ),
  );
  expect(moving).toBe(moves);
});

it('A connection is added on accessible pages that fit 320 px: credentials, the result of the test, the secrets, a change', async () => {
  const { page } = await open('/connections/add', { role: 'admin' }, { viewport: { width: 320, height: 640 } });
  const isFine = async (heading: string) => {
    await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
    expect([heading, await page.evaluate(layoutProblems), await axeViolations(page)]).toEqual([heading, [], []]);
  };
  await isFine('Add a KIPU connection');
  for (const [label, value] of [
    ['Name', 'blue-mesa'],
    ["Address of KIPU's API", 'https://kipu.example'],
    ['Access ID', 'invented-access'],
    ['Secret key', 'an-invented-key'],
    ['App ID (recipient)', 'invented-app'],
  ] as const)
    await page.getByLabel(label, { exact: true }).fill(value);
  await page.getByRole('button', { name: 'Test the connection' }).click();
  await isFine('Test result');
  await page.getByRole('button', { name: 'Add blue-mesa' }).click();
  await isFine('blue-mesa is added');
  await page.goto('/connections/blue-mesa/edit');
  await isFine('Change blue-mesa');
});
