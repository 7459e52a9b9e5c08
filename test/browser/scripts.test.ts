import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { axeViolations, layoutProblems } from '../support/accessibility.ts';
import { heldRecord } from '../support/markedDocuments.ts';
import { BASE, openedInMemory } from '../support/openedInMemory.ts';
import { NOW } from '../support/staffApp.ts';
import { inTime } from '../support/waitUntil.ts';

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

const people = Array.from({ length: 60 }, (_, n) => heldRecord({ lastName: `Family${n}`, firstName: 'Wilhelmina' }));
const [first, second, third] = people;
const open = await openedInMemory({ records: people });

const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent ?? '');
const nameOf = (record = first) => `${record?.chart?.lastName}, Wilhelmina`;

describe('An open page', () => {
  it('shows what is new after 30 seconds, and keeps the selection and the focus', async () => {
    const { page, staff, pass, asked } = await open('/held');
    await page.getByRole('checkbox', { name: nameOf(second), exact: true }).check();
    await page.getByRole('checkbox', { name: nameOf(third), exact: true }).check();
    await page.getByRole('link', { name: nameOf(third), exact: true }).focus();
    staff.data.records = staff.data.records.filter(({ _id }) => _id !== first?._id);
    await pass(31);
    await expect.poll(() => page.getByRole('link', { name: nameOf(first), exact: true }).count(), inTime).toBe(0);
    await page.getByText('59 locked records', { exact: true }).waitFor();
    await page.getByText('2 selected').waitFor();
    expect(await page.locator('[data-count="/held"]').innerText()).toContain('59');
    expect(await page.getByRole('checkbox', { name: nameOf(third), exact: true }).isChecked()).toBe(true);
    expect(await focused(page)).toBe(nameOf(third));
    expect(asked.filter((one) => one === 'GET /held')).toHaveLength(2);
  });

  it('stays as it is while a person marks text in it or reads a dialog', async () => {
    const { page, pass, asked } = await open('/held');
    await page.getByRole('link', { name: nameOf(second), exact: true }).selectText();
    await pass(40);
    await page.evaluate(() => getSelection()?.removeAllRanges());
    await page.keyboard.press('?');
    await pass(40);
    expect(asked.filter((one) => one === 'GET /held')).toHaveLength(1);
    await page.getByRole('button', { name: 'Close' }).click();
    await pass(5);
    await expect.poll(() => asked.filter((one) => one === 'GET /held').length, inTime).toBe(2);
  });

  it('keeps what was chosen and not sent yet in the filters of a list', async () => {
    const { page, staff, pass, asked } = await open('/attention');
    await page.getByLabel('KIPU connection').selectOption('south');
    await page.getByRole('button', { name: 'Filter' }).focus();
    staff.data.records = staff.data.records.slice(1);
    await pass(31);
    await expect.poll(() => asked.filter((one) => one === 'GET /attention').length, inTime).toBe(2);
    await expect.poll(() => page.locator('[data-count="/held"]').innerText(), inTime).toContain('59');
    expect(await page.getByLabel('KIPU connection').inputValue()).toBe('south');
  });

  it('without a list shows new counts and banners alone, so that typed text stays', async () => {
    const { page, staff, pass, asked } = await open(`/records/${second?._id}/unlock`);
    await page.getByLabel('In your own words').fill('called');
    staff.data.records = staff.data.records.slice(1);
    await pass(31);
    await expect.poll(() => page.locator('[data-count="/held"]').innerText(), inTime).toContain('59');
    expect(asked).toContain('GET /frame');
    expect(await page.getByLabel('In your own words').inputValue()).toBe('called');
  });

  it('selects all from the head of the table, counts what is selected, and colors it', async () => {
    const { page } = await open('/held');
    const all = page.getByRole('checkbox', { name: 'Select all on this page' });
    await all.check();
    await page.getByText('50 selected').waitFor();
    await page.getByRole('checkbox', { name: nameOf(second), exact: true }).uncheck();
    await page.getByText('49 selected').waitFor();
    expect(await all.evaluate((box) => (box instanceof HTMLInputElement ? box.indeterminate : null))).toBe(true);
    await page.mouse.move(0, 0);
    const color = (record = first) =>
      page
        .locator('tbody tr', { hasText: nameOf(record) })
        .first()
        .evaluate((row) => getComputedStyle(row).backgroundColor);
    expect(await color(third)).not.toBe(await color(second));
    // The bar is in sight although the list is longer than the screen.
    const bar = await page.getByRole('button', { name: 'Unlock selected' }).boundingBox();
    expect((bar?.y ?? 0) + (bar?.height ?? 0)).toBeLessThanOrEqual(720);
  });

  it('begins on the first screen of a phone, and at 200 % zoom fits the screen', async () => {
    const { page } = await open('/held', {}, PHONE);
    const box = await page.locator('tbody tr').first().boundingBox();
    expect((box?.y ?? 9_999) + (box?.height ?? 0)).toBeLessThanOrEqual(PHONE.viewport.height);
    await page.getByText('Filters', { exact: true }).click();
    await page.getByLabel('Location').waitFor();
    expect(await page.evaluate(layoutProblems)).toEqual([]);
    const zoomed = await open('/held', {}, { viewport: { width: 640, height: 450 } });
    expect(await zoomed.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(640);
  });
});

describe('The keys', () => {
  it('move through the rows, open one, and go to the search; in a field they are letters', async () => {
    const { page } = await open('/held');
    for (const key of ['j', 'j', 'j', 'k']) await page.keyboard.press(key);
    expect(await focused(page)).toBe(nameOf(second));
    await page.keyboard.press('x');
    await page.getByText('1 selected').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('jk/?');
    expect(await page.getByRole('searchbox').inputValue()).toBe('jk/?');
    await page.getByRole('link', { name: nameOf(first), exact: true }).focus();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: nameOf(second) }).waitFor();
  });

  it('are listed in an accessible dialog, which turns them off for this browser and on again', async () => {
    const { page } = await open('/held');
    await page.keyboard.press('?');
    const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await dialog.waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await dialog.getByRole('checkbox').uncheck();
    await page.keyboard.press('Escape');
    await page.reload();
    for (const key of ['j', '?']) await page.keyboard.press(key);
    expect([await dialog.count(), await page.locator('tbody a:focus').count()]).toEqual([0, 0]);
    await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
    await dialog.getByRole('checkbox').check();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.keyboard.press('j');
    expect(await focused(page)).toBe(nameOf(first));
  });
});

describe('A session without activity', () => {
  const unlock = `/records/${first?._id}/unlock`;
  const start = () => open(unlock, { sessionEndsAt: new Date(NOW.getTime() + 60_000) });

  it('warns before it ends, and goes on when the person wants to stay', async () => {
    const { page, pass } = await start();
    await pass(25);
    const dialog = page.getByRole('dialog', { name: 'Are you still there?' });
    expect(await dialog.count()).toBe(0);
    await pass(10);
    await dialog.waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Stay signed in' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await pass(25);
    expect([await dialog.count(), page.url()]).toEqual([0, `${BASE}${unlock}`]);
  });

  it('leaves the page, and a reason that was typed is there after the next sign-in', async () => {
    const { page, pass, staff, asked } = await start();
    await page.getByLabel('In your own words').pressSequentially('called the nurse');
    await pass(3);
    await expect.poll(() => asked, inTime).toContain(`POST ${unlock}/reason`);
    for (let n = 0; n < 9; n += 1) await pass(8);
    await page.waitForURL(/\/sign-in\?next=/);
    expect(new URL(page.url()).search).toBe(`?${new URLSearchParams({ next: unlock, over: '1' })}`);
    expect(await page.locator('body').innerText()).not.toContain('Family0');
    expect(Object.values(staff.data.pageStates)).toEqual([{ kind: 'reason', why: 'called the nurse' }]);
    const kept = await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));
    expect(kept).not.toMatch(/nurse|Family/);
  });
});
