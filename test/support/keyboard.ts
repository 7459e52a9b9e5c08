import type { Locator, Page } from 'playwright-core';

/** More Tab stops than any page has. */
const MAX_STOPS = 80;

/** Presses Tab until the element has the focus. Throws when it is never reached or a stop on the way shows no focus. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let stop = 0; stop < MAX_STOPS; stop += 1) {
    await page.keyboard.press('Tab');
    const hidden = await page.evaluate(hiddenFocus);
    if (hidden !== null) throw new Error(`The focus is not visible on ${hidden}.`);
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`Tab does not reach ${target}.`);
}

/** Returns the focused element when its focus is not visible, otherwise null. Runs in the page. */
function hiddenFocus(): string | null {
  const { activeElement: focused } = document;
  // After the last element the focus is on the browser itself.
  if (focused === null || focused === document.body) return null;
  const { outlineStyle, outlineWidth } = getComputedStyle(focused);
  const visible = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
  return visible ? null : `${focused.tagName} ${focused.textContent?.trim() ?? ''}`;
}

/** An element that Tab reaches. */
interface Stop {
  /** The accessible name; empty for none. */
  name: string;
  /** What has the focus without showing it. */
  hidden: string | null;
}

/** Presses Tab from the start of the page until its end. Returns each element that had the focus. */
export async function everyStop(page: Page): Promise<Stop[]> {
  const stops: Stop[] = [];
  while (stops.length < MAX_STOPS) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => document.activeElement === document.body)) return stops;
    const focus = page.locator(':focus');
    // `- link "Home"`; the summary of an element `details` is only text.
    const [, name = ''] = /^- (?:[a-z]+ "|text: )(.*?)"?(?: \[.*)?:?$/m.exec(await focus.ariaSnapshot()) ?? [];
    stops.push({ name, hidden: await page.evaluate(hiddenFocus) });
  }
  throw new Error(`The page has more than ${MAX_STOPS} stops.`);
}
