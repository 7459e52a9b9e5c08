import { expect, it } from 'vitest';
import { outageTexts } from '../../domain/outage.ts';
import { adminData } from '../support/adminPages.ts';
import { heldRecord, referralOf } from '../support/markedDocuments.ts';
import { aRun } from '../support/memoryStore.ts';
import { openedInMemory } from '../support/openedInMemory.ts';
import { aHold } from '../support/recordFixtures.ts';
import { NOW } from '../support/staffApp.ts';

/*
 * What a trial of the pages by clinic staff found wrong or misleading, and what holds it now: one test for each, in a browser. These
 * have their test elsewhere:
 * - a list prints as whole rows on few sheets: print.test.ts
 * - a session warns before it ends, and keeps a typed reason: scripts.test.ts
 * - people change their own password: signIn.test.ts; an administrator's changes by command: integration/accounts.test.ts
 * - one message for each day instead of one for each record, and news of failed syncs: integration/notices.test.ts
 * - what `start` prints before its first syncs, that it outlives its database, and that its commands are complete:
 *   integration/start.test.ts
 */

const CLINIC = 'America/Los_Angeles';
const instances = [{ name: 'north', timeZone: CLINIC }, { name: 'south' }];
const patient = { firstName: 'Elspeth', lastName: 'Thistlewick', mrNumber: 'MR-20017', destination: 'Copper Vale' };
// The evening before in California.
const evening = { dischargeDate: '2026-02-28T04:45:52.000Z', dob: '1991-11-20T00:00:00' };
const named = heldRecord(patient, { timeZone: CLINIC });
const held = {
  ...named,
  ...{ dischargedAt: new Date(evening.dischargeDate), chart: named.chart && { ...named.chart, ...evening } },
};
const namesake = heldRecord({ ...patient, mrNumber: 'MR-20018', dob: '1972-03-04', casefile: '8:another' });
const incomplete = heldRecord(
  { lastName: 'Quillharrow', casefile: '9:another' },
  {
    status: 'notReady',
    hold: null,
    missing: ['dob'],
    lastPull: { key: 'k', outcome: 'notReady', run: 'sync/north-1' },
  },
);
const stale = {
  ...referralOf(held, { ...patient, dob: evening.dob }),
  stale: { since: aHold.since, reason: aHold.reason },
};
const run = aRun();
const open = await openedInMemory({
  ...{ records: [held, namesake, incomplete], referrals: [stale], runs: [run], locations: { north: ['Detox'] } },
  ...adminData(),
});
const context = { instances };

it('A reason that names the patient is refused and kept in the form, and nothing of a reason leaves for Temporal', async () => {
  const { page, staff, watched } = await open(`/records/${held._id}/unlock`, { context });
  const reason = page.getByLabel('In your own words');
  await reason.fill('Called Elspeth Thistlewick, she left');
  await page.getByRole('button', { name: 'Unlock', exact: true }).click();
  await page.getByText('Please take it out').waitFor();
  expect(await reason.inputValue()).toBe('Called Elspeth Thistlewick, she left');
  expect([staff.requests, staff.data.unlockRequests]).toEqual([[], []]);
  await reason.fill('She left, says the unit');
  await page.getByRole('button', { name: 'Unlock', exact: true }).click();
  await page.getByText('Unlock requested').first().waitFor();
  expect(staff.requests).toMatchObject([{ what: 'unlock', of: held._id }]);
  expect(JSON.stringify(staff.requests)).not.toMatch(/left|unit/);
  expect(watched.urls.join()).not.toMatch(/elspeth|thistlewick|left/i);
});

it('Times are those of the clinic, with the zone, and the exact time behind them', async () => {
  const { page } = await open(`/records/${held._id}`, { context });
  const main = page.locator('main');
  await main.getByText('Feb 27, 8:45 PM').first().waitFor();
  expect(await main.innerText()).not.toMatch(/04:45|Feb 28, 2026, 4:45/);
  expect(await page.locator('body').innerText()).not.toContain('Times are in UTC');
});

it('A birth date is a day on the page and in the export, in whatever form KIPU sends it', async () => {
  const { page, staff } = await open(`/records/${held._id}`, { context });
  expect(await page.locator('main').innerText()).toMatch(/Nov 20, 1991(?!,? \d)/);
  const form = { recipient: 'the program', basis: 'program', why: 'checked', status: 'open' };
  const { body } = await staff.post('/referrals.csv', form);
  expect(body).toContain('"1991-11-20"');
});

it('A sync that could not be started is said to be unconfirmed, and nothing says that it runs', async () => {
  const { page, staff } = await open('/runs', { context, temporalDown: true });
  await page
    .getByRole('button', { name: /Sync now/ })
    .first()
    .click();
  await page.getByText('We could not confirm that the sync of').first().waitFor();
  const text = await page.locator('main').innerText();
  expect(text).not.toMatch(/begins at once|was requested|is running/i);
  expect(staff.requests).toEqual([]);
});

it('The referral of a locked record says that it is from before, and what updates it', async () => {
  const { page } = await open(`/records/${held._id}`, { context });
  const referral = page.getByRole('region', { name: 'Outbound referral' });
  await referral
    .getByText(/From before/)
    .first()
    .waitFor();
  await referral.getByText('Unlock EMR updates to update it.').waitFor();
  await page.goto('/referrals');
  await page
    .locator('main')
    .getByText(/From before/)
    .first()
    .waitFor();
});

it('A record without required information is on a list, which Home and the sync lead to, and which says what to do', async () => {
  const { page } = await open('/', { context });
  const figures = page.getByRole('region', { name: 'Needs attention' });
  await figures.getByRole('link').filter({ hasText: /^1/ }).first().click();
  await page.getByRole('heading', { name: 'Needs attention', level: 1 }).waitFor();
  await page.getByRole('link', { name: /^Quillharrow/ }).waitFor();
  await page
    .getByText(/Date of birth/)
    .first()
    .waitFor();
  await page.goto(`/runs/${run._id}`);
  expect(await page.locator('main a[href*="/records?outcome="]').count()).toBeGreaterThan(0);
});

it('While Temporal is away every page says so, and Home no longer says that it is up to date', async () => {
  const since = new Date(NOW.getTime() - 60_000);
  const outage = { text: outageTexts.temporal, short: 'the sync engine is not responding', since, instance: null };
  const { page } = await open('/', { context, outages: { banners: () => [outage], databaseAwaySince: () => null } });
  for (const path of ['/', '/held', '/help']) {
    await page.goto(path);
    await page.getByRole('alert').getByText('The sync engine is not responding. Nothing new is coming in.').waitFor();
  }
  await page.goto('/');
  expect(await page.locator('main').innerText()).not.toContain('Up to date');
});

it('The search is on every page, and two patients of the same name are told apart by birth date and number', async () => {
  const { page, watched } = await open('/help', { context });
  await page.keyboard.press('/');
  await page.keyboard.type('thistlewick');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Search', level: 1 }).waitFor();
  const rows = await page.locator('tbody tr').allInnerTexts();
  expect(rows.find((row) => row.includes('MR-20017'))).toContain('Nov 20, 1991');
  expect(rows.find((row) => row.includes('MR-20018'))).toContain('Mar 4, 1972');
  expect(watched.urls.join()).not.toMatch(/thistlewick/i);
});

it('The unlock page shows by what the patient is known: name, birth date, number, location, discharge, destination', async () => {
  const { page } = await open(`/records/${held._id}/unlock`, { context });
  const facts = await page.locator('dl.identity').innerText();
  for (const fact of ['Thistlewick, Elspeth', 'Nov 20, 1991', 'MR-20017', 'Detox', 'Feb 27', 'Copper Vale'])
    expect(facts).toContain(fact);
});

it('Back after a search and a reload after an unlock of several show the same again, and addresses of forms lead to the list', async () => {
  const { page, staff } = await open('/held', { context });
  await page.getByLabel('Search patients by name or MR number').fill('thistlewick');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Search', level: 1 }).waitFor();
  await page
    .getByRole('link', { name: /^Thistlewick/ })
    .first()
    .click();
  await page.getByText('Patient Discharged: EMR Updates Locked').first().waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'Search', level: 1 }).waitFor();
  for (const path of ['/held/search', '/held/unlocked', '/held/unlock']) {
    const { statusCode, headers } = await staff.get(path);
    expect([statusCode, headers.location]).toEqual([303, '/held']);
  }
  await page.goto('/held');
  await page
    .getByRole('checkbox', { name: /^Thistlewick/ })
    .first()
    .check();
  await page.getByRole('button', { name: /^Unlock/ }).click();
  await page.getByLabel('In your own words').fill('list checked with the unit');
  await page.getByRole('button', { name: /^Unlock/ }).click();
  await page.waitForURL(/\/unlocks\//);
  const shown = await page.getByRole('heading', { level: 1 }).innerText();
  await page.reload();
  expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(shown);
  expect(staff.requests).toHaveLength(1);
});

it('A recipient of notifications gets a test, which the page confirms', async () => {
  const { page, staff } = await open('/notifications', { context, role: 'admin' });
  await page.getByRole('button', { name: 'Send a test' }).first().click();
  await page.getByRole('status').waitFor();
  expect(staff.sent.map(({ to }) => to)).toEqual(['https://hooks.slack.test/services/T0/B0/invented']);
});

it('An administrator changes what an account may do, and everybody finds the page of the own account', async () => {
  const { page, staff } = await open('/people', { context, role: 'admin' });
  await page.locator('a[href="/people/id-of-dana"]').click();
  await page.getByLabel(/^Viewer/).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The account was changed').waitFor();
  expect(staff.data.accounts.find(({ name }) => name === 'dana')).toMatchObject({ role: 'viewer' });
  expect(await page.locator('.who a').getAttribute('href')).toBe('/account');
});
