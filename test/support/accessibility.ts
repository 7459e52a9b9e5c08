import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Returns the violations that axe finds on the page: impact, rule and element. With `only`, it checks those rules alone. */
export async function axeViolations(page: Page, only?: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe);
  const options = only === undefined ? { rules: { 'target-size': { enabled: true } } } : { runOnly: only };
  const results: AxeResults = await page.evaluate(`axe.run(${JSON.stringify(options)})`);
  return results.violations.map(({ impact, id, nodes }) => {
    const [first] = nodes;
    return `${impact} ${id} (${nodes.length}): ${first?.html} ${first?.failureSummary}`;
  });
}

/** Returns the elements that overflow the screen or are too small to tap. Runs in the page. */
export function layoutProblems(): string[] {
  const found: string[] = [];
  const nameOf = (element: Element) =>
    `${element.tagName} ${element.className} "${element.textContent?.trim().slice(0, 40)}"`;
  const isShown = (element: Element) => element.checkVisibility() && element.closest('.hidden, .skip') === null;
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > screen.width) found.push(`the page is ${scrollWidth} wide on a screen of ${screen.width}`);
  for (const element of document.querySelectorAll('body *')) {
    const { left, right } = element.getBoundingClientRect();
    if (isShown(element) && (left < -0.5 || right > screen.width + 0.5)) found.push(`off screen: ${nameOf(element)}`);
  }
  for (const element of document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea, summary')) {
    if (!isShown(element)) continue;
    const { width, height } = (element.closest('label') ?? element).getBoundingClientRect();
    // A link inside a sentence is as high as its line.
    const isInline = getComputedStyle(element).display === 'inline' && element.closest('p, li, dd') !== null;
    const least = element.matches('button, .button, input, select, textarea, nav a') ? 44 : 24;
    if (!isInline && (height < least - 0.5 || width < 24)) found.push(`${width} × ${height}: ${nameOf(element)}`);
  }
  return found;
}
