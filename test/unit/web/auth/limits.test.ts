import { describe, expect, it } from 'vitest';
import type { Role } from '../../../../domain/role.ts';
import { house } from '../../../support/signInApp.ts';

const people = ['nobody', 'viewer', 'staff', 'admin'] as const;

/** What each of them is answered, in the order of `people`. */
const table: [string, string, number[]][] = [
  ['GET', '/', [303, 200, 200, 200]],
  ['GET', '/held', [303, 200, 200, 200]],
  ['HEAD', '/held', [303, 200, 200, 200]],
  ['GET', '/records/r-north', [303, 200, 200, 200]],
  ['GET', '/export', [303, 403, 403, 200]],
  ['POST', '/search', [401, 200, 200, 200]],
  ['POST', '/unlock', [401, 403, 200, 200]],
  ['GET', '/assets/staff.css', [200, 200, 200, 200]],
  ['GET', '/sign-in', [200, 303, 303, 303]],
  ['POST', '/sign-out', [303, 303, 303, 303]],
  ['GET', '/no-such-page', [303, 404, 404, 404]],
];

async function asker(person: (typeof people)[number] | Role) {
  const at = await house();
  const browser = at.browser();
  if (person !== 'nobody') {
    await at.account('dana', person);
    await browser.signIn('dana');
  }
  return { ...at, browser };
}

const ask = (browser: Awaited<ReturnType<typeof asker>>['browser'], method: string, url: string) =>
  method === 'POST' ? browser.post(url) : browser.get(url);

describe('what each role may', () => {
  it.each(
    table.flatMap(([method, url, statuses]) => people.map((who, at) => ({ who, method, url, is: statuses[at] }))),
  )('$who: $method $url is $is', async ({ who, method, url, is }) => {
    const { browser, app } = await asker(who);
    const answer =
      method === 'HEAD'
        ? await app.inject({ method: 'HEAD', url, cookies: Object.fromEntries(browser.cookies) })
        : await ask(browser, method, url);
    expect(answer.statusCode).toBe(is);
  });

  it('is what the account says now, not what it said at the sign-in', async () => {
    const { browser, all } = await asker('staff');
    expect((await browser.post('/unlock')).statusCode).toBe(200);
    for (const account of all) account.role = 'viewer';
    const answer = await browser.post('/unlock');
    expect([answer.statusCode, answer.body]).toEqual([403, expect.stringContaining('Your role is not enough')]);
  });

  it('leads whoever must sign in first to the page that they wanted', async () => {
    const { browser } = await asker('nobody');
    const answer = await browser.get('/records/r-north?tab=2');
    expect(answer.headers.location).toBe('/sign-in?next=%2Frecords%2Fr-north');
  });

  it('tells a part of a page to lead the whole page to the sign-in', async () => {
    const { browser } = await asker('nobody');
    const shown = { 'hx-request': 'true', 'hx-current-url': 'http://here/records/r-north?x=1' };
    const answer = await browser.get('/fragment', shown);
    expect([answer.statusCode, answer.headers['hx-redirect']]).toEqual([401, '/sign-in?next=%2Frecords%2Fr-north']);
  });
});

describe('the instances that one may see', () => {
  const form = (url: string, payload: string) => ({ method: 'POST', url, payload }) as const;
  it.each([
    ['a record of theirs', { url: '/records/r-north' }, 200],
    ["another one's record", { url: '/records/r-south' }, 404],
    ['a record that is not there', { url: '/records/r-lost' }, 404],
    ['a run of theirs', { url: '/runs/run-north' }, 200],
    ['a run that is not there', { url: '/runs/run-lost' }, 404],
    ['a filter by theirs', { url: '/held?instance=north' }, 200],
    ['a filter by another one', { url: '/held?instance=south' }, 404],
    ['a filter by both', { url: '/held?instance=north&instance=south' }, 404],
    ['a filter left open', { url: '/held?instance=' }, 200],
    ['a form for theirs', form('/unlock', 'recordId=r-north'), 200],
    ["a form for another one's", form('/unlock', 'recordId=r-south'), 404],
    ['a form for both', form('/unlock', 'recordId=r-north&recordId=r-south'), 404],
    ['a form for another instance', form('/unlock', 'instance=south'), 404],
    ['a search in another instance', form('/search', 'instance=south'), 404],
  ])('%s', async (_, { url, ...rest }, status) => {
    const at = await house();
    await at.account('dana', 'staff', ['north']);
    const browser = at.browser();
    await browser.signIn('dana');
    const fields = 'payload' in rest ? [...new URLSearchParams(rest.payload)] : [];
    const token = (await browser.get('/token')).body;
    const answer =
      'payload' in rest
        ? await at.app.inject({
            method: 'POST',
            url,
            payload: new URLSearchParams([...fields, ['_csrf', token]]).toString(),
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            cookies: Object.fromEntries(browser.cookies),
          })
        : await browser.get(url);
    expect(answer.statusCode).toBe(status);
  });

  it('may be all of them', async () => {
    const { browser } = await asker('viewer');
    expect((await browser.get('/records/r-south')).statusCode).toBe(200);
    expect((await browser.get('/records/r-lost')).statusCode).toBe(404);
  });
});
