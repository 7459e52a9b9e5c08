import { describe, expect, it } from 'vitest';
import { browserForTests } from '../support/browser.ts';
import { officeForTests, passwordOf, signIn } from '../support/staffBrowser.ts';
import { inTime } from '../support/waitUntil.ts';

// In this order: where there is no browser, nothing is started that nobody would stop.
const visit = await browserForTests();
const office = await officeForTests();
const { url, store } = office;

describe('the sign-in', () => {
  it('refuses a wrong password in plain words, keeps the name, and lets the right one in', async () => {
    const { page } = await visit(url);
    await page.goto('/held');
    await expect.poll(() => page.url(), inTime).toBe(`${url}/sign-in?next=%2Fheld`);
    await page.getByLabel('Name').fill('sam');
    await page.getByLabel('Password').fill('something else altogether');
    await page.getByRole('button', { name: 'Sign in' }).click();

    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').innerText()).toBe('The name or the password is wrong.');
    expect(await page.getByLabel('Name').inputValue()).toBe('sam');
    expect(await page.getByLabel('Password').inputValue()).toBe('');
    await page.getByLabel('Password').fill(passwordOf('sam'));
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    expect(page.url()).toBe(`${url}/held`);
    expect(await page.locator('header').innerText()).toContain('Sam Okafor');
  });

  it('is over with the button, and the way back shows nothing', async () => {
    const { page } = await visit(url);
    await signIn(page, 'sam', '/runs');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Password').waitFor();
    await page.goBack();
    await page.getByLabel('Password').waitFor();
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Sign in');
  });
});

describe('a session that is over', () => {
  it('leads back to the sign-in, and from there on to where one wanted', async () => {
    const { page } = await visit(url);
    await signIn(page, 'sam');
    const account = await store.accounts.byName('sam');
    await store.sessions.endAll(account?._id ?? '');

    await page.getByRole('link', { name: 'Referrals', exact: true }).click();
    await page.getByText('Your session is over.').waitFor();
    await page.getByLabel('Name').fill('sam');
    await page.getByLabel('Password').fill(passwordOf('sam'));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Outbound referrals' }).waitFor();
    expect(page.url()).toBe(`${url}/referrals`);
  });

  it('takes a patient off the screen by itself, though the page asks again and again', async () => {
    const { _id } = await office.held('north-harbor', { last_name: 'Wintergreen' });
    const { page } = await visit(await office.another(4_000));
    await signIn(page, 'sam', `/records/${_id}`);
    await page.getByRole('heading', { name: /^Wintergreen/ }).waitFor();

    await page.getByText('Your session is over.').waitFor();
    expect(await page.locator('body').innerText()).not.toContain('Wintergreen');
    expect(new URL(page.url()).searchParams.get('next')).toBe(`/records/${_id}`);
  });
});

describe('somebody who may not', () => {
  it('unlock sees no button for it, and a form sent all the same changes nothing', async () => {
    const { _id } = await office.held('north-harbor', { last_name: 'Vandermeer' });
    const { page } = await visit(url);
    await signIn(page, 'vera', `/records/${_id}`);
    await page.getByRole('heading', { name: /^Vandermeer/ }).waitFor();
    await page.getByText('Staff may unlock it; your role may look.').waitFor();
    expect(await page.getByText('Unlock EMR Updates').count()).toBe(0);
    await page.goto('/held');
    await page.getByRole('link', { name: /^Vandermeer/ }).waitFor();
    expect(await page.locator('main input[type=checkbox][name=recordId], main button.first').count()).toBe(0);

    const _csrf = await page.locator('header input[name=_csrf]').inputValue();
    const forms = {
      [`/records/${_id}/unlock`]: '',
      '/held/unlocked': _id,
      '/runs': '',
      '/webhooks': '',
      '/referrals.csv': '',
    };
    for (const [path, recordId] of Object.entries(forms)) {
      const form = { _csrf, recordId, why: 'x', instance: 'north-harbor' };
      const answer = await page.request.post(path, { form });
      expect([path, answer.status()]).toEqual([path, 403]);
      expect(await answer.text()).toContain('Your role is not enough');
    }
    expect((await store.records.get(_id))?.status).toBe('held');
    const refused = await page.goto(`/records/${_id}/unlock`);
    expect(refused?.status()).toBe(403);
  });

  it('see an instance finds nothing of it, wherever they look', async () => {
    const { _id } = await office.held('cedar-grove', { last_name: 'Elsewhere' });
    const { page } = await visit(url);
    await signIn(page, 'nora');
    for (const path of [`/records/${_id}`, `/records/${_id}/unlock`, '/held?instance=cedar-grove']) {
      expect([path, (await page.goto(path))?.status()]).toEqual([path, 404]);
      await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    }
    for (const path of ['/', '/held', '/referrals', '/runs', '/webhooks']) {
      await page.goto(path);
      expect(await page.locator('main').innerText()).not.toMatch(/cedar-grove|Elsewhere/);
    }
    await page.goto('/held');
    await page.getByLabel('Name or record number').fill('Elsewhere');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByText('Nobody is found').waitFor();
    const _csrf = await page.locator('header input[name=_csrf]').inputValue();
    const answer = await page.request.post('/held/unlocked', { form: { _csrf, recordId: _id, why: 'x' } });
    expect(answer.status()).toBe(404);
    expect((await store.records.get(_id))?.status).toBe('held');
  });
});
