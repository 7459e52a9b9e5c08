import { describe, expect, it } from 'vitest';
import type { Role } from '../../../../domain/role.ts';
import { signInApp } from '../../../support/signInApp.ts';

const people = ['nobody', 'viewer', 'staff', 'admin'] as const;

/** The status codes of the answers, in the order of `people`. */
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

async function signedInAs(person: (typeof people)[number] | Role) {
  const at = await signInApp();
  const browser = at.browser();
  if (person !== 'nobody') {
    await at.account('dana', person);
    await browser.signIn('dana');
  }
  return { ...at, browser };
}

const ask = (browser: Awaited<ReturnType<typeof signedInAs>>['browser'], method: string, url: string) =>
  method === 'POST' ? browser.post(url) : browser.get(url);

describe('Permissions', () => {
  it.each(
    table.flatMap(([method, url, statuses]) => people.map((who, at) => ({ who, method, url, is: statuses[at] }))),
  )('give $who for $method $url the status $is', async ({ who, method, url, is }) => {
    const { browser, app } = await signedInAs(who);
    const answer =
      method === 'HEAD'
        ? await app.inject({ method: 'HEAD', url, cookies: Object.fromEntries(browser.cookies) })
        : await ask(browser, method, url);
    expect(answer.statusCode).toBe(is);
  });

  it('follow the current role of the account, not the role at the sign-in', async () => {
    const { browser, all } = await signedInAs('staff');
    expect((await browser.post('/unlock')).statusCode).toBe(200);
    for (const account of all) account.role = 'viewer';
    const answer = await browser.post('/unlock');
    expect([answer.statusCode, answer.body]).toEqual([403, expect.stringContaining('have permission to do that')]);
  });

  it('lead a visitor to the sign-in with the requested page as next', async () => {
    const { browser } = await signedInAs('nobody');
    const answer = await browser.get('/records/r-north?tab=2');
    expect(answer.headers.location).toBe('/sign-in?next=%2Frecords%2Fr-north');
  });

  it('make a polled part redirect its page to the sign-in', async () => {
    const { browser } = await signedInAs('nobody');
    const shown = { 'hx-request': 'true', 'hx-current-url': 'http://here/records/r-north?x=1' };
    const answer = await browser.get('/fragment', shown);
    expect([answer.statusCode, answer.headers['hx-redirect']]).toEqual([401, '/sign-in?next=%2Frecords%2Fr-north']);
  });
});

describe('A user who may see only the instance north', () => {
  const form = (url: string, payload: string) => ({ method: 'POST', url, payload }) as const;
  it.each([
    ['a record of north', { url: '/records/r-north' }, 200],
    ['a record of south', { url: '/records/r-south' }, 404],
    ['a record that does not exist', { url: '/records/r-lost' }, 404],
    ['a run of north', { url: '/runs/run-north' }, 200],
    ['a run that does not exist', { url: '/runs/run-lost' }, 404],
    ['a filter by north', { url: '/held?instance=north' }, 200],
    ['a filter by south', { url: '/held?instance=south' }, 404],
    ['a filter by both instances', { url: '/held?instance=north&instance=south' }, 404],
    ['a blank filter', { url: '/held?instance=' }, 200],
    ['a form for a record of north', form('/unlock', 'recordId=r-north'), 200],
    ['a form for a record of south', form('/unlock', 'recordId=r-south'), 404],
    ['a form for records of both', form('/unlock', 'recordId=r-north&recordId=r-south'), 404],
    ['a form for the instance south', form('/unlock', 'instance=south'), 404],
    ['a search in south', form('/search', 'instance=south'), 404],
  ])('gets the right status for %s', async (_, { url, ...rest }, status) => {
    const at = await signInApp();
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
});

it('A user with all instances sees every record that exists', async () => {
  const { browser } = await signedInAs('viewer');
  expect((await browser.get('/records/r-south')).statusCode).toBe(200);
  expect((await browser.get('/records/r-lost')).statusCode).toBe(404);
});
