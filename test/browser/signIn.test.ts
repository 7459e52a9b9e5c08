import { describe, expect, it } from 'vitest';
import { addAccount } from '../../client/accounts.ts';
import { codeAt } from '../../client/secondFactor.ts';
import { HELD } from '../../web/ui/labels.ts';
import { browserForTests } from '../support/browser.ts';
import { passwordOf, signIn, staffPagesForTests } from '../support/staffBrowser.ts';
import { inTime } from '../support/waitUntil.ts';

// The browser first: without one, no service is started that would not be stopped.
const visit = await browserForTests();
const staff = await staffPagesForTests();
const { url, store } = staff;

describe('The sign-in', () => {
  it('refuses a wrong password with a message, keeps the name, and accepts the right password', async () => {
    const { page } = await visit(url);
    await page.goto('/held');
    await expect.poll(() => page.url(), inTime).toBe(`${url}/sign-in?next=%2Fheld`);
    await page.getByLabel('Username').fill('sam');
    await page.getByLabel('Password').fill('something else altogether');
    await page.getByRole('button', { name: 'Sign in' }).click();

    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').innerText()).toBe('The username or password is incorrect.');
    expect(await page.getByLabel('Username').inputValue()).toBe('sam');
    expect(await page.getByLabel('Password').inputValue()).toBe('');
    await page.getByLabel('Password').fill(passwordOf('sam'));
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    expect(page.url()).toBe(`${url}/held`);
    expect(await page.locator('header').innerText()).toContain('Sam Okafor');
  });

  it('is required again after Sign out, also for the browser’s Back button', async () => {
    const { page } = await visit(url);
    await signIn(page, 'sam', '/runs');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Password').waitFor();
    await page.goBack();
    await page.getByLabel('Password').waitFor();
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Sign in');
  });
});

describe('A password from an administrator', () => {
  it('has to be replaced by its owner, who then sees the pages', async () => {
    const given = { name: 'ivy', displayName: 'Ivy Lind', password: 'four green otters', role: 'staff' } as const;
    expect(await addAccount(store, { ...given, instances: '*' }, { who: 'a test', at: new Date() })).toBe('done');
    const { page } = await visit(url);
    await page.goto('/sign-in');
    await page.getByLabel('Username').fill('ivy');
    await page.getByLabel('Password').fill(given.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Choose your own password first').waitFor();
    await page.goto('/held');
    expect(page.url()).toBe(`${url}/account`);
    await page.getByLabel('Current password').fill(given.password);
    await page.getByLabel('New password, at least 12 characters').fill('nine loud cranes');
    await page.getByLabel('New password again').fill('nine loud cranes');
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('Your password was changed').waitFor();
    await page.getByRole('link', { name: 'Locked records', exact: true }).click();
    await expect.poll(() => page.url(), inTime).toBe(`${url}/held`);
    await page.getByRole('heading', { level: 1, name: 'Locked records' }).waitFor();
    await page.getByText(HELD).waitFor();
  });
});

describe('A session that has ended', () => {
  it('leads to the sign-in and from there to the requested page', async () => {
    const { page } = await visit(url);
    await signIn(page, 'sam');
    const account = await store.accounts.byName('sam');
    await store.sessions.endAll(account?._id ?? '');

    await page.getByRole('link', { name: 'Referrals', exact: true }).click();
    await page.getByText('Your session has ended.').waitFor();
    await page.getByLabel('Username').fill('sam');
    await page.getByLabel('Password').fill(passwordOf('sam'));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Outbound referrals' }).waitFor();
    expect(page.url()).toBe(`${url}/referrals`);
  });

  it('removes a patient from the screen although the page polls', async () => {
    const { _id } = await staff.addHeld('north-harbor', { last_name: 'Wintergreen' });
    const { page } = await visit(await staff.startAnother(4_000));
    await signIn(page, 'sam', `/records/${_id}`);
    await page.getByRole('heading', { name: /^Wintergreen/ }).waitFor();

    await page.getByText('Your session has ended.').waitFor();
    expect(await page.locator('body').innerText()).not.toContain('Wintergreen');
    expect(new URL(page.url()).searchParams.get('next')).toBe(`/records/${_id}`);
  });
});

describe('A user without permission', () => {
  it('to unlock sees no button, and sending the forms changes nothing', async () => {
    const { _id } = await staff.addHeld('north-harbor', { last_name: 'Vandermeer' });
    const { page } = await visit(url);
    await signIn(page, 'vera', `/records/${_id}`);
    await page.getByRole('heading', { name: /^Vandermeer/ }).waitFor();
    await page.getByText('View only: ask a staff member to unlock this record.').waitFor();
    expect(await page.getByText('Unlock EMR Updates').count()).toBe(0);
    await page.goto('/held');
    await page.getByRole('link', { name: /^Vandermeer/ }).waitFor();
    expect(await page.locator('main input[type=checkbox][name=recordId], main button.first').count()).toBe(0);

    const _csrf = await page.locator('header input[name=_csrf]').first().inputValue();
    const forms = {
      [`/records/${_id}/unlock`]: '',
      '/held/unlock': _id,
      '/runs': '',
      '/webhooks': '',
      '/referrals/export': '',
      '/referrals.csv': '',
      [`/records/${_id}/consent`]: '',
    };
    for (const [path, recordId] of Object.entries(forms)) {
      const form = { _csrf, recordId, why: 'x', instance: 'north-harbor' };
      const answer = await page.request.post(path, { form });
      expect([path, answer.status()]).toEqual([path, 403]);
      expect(await answer.text()).toContain('have permission to do that');
    }
    expect((await store.records.get(_id))?.status).toBe('held');
    const refused = await page.goto(`/records/${_id}/unlock`);
    expect(refused?.status()).toBe(403);
  });

  it('to see an instance finds nothing of it on any page', async () => {
    const { _id } = await staff.addHeld('cedar-grove', { last_name: 'Elsewhere' });
    const { page } = await visit(url);
    await signIn(page, 'nora');
    for (const path of [`/records/${_id}`, `/records/${_id}/unlock`, '/held?instance=cedar-grove']) {
      expect([path, (await page.goto(path))?.status()]).toEqual([path, 404]);
      await page.getByRole('heading', { name: "We can't find that page" }).waitFor();
    }
    for (const path of ['/', '/held', '/referrals', '/runs', '/webhooks']) {
      await page.goto(path);
      expect(await page.locator('main').innerText()).not.toMatch(/cedar-grove|Elsewhere/);
    }
    await page.goto('/held');
    await page.getByRole('searchbox').fill('Elsewhere');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByText('No patient matches').waitFor();
    const _csrf = await page.locator('header input[name=_csrf]').first().inputValue();
    const answer = await page.request.post('/held/unlock', { form: { _csrf, recordId: _id } });
    expect(answer.status()).toBe(404);
    expect((await store.records.get(_id))?.status).toBe('held');
  });
});

describe('The page of an account', () => {
  it('sets up an authenticator app, whose recovery code the next sign-in accepts', async () => {
    const { page } = await visit(url);
    await signIn(page, 'nora');
    await page.getByRole('link', { name: 'Nora Quill' }).click();
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
    await page.getByLabel('Your password', { exact: true }).fill(passwordOf('nora'));
    await page.getByRole('button', { name: 'Set up' }).click();
    await page.getByLabel('Code', { exact: true }).waitFor();
    const secret = (await store.accounts.byName('nora'))?.proposedSecret ?? '';
    expect((await page.locator('main').innerText()).replaceAll(' ', '')).toContain(secret);
    await page.getByLabel('Code', { exact: true }).fill(codeAt(secret, new Date()));
    await page.getByRole('button', { name: 'Turn on' }).click();
    await page.getByRole('heading', { name: 'Recovery codes' }).waitFor();
    const codes = await page.locator('main code').allInnerTexts();
    expect(codes).toHaveLength(8);

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Username').fill('nora');
    await page.getByLabel('Password').fill(passwordOf('nora'));
    await page.keyboard.press('Enter');
    await page.getByLabel('Code of your authenticator app').fill(codes[0] ?? '');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
  });
});
