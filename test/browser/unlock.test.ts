import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { browserForTests } from '../support/browser.ts';
import { tabTo } from '../support/keyboard.ts';
import { passwordOf, signIn, staffPagesForTests } from '../support/staffBrowser.ts';
import { inTime } from '../support/waitUntil.ts';

// The browser first: without one, no service is started that would not be stopped.
const visit = await browserForTests();
const staff = await staffPagesForTests();
const { url, standIn, store } = staff;

const panel = (page: Page, name: string) => page.getByRole('region', { name });

/** Enters a reason and unlocks the record. */
async function unlock(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Unlock EMR Updates' }).click();
  await page.getByLabel('In your own words').fill('discharge checked by phone');
  await page.getByRole('button', { name: 'Unlock', exact: true }).click();
}

async function expectOneUnlock(recordId: string): Promise<void> {
  expect(await store.records.get(recordId)).toMatchObject({
    ...{ status: 'synced', hold: null },
    unlocked: { by: 'sam (Sam Okafor)', why: 'discharge checked by phone' },
  });
  const events = await store.auditEvents.ofRecord(recordId);
  expect(events.filter(({ what }) => what === 'unlock-requested')).toMatchObject([{ who: 'sam', outcome: 'sent' }]);
  const views = await store.auditEvents.viewsOf(recordId, 20);
  expect(views.map(({ who }) => who)).toContain('sam');
}

describe('One locked record', () => {
  it('is found, unlocked with a reason, and its referral appears without a reload', async () => {
    const { _id } = await staff.addHeld('north-harbor', { last_name: 'Marchbanks', first_name: 'Isolde' });
    const { page, watched } = await visit(url);
    await signIn(page, 'sam', '/held');
    await page.getByRole('link', { name: /^Marchbanks, Isolde/ }).click();
    await page.getByText('Patient Discharged: EMR Updates Locked').waitFor();
    const slow = standIn.faults.inject({ kind: 'delay', ms: 1_500, instance: 'north-harbor', route: 'chart' });
    await unlock(page);

    await page.getByText(/(Unlock requested|Pulling the chart from KIPU) …/).waitFor();
    await page.evaluate(() => document.body.setAttribute('data-kept', 'yes'));
    await panel(page, 'Outbound referral').getByText('Amber Ridge Recovery').waitFor();
    await panel(page, 'Linked EMR Record').getByText('Unlocked by sam (Sam Okafor)').waitFor();
    expect(await page.locator('body').getAttribute('data-kept')).toBe('yes');
    // The referral is written before the record is.
    await expect.poll(() => page.getByRole('status').textContent(), inTime).toBe('Linked. Referral created.');
    expect(slow.applied).toBe(1);
    slow.remove();
    expect(watched.urls.filter((url) => /marchbanks|isolde/i.test(url))).toEqual([]);
    await expectOneUnlock(_id);
  });

  it('is unlocked without JavaScript too, and the page reloads until it shows the referral', async () => {
    const { _id } = await staff.addHeld('north-harbor', { last_name: 'Thistlewood' });
    const { page } = await visit(url, { javaScriptEnabled: false });
    await signIn(page, 'sam', '/held');
    await page.getByRole('link', { name: /^Thistlewood/ }).click();
    const slow = standIn.faults.inject({ kind: 'delay', ms: 1_500, instance: 'north-harbor', route: 'chart' });
    await unlock(page);
    await page.getByText(/(Unlock requested|Pulling the chart from KIPU) …/).waitFor();
    await panel(page, 'Outbound referral').getByText('Amber Ridge Recovery').waitFor();
    slow.remove();
    await expectOneUnlock(_id);
  });

  it('is unlocked with the keyboard alone', async () => {
    const { _id } = await staff.addHeld('north-harbor', { last_name: 'Underhill' });
    const { page } = await visit(url);
    await page.goto('/held');
    await tabTo(page, page.getByLabel('Username'));
    await page.keyboard.type('sam');
    await tabTo(page, page.getByLabel('Password'));
    await page.keyboard.type(passwordOf('sam'));
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Sign out' }).waitFor();

    await page.keyboard.press('Tab');
    const skip = page.getByRole('link', { name: 'Skip to the content' });
    await expect.poll(async () => (await skip.boundingBox())?.y, inTime).toBeGreaterThanOrEqual(0);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate(() => document.activeElement?.id), inTime).toBe('main');
    await tabTo(page, page.getByRole('link', { name: /^Underhill/ }));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /^Underhill/ }).waitFor();
    await tabTo(page, page.getByRole('link', { name: 'Unlock EMR Updates' }));
    await page.keyboard.press('Enter');
    await page.getByLabel('In your own words').waitFor();
    await tabTo(page, page.getByLabel('In your own words'));
    await page.keyboard.type('discharge checked by phone');
    await tabTo(page, page.getByRole('button', { name: 'Unlock', exact: true }));
    await page.keyboard.press('Enter');
    await panel(page, 'Outbound referral').getByText('Amber Ridge Recovery').waitFor();
    await expectOneUnlock(_id);
  });

  it('shows a script in a name as text and never runs it', async () => {
    const last_name = '<script>alert(1)</script><img src=x onerror=alert(2)>';
    const { _id } = await staff.addHeld('north-harbor', {
      last_name,
      discharge_or_transition_name: `${last_name} House`,
    });
    const { page } = await visit(url);
    await signIn(page, 'sam', '/held');
    await page.getByRole('link', { name: last_name }).click();
    await page.getByRole('heading', { name: last_name }).waitFor();
    await unlock(page);
    await panel(page, 'Outbound referral').getByText(`${last_name} House`).first().waitFor();
    await page.goto('/referrals');
    await page.getByRole('link', { name: last_name }).waitFor();
    expect(await page.locator('main script, main img').count()).toBe(0);
    await expectOneUnlock(_id);
  });
});

describe('Several locked records', () => {
  it('are selected, unlocked with one reason after a confirmation, and each shows its result', async () => {
    const names = ['Alderman', 'Bellweather', 'Coppersmith'];
    for (const last_name of names) standIn.add('cedar-grove', { last_name, discharge_date: '2026-01-03 09:00:00' });
    standIn.add('cedar-grove', { last_name: 'Staying', discharge_date: '2026-01-02 09:00:00' });
    await staff.run('cedar-grove');
    const { page } = await visit(url);
    await signIn(page, 'sam', '/held');
    await page.getByLabel('KIPU connection').selectOption('cedar-grove');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByRole('link', { name: 'Select all on this page' }).click();
    const boxes = page.locator('tbody input:checked');
    await expect.poll(() => boxes.count(), inTime).toBe(4);
    await page.getByRole('checkbox', { name: /^Staying/ }).uncheck();
    await page.getByRole('button', { name: 'Unlock selected' }).click();

    await page.getByRole('heading', { name: 'Unlock 3 records' }).waitFor();
    expect(await page.locator('tbody').innerText()).not.toContain('Staying');
    await page.getByRole('button', { name: 'Unlock 3 records' }).click();
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Unlock 3 records');
    await page.getByLabel('In your own words').fill('list checked with the nurse');
    await page.getByRole('button', { name: 'Unlock 3 records' }).click();
    await page.getByText('3 of 3 done, 3 with a referral. ').waitFor();
    // Neither going back nor reloading sends anything again.
    await page.reload();
    await page.getByText('3 of 3 done, 3 with a referral. ').waitFor();
    await page.goBack();
    await page.getByText('3 of 3 done, 3 with a referral. ').waitFor();
    expect((await store.records.held({ instance: 'cedar-grove' }, 10)).map(({ chart }) => chart?.lastName)).toEqual([
      'Staying',
    ]);
  });
});

describe('The page Demo', () => {
  it('discharges a patient in the stand-in, whose record is then locked', async () => {
    const discharged = () => standIn.charts('north-harbor').filter(({ patient }) => patient.discharge_date).length;
    const locked = () => store.records.heldCount({ instances: ['north-harbor'] });
    const before = [discharged(), await locked()];
    const { page } = await visit(url);
    await signIn(page, 'ada');
    await page.getByRole('link', { name: 'Demo' }).click();
    await panel(page, 'north-harbor').getByRole('button', { name: 'Discharge a patient' }).click();
    await page.getByText('A patient was discharged in KIPU').waitFor();
    expect(discharged()).toBe((before[0] ?? 0) + 1);
    await expect.poll(locked, inTime).toBe((before[1] ?? 0) + 1);
  });
});
