import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { browserForTests } from '../support/browser.ts';
import { DISCHARGED, signIn, staffPagesForTests } from '../support/staffBrowser.ts';
import { inTime } from '../support/waitUntil.ts';

// The browser first: without one, no service is started that would not be stopped.
const visit = await browserForTests();
const staff = await staffPagesForTests();
const { url, standIn, store } = staff;

/** Returns the first line of each cell of a column. */
const column = async (page: Page, title: string) => {
  const titles = await page.locator('thead th').allInnerTexts();
  const place = titles.findIndex((one) => one.startsWith(title)) + 1;
  return (await page.locator(`tbody td:nth-child(${place})`).allInnerTexts()).map((text) => text.split('\n')[0]);
};

describe('The locked records', () => {
  it('are listed with the oldest discharge first and filtered by instance, location, reason and age', async () => {
    const held = [
      ['north-harbor', 'Third', '2026-01-03 08:00:00', 'North Harbor Detox'],
      ['cedar-grove', 'First', '2026-01-01 08:00:00', 'Cedar Grove Detox'],
      ['north-harbor', 'Second', '2026-01-02', 'North Harbor Residential'],
    ] as const;
    for (const [instance, last_name, discharge_date, location_name] of held)
      await staff.addHeld(instance, {
        last_name,
        discharge_date,
        location_name,
        first_name: 'Wren',
        middle_name: null,
      });
    const { page } = await visit(url);
    await signIn(page, 'sam', '/held');
    expect(await column(page, 'Patient')).toEqual(['First, Wren', 'Second, Wren', 'Third, Wren']);

    const filter = async (label: string, choice: string, found: string[]) => {
      await page.getByRole('link', { name: 'Clear' }).click();
      await page.getByLabel(label, { exact: true }).selectOption(choice);
      await page.getByRole('button', { name: 'Filter' }).click();
      await expect.poll(() => column(page, 'Patient'), inTime).toEqual(found);
    };
    await filter('KIPU connection', 'cedar-grove', ['First, Wren']);
    await filter('Location', 'North Harbor Residential', ['Second, Wren']);
    await filter('Reason', 'policy-always', ['Second, Wren', 'Third, Wren']);
    await filter('Locked for', 'day', ['First, Wren', 'Second, Wren', 'Third, Wren']);
    await filter('Locked for', 'longer', []);

    await page.getByRole('link', { name: 'Clear' }).click();
    await page.getByRole('link', { name: 'Patient', exact: true }).click();
    await expect.poll(() => column(page, 'Patient'), inTime).toEqual(['First, Wren', 'Second, Wren', 'Third, Wren']);
    await page.getByRole('link', { name: 'Locked for' }).click();
    await expect.poll(() => column(page, 'Patient'), inTime).toEqual(['Third, Wren', 'First, Wren', 'Second, Wren']);
  });

  it.each([
    ['a last name', 'mari', 'Maribel-Ortega'],
    ['a first name', 'quen', 'Maribel-Ortega'],
    ['a first name without its accent', 'quén', 'Maribel-Ortega'],
    ['a record number', '9900-1', 'Maribel-Ortega'],
  ])('are found by %s, which gets into no URL, and going back and reloading work', async (_, typed, found) => {
    await staff.addHeld('north-harbor', { last_name: 'Maribel-Ortega', first_name: 'Quentin', mr_number: '9900-17' });
    const { page, watched } = await visit(url);
    await signIn(page, 'sam', '/held');
    await page.getByRole('searchbox').fill(typed);
    await page.keyboard.press('Enter');
    await page
      .getByRole('link', { name: new RegExp(`^${found}`) })
      .first()
      .click();
    await page.getByRole('heading', { name: new RegExp(`^${found}`) }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Search results' }).waitFor();
    await page.reload();
    expect(await page.getByRole('searchbox').inputValue()).toBe(typed);
    expect(watched.urls.filter((url) => decodeURI(url).includes(typed))).toEqual([]);
    expect(await page.title()).not.toContain(found);
  });
});

describe('The referrals', () => {
  it('are filtered, sorted, and exported without formulas that a spreadsheet would run', async () => {
    const formula = '=HYPERLINK("http://there.invalid";"Zeal")';
    const charts = [
      ['north-harbor', { discharge_or_transition_name: 'Maple Court', last_name: '=1+2' }],
      ['north-harbor', { discharge_or_transition_name: formula, last_name: 'Jølsen "J", jr.' }],
      ['cedar-grove', { discharge_or_transition_name: 'Aspen Hall', last_name: 'Krol' }],
    ] as const;
    for (const [instance, fields] of charts) standIn.add(instance, { ...fields, discharge_date: null });
    await staff.run('north-harbor');
    await staff.run('cedar-grove');
    // The run does not wait for a chart whose webhook has already started a pull.
    await expect.poll(() => store.collections.referrals.countDocuments({ status: 'open' }), inTime).toBe(charts.length);
    const { page } = await visit(url);
    await signIn(page, 'sam', '/referrals');
    await page.getByRole('link', { name: 'Destination' }).click();
    await expect.poll(() => column(page, 'Destination'), inTime).toEqual([formula, 'Aspen Hall', 'Maple Court']);
    await page.getByLabel('KIPU connection').selectOption('north-harbor');
    await page.getByRole('button', { name: 'Filter' }).click();
    await expect.poll(() => column(page, 'Destination'), inTime).toEqual([formula, 'Maple Court']);

    const coming = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export' }).click();
    await page.getByLabel('Who receives the file').fill('The auditors');
    await page.getByLabel('Basis', { exact: true }).selectOption('audit-evaluation');
    await page.getByLabel('Why another basis').fill('Audit of the quarter');
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByRole('button', { name: 'Export as CSV' }).click();
    const download = await coming;
    expect(download.suggestedFilename()).toMatch(/^referrals-\d{4}-\d\d-\d\d\.csv$/);
    const text = await readFile(await download.path(), 'utf8');
    expect(text.startsWith('\ufeff"KIPU connection","Record",')).toBe(true);
    const lines = text.trimEnd().split('\r\n');
    expect(lines).toHaveLength(3);
    expect(text).toContain(`"'=HYPERLINK(""http://there.invalid"";""Zeal"")"`);
    expect(text).toContain(`"'=1+2"`);
    expect(text).toContain('"Jølsen ""J"", jr."');
    expect(text).not.toMatch(/(^|[,\n])"?[=+@]|Aspen Hall/);
    expect(await store.auditEvents.list({}, 5)).toContainEqual(
      expect.objectContaining({ who: 'sam', what: 'patients-shown', kind: 'export', instance: 'north-harbor' }),
    );
  });
});

describe('The sync history', () => {
  it('starts a sync, shows its progress without a reload, and links to a page whose counts add up', async () => {
    standIn.add('cedar-grove', DISCHARGED);
    const { page } = await visit(url);
    await signIn(page, 'ada', '/runs');
    const before = await page.locator('tbody tr').count();
    standIn.faults.inject({ kind: 'delay', ms: 1_500, instance: 'cedar-grove', route: 'latest', times: 1 });
    await page.getByLabel('KIPU connection').selectOption('cedar-grove');
    await page.getByRole('button', { name: 'Sync now' }).click();
    await page.getByRole('status').filter({ hasText: 'cedar-grove' }).waitFor();
    await page.evaluate(() => document.body.setAttribute('data-kept', 'yes'));
    const [first] = await page.locator('tbody tr').all();
    await expect.poll(() => page.locator('tbody tr').count(), inTime).toBe(before + 1);
    await first?.getByText('Completed').waitFor();
    await expect.poll(() => page.getByRole('status').count(), inTime).toBe(0);
    expect(await page.locator('body').getAttribute('data-kept')).toBe('yes');

    // Counts link to records.
    await first?.getByRole('link').first().click();
    await page.getByRole('heading', { name: 'Sync of cedar-grove' }).waitFor();
    expect(await page.getByText('changed =').innerText()).toMatch(/^1 changed = .* ✓$/);
    const [run] = await store.runs.list({ instance: 'cedar-grove' }, 1);
    expect(await page.getByRole('link', { name: 'View in Temporal' }).getAttribute('href')).toBe(
      `http://temporal.invalid/namespaces/default/workflows/${encodeURIComponent(run?.workflowId ?? '')}/${run?._id}/history`,
    );
  });
});

describe('The page KIPU connection', () => {
  it('shows the two addresses to enter in KIPU, and a test shows whether a webhook is received', async () => {
    standIn.add('cedar-grove');
    const { page } = await visit(url);
    await signIn(page, 'sam', '/webhooks');
    const north = page.getByRole('region', { name: 'north-harbor' });
    const steps = north.locator('details').filter({ hasText: 'How to set up the webhooks' });
    if ((await steps.getAttribute('open')) === null) await steps.locator('summary').click();
    for (const webhook of ['patient-creation', 'chart-update'])
      await north.getByText(`${url}/webhooks/north-harbor/${webhook}`, { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Send a test for north-harbor' }).click();
    await page.getByRole('status').getByText('its Chart Update webhook was received').waitFor();
    await page.getByRole('button', { name: 'Send a test for cedar-grove' }).click();
    await page.getByRole('alert').getByText('no Chart Update webhook was received').waitFor();
  });
});
