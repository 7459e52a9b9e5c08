import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { browserForTests } from '../support/browser.ts';
import { signIn, staffPagesForTests } from '../support/staffBrowser.ts';
import { inTime } from '../support/waitUntil.ts';

// The browser first: without one, no service is started that would not be stopped.
const visit = await browserForTests();
const staff = await staffPagesForTests();
const { url, store } = staff;

it('Staff record a consent, export the referral to whom it names, see the disclosure, and revoke the consent', async () => {
  const held = await staff.addHeld('north-harbor', { last_name: 'Farrowgate' });
  await staff.unlock(held);
  await expect.poll(() => store.referrals.get(held._id), inTime).not.toBeNull();
  const { page } = await visit(url);
  await signIn(page, 'sam', `/records/${held._id}`);
  const panel = page.getByRole('region', { name: 'Consent and disclosures' });
  await panel.getByText('Consent unknown').waitFor();

  await panel.getByRole('link', { name: 'Record consent' }).click();
  await page.getByLabel('State').selectOption('recorded');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('at least one recipient').waitFor();
  await page.getByLabel('Recipients').fill('Amber Ridge Recovery\nprobation office');
  await page.getByLabel('treatment').check();
  await page.getByLabel('Signed on').fill('2026-01-04');
  await page.getByRole('button', { name: 'Save' }).click();
  await panel.getByText('Consent recorded').waitFor();

  const exportTo = async (recipient: string) => {
    await panel.getByRole('link', { name: 'Export this referral' }).click();
    await page.getByLabel('Who receives the file').fill(recipient);
    await page.getByRole('button', { name: 'Check' }).click();
  };
  await exportTo('Somebody else');
  await page.getByText('No referral will be exported').waitFor();
  expect(await page.getByRole('button', { name: 'Export as CSV' }).count()).toBe(0);
  await page.getByRole('link', { name: 'Back', exact: true }).click();
  await exportTo('amber ridge recovery');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export as CSV' }).click(),
  ]);
  const text = await readFile(await download.path(), 'utf8');
  expect(text).toContain('Farrowgate');
  expect(text).toContain('to Amber Ridge Recovery, for treatment');
  expect(text).not.toContain('probation');

  await page.goto(`/records/${held._id}`);
  await panel.getByText('version 1 to amber ridge recovery, treatment').waitFor();
  await panel.getByRole('link', { name: 'Change consent' }).click();
  await page.getByLabel('State').selectOption('revoked');
  await page.getByRole('button', { name: 'Save' }).click();
  await panel.getByText('Consent revoked').waitFor();
  await exportTo('Amber Ridge Recovery');
  await page.getByText('No referral will be exported').waitFor();
});
