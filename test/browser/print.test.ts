import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { heldRecord, referralOf } from '../support/markedDocuments.ts';
import { openedInMemory } from '../support/openedInMemory.ts';
import { at } from '../support/recordFixtures.ts';

/** Sheets in landscape with the margins of the style sheet, in CSS pixels. */
const SHEETS = { A4: { width: 1_031, height: 702 }, Letter: { width: 965, height: 725 } };
/** Letter upright, for browsers that ignore the orientation that the style sheet requests. */
const UPRIGHT = { width: 725, height: 965 };

const names = { lastName: 'Featherstonehaugh', firstName: 'Wilhelmina', destination: 'Amber Ridge Recovery Center' };
const people = Array.from({ length: 60 }, (_, n) => heldRecord({ ...names, lastName: `${names.lastName}${n}` }));
const linked = { ...heldRecord(names), status: 'synced' as const, hold: null };
const failure = { key: 'k', code: 'not-found', text: 'KIPU has no such chart', times: 2, at };
const failed = { ...heldRecord(names), status: 'failed' as const, hold: null, failure };
const open = await openedInMemory({ records: [...people, linked, failed], referrals: [referralOf(linked, names)] });

it.each([
  ['Locked records', '/held', 50, 4],
  ['Needs attention', '/attention', 40, 6],
  ['The day', '/day?on=2026-02-27&list=all', 50, 4],
])('%s is printed on few sheets with whole words, its head on each, and no controls', async (_, path, rows, most) => {
  const { page, pass } = await open(path, {}, { viewport: SHEETS.A4 });
  await pass(60);
  await page.emulateMedia({ media: 'print' });
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  expect(await page.locator('tbody tr:visible').count()).toBeGreaterThanOrEqual(rows);
  expect(await page.locator('.printed').innerText()).toBe('Printed Mar 1, 5:01 AM by Robin Vale · Confidential');
  for (const control of ['button', 'input', 'select', 'nav:not([aria-label="Kinds"])', 'search', '.bar', '.updated'])
    expect(await page.locator(`${control}:visible`).count()).toBe(0);
  for (const sheet of [...Object.values(SHEETS), UPRIGHT]) {
    await page.setViewportSize(sheet);
    expect(await page.evaluate(tooWide)).toEqual([]);
    expect(await shownAs(page, 'tbody td')).toEqual(['table-cell']);
    expect(await shownAs(page, 'thead')).toEqual(['table-header-group']);
    expect(await page.evaluate(brokenWords)).toEqual([]);
  }
  for (const format of Object.keys(SHEETS)) {
    const pdf = (await page.pdf({ format, preferCSSPageSize: true })).toString('latin1');
    // Landscape: wider than high.
    const [, width, height] = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(pdf) ?? [];
    expect(Number(width)).toBeGreaterThan(Number(height));
    expect(pdf.match(/\/Type \/Page\b/g)?.length).toBeLessThanOrEqual(most);
  }
});

/** Returns the values of `display` of the elements in sight. */
async function shownAs(page: Page, selector: string): Promise<string[]> {
  const all = await page
    .locator(`${selector}:visible`)
    .evaluateAll((found) => found.map((element) => getComputedStyle(element).display));
  return [...new Set(all)];
}

/** Returns the elements that are wider than the sheet. Runs in the page. */
function tooWide(): string[] {
  return [...document.querySelectorAll('body *')]
    .filter((element) => element.checkVisibility() && element.closest('.hidden') === null)
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
    .map((element) => `${element.tagName} ${element.className} ${element.textContent?.slice(0, 40)}`);
}

/** Returns the words of tables that are broken over lines. Runs in the page. */
function brokenWords(): string[] {
  const broken = new Set<string>();
  for (const cell of document.querySelectorAll('td, th')) {
    if (!cell.checkVisibility() || cell.querySelector('svg') !== null) continue;
    const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const { currentNode: node } = texts;
      if (node.parentElement?.closest('.hidden') !== null) continue;
      // A word with a hyphen may continue on the next line.
      for (const { index, 0: word } of (node.textContent ?? '').matchAll(/[^\s-]+/g)) {
        const range = document.createRange();
        range.setStart(node, index);
        range.setEnd(node, index + word.length);
        const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
        if (lines.size > 1) broken.add(word);
      }
    }
  }
  return [...broken];
}
