import type { Locator, Page } from 'playwright-core';

/** More stops than any page has before what one wants. */
const MOST = 60;

/** Presses Tab until the part has the focus. Throws where it is never reached, or a stop on the way is not seen. */
export async function tabTo(page: Page, part: Locator): Promise<void> {
  for (let stop = 0; stop < MOST; stop += 1) {
    await page.keyboard.press('Tab');
    const unseen = await page.evaluate(unseenFocus);
    if (unseen !== null) throw new Error(`The focus is not seen on ${unseen}.`);
    if (await part.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error('Tab does not lead there.');
}

/** What has the focus and does not show it; null where all is well. Runs in the page. */
function unseenFocus(): string | null {
  const { activeElement: focused } = document;
  // Once around, the focus is on the browser's own parts.
  if (focused === null || focused === document.body) return null;
  const { outlineStyle, outlineWidth } = getComputedStyle(focused);
  const seen = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
  return seen ? null : `${focused.tagName} ${focused.textContent?.trim() ?? ''}`;
}
