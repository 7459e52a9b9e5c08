import { describe, expect, it } from 'vitest';
import { password, signInApp } from '../../../support/signInApp.ts';

const fresh = 'nine loud cranes';

async function signedIn() {
  const at = await signInApp();
  const account = await at.account('dana');
  const [here, elsewhere] = [at.browser(), at.browser()];
  await elsewhere.signIn('dana');
  await here.signIn('dana');
  await here.get('/account');
  const isIn = async (browser: typeof here) => (await browser.get('/held')).statusCode === 200;
  const change = (current: string, next: string, again = next) =>
    here.post('/account/password', { current, fresh: next, again });
  return { ...at, account, here, elsewhere, isIn, change };
}

describe('The counts in the navigation', () => {
  const three = 'data-count="/held">3<';
  const start = async (counts: () => Promise<Record<string, number>>, change: object = {}) => {
    const at = await signInApp({ counts });
    Object.assign(await at.account('dana'), change);
    const here = at.browser();
    await here.signIn('dana');
    return { here, account: await here.get('/account') };
  };

  it('are on the page of the account, where an app is set up, and on a page that is refused', async () => {
    const { here, account } = await start(async () => ({ '/held': 3 }));
    expect(account.body).toContain(three);
    expect((await here.post('/account/second-factor', { current: password })).body).toContain(three);
    expect((await here.get('/no-such-page')).body).toContain(three);
    expect((await here.get('/export')).body).toContain(three);
    // What failed may be what would be read.
    expect((await here.get('/fails')).body).not.toContain(three);
  });

  it('are not on the page of somebody who has to choose a password first', async () => {
    const { account } = await start(async () => ({ '/held': 3 }), { mustChangePassword: true });
    expect(account.statusCode).toBe(200);
    expect(account.body).not.toContain(three);
  });

  it('are left out where they cannot be read', async () => {
    const { account } = await start(() => Promise.reject(new Error('away')));
    expect(account.statusCode).toBe(200);
    expect(account.body).toContain('data-count="/held"></span>');
  });
});

describe('A password that somebody else gave', () => {
  async function given() {
    const at = await signInApp({ requireSecondFactor: true });
    const account = Object.assign(await at.account('dana', 'admin'), { mustChangePassword: true });
    const [here, elsewhere] = [at.browser(), at.browser()];
    await elsewhere.signIn('dana');
    await here.signIn('dana');
    const { body } = await here.get('/account');
    const change = (current: string, next: string) =>
      here.post('/account/password', { current, fresh: next, again: next });
    return { ...at, account, here, elsewhere, body, change };
  }

  it.each([
    ['GET', '/', 303],
    ['GET', '/held', 303],
    ['GET', '/records/r-north', 303],
    ['GET', '/export', 303],
    ['GET', '/no-such-page', 303],
    ['GET', '/account', 200],
    ['POST', '/unlock', 403],
    ['POST', '/search', 403],
    ['POST', '/account/second-factor', 403],
    ['POST', '/account/sessions/end', 403],
    ['POST', '/sign-out', 303],
  ] as const)('opens no other page: %s %s', async (method, url, status) => {
    const { here, account } = await given();
    const answer = method === 'GET' ? await here.get(url) : await here.post(url, { current: password });
    expect(answer.statusCode).toBe(status);
    if (method === 'GET' && status === 303) expect(answer.headers.location).toBe('/account');
    if (status === 403) expect(answer.body).toContain('Choose your own password first');
    expect(account.proposedSecret).toBeUndefined();
  });

  it('opens no part of a page', async () => {
    const { here } = await given();
    const part = await here.get('/fragment', { 'hx-request': 'true' });
    expect([part.statusCode, part.headers['hx-redirect']]).toEqual([403, '/account']);
  });

  it('is replaced on the page of the account, which then asks for the second factor and ends other sessions', async () => {
    const { account, here, elsewhere, body, change } = await given();
    expect(body).toContain('Choose your own password first');
    expect(body).not.toContain('Authenticator app');
    expect((await change(password, password)).headers.location).toMatch(/^\/account\?form=/);
    expect(account.mustChangePassword).toBe(true);
    expect((await change(password, fresh)).statusCode).toBe(303);
    expect(account.mustChangePassword).toBe(false);
    const after = (await here.get('/account')).body;
    expect(after).toContain('Authenticator app');
    expect(after).not.toContain('Choose your own password first');
    expect((await elsewhere.get('/held')).headers.location).toContain('/sign-in');
  });

  it('is replaced only with the current one', async () => {
    const { account, change } = await given();
    expect((await change('wrong', fresh)).statusCode).toBe(403);
    expect(account.mustChangePassword).toBe(true);
  });

  it('is none of an account of a provider', async () => {
    const at = await signInApp();
    const account = await at.account('dana');
    const here = at.browser();
    await here.signIn('dana');
    Object.assign(account, { mustChangePassword: true, passwordHash: null });
    expect((await here.get('/held')).statusCode).toBe(200);
  });
});

describe('The page of an account', () => {
  it('changes the password: this browser stays signed in, all others are signed out', async () => {
    const { here, elsewhere, isIn, change, audited, browser } = await signedIn();
    const answer = await change(password, fresh);
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/account?done=password']);
    expect((await here.get('/account?done=password')).body).toContain('Your password was changed');
    expect([await isIn(here), await isIn(elsewhere)]).toEqual([true, false]);
    expect((await browser().signIn('dana', password)).statusCode).toBe(401);
    expect((await browser().signIn('dana', fresh)).statusCode).toBe(303);
    expect(audited.map(({ who, outcome }) => [who, outcome])).toContainEqual([
      'dana',
      'new password for dana, by its owner',
    ]);
    expect(JSON.stringify(audited)).not.toMatch(/heron|crane/);
  });

  it.each([
    ['a wrong current password', 'wrong', fresh, fresh, 403, 'current password is incorrect'],
    ['two different new passwords', password, fresh, `${fresh}!`, 303, 'not the same'],
    ['the same password again', password, password, password, 303, 'is the current one'],
    ['a short password', password, 'short', 'short', 303, 'at least 12 characters'],
    ['a common password', password, 'password1234', 'password1234', 303, 'most common'],
    ['the username', password, 'dana-dana-2026', 'dana-dana-2026', 303, 'the username'],
  ])('refuses %s and changes nothing', async (_, current, next, again, status, text) => {
    const { account, here, elsewhere, isIn, change, states } = await signedIn();
    const before = account.passwordHash;
    const sent = await change(current, next, again);
    // A redirect, so that reloading the page sends nothing.
    const answer = status === 303 ? await here.get(sent.headers.location ?? '') : sent;
    expect([sent.statusCode, answer.body]).toEqual([status, expect.stringContaining(text)]);
    expect(JSON.stringify([...states.values()])).not.toContain(JSON.stringify(next));
    expect(answer.body).not.toContain(next === 'short' ? 'value="short"' : next);
    expect([account.passwordHash, await isIn(here), await isIn(elsewhere)]).toEqual([before, true, true]);
  });

  it('lets nobody guess the current password in a browser that was left open', async () => {
    const { change } = await signedIn();
    for (let n = 0; n < 10; n += 1) expect((await change('wrong', fresh)).statusCode).toBe(403);
    expect((await change(password, fresh)).statusCode).toBe(429);
  });

  it('does not change a password that was changed elsewhere at the same time', async () => {
    const { accounts, here, change } = await signedIn();
    const replace = accounts.replacePassword;
    accounts.replacePassword = (id, hashes) => replace(id, { ...hashes, from: 'what it was before' });
    const { location = '' } = (await change(password, fresh)).headers;
    expect((await here.get(location)).body).toContain('changed elsewhere at the same time');
  });

  it('has no password for an account of a provider', async () => {
    const { account, here, change } = await signedIn();
    account.passwordHash = null;
    const { body } = await here.get('/account');
    expect(body).not.toContain('type="password"');
    expect(body).toContain('organization');
    expect((await change('', fresh)).statusCode).toBe(404);
  });

  it('lists the sessions, and ends one or all of them', async () => {
    const { here, elsewhere, isIn, running, audited } = await signedIn();
    const page = (await here.get('/account')).body;
    expect([page.match(/name="session"/g)?.length, page.match(/This browser/g)?.length]).toEqual([1, 1]);
    const [, other = ''] = /name="session" value="([^"]+)"/.exec(page) ?? [];
    expect((await here.post('/account/sessions/end', { session: other })).statusCode).toBe(303);
    expect([await isIn(here), await isIn(elsewhere)]).toEqual([true, false]);
    await elsewhere.signIn('dana');
    await here.get('/account');
    const left = await here.post('/account/sign-out-everywhere');
    expect([left.statusCode, left.headers.location, running.size]).toEqual([303, '/sign-in', 0]);
    const by = { who: 'dana', from: '127.0.0.1', session: expect.any(String) };
    expect(audited.filter(({ what }) => what === 'signed-out')).toMatchObject([
      { ...by, outcome: 'another session, by hand' },
      { ...by, outcome: 'everywhere, by hand' },
    ]);
  });

  it("ends nobody else's session", async () => {
    const { here, browser, running } = await signedIn();
    const eve = browser();
    running.set('of eve', { ...[...running.values()][0], _id: 'of eve', account: 'id-of-eve' } as never);
    await here.get('/account');
    await here.post('/account/sessions/end', { session: 'of eve' });
    expect([running.has('of eve'), (await eve.get('/account')).statusCode]).toEqual([true, 303]);
  });
});

describe('E-mail to the owner of an account', () => {
  const wanted = { email: 'dana@example.org', subscription: 'digest', hour: '7' };

  it('is chosen on the page of the account, is shown there again, and is in the audit', async () => {
    const { here, own, audited } = await signedIn();
    const answer = await here.post('/account/notifications', wanted);
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/account?done=notifications']);
    expect(own.get('id-of-dana')).toMatchObject({
      ...{ channel: 'email', target: 'dana@example.org', subscriptions: ['digest'], hour: 7, instances: '*' },
      ...{ account: 'id-of-dana', createdBy: 'dana' },
    });
    const { body } = await here.get('/account?done=notifications');
    for (const text of ['Saved.', 'value="dana@example.org"', 'value="7"']) expect(body).toContain(text);
    expect(audited.map(({ outcome }) => outcome)).toContain(
      'set by its owner: dana: email to dana@example.org, daily summary, all instances',
    );
  });

  it.each([
    ['an empty address', { ...wanted, email: '' }],
    ['nothing chosen', { email: 'dana@example.org' }],
  ])('ends with %s', async (_, form) => {
    const { here, own } = await signedIn();
    await here.post('/account/notifications', wanted);
    await here.post('/account/notifications', form);
    expect(own.size).toBe(0);
  });

  it('needs one address', async () => {
    const { here, elsewhere, own } = await signedIn();
    const two = 'a@example.org, b@example.org';
    const sent = await here.post('/account/notifications', { ...wanted, email: two });
    expect([sent.statusCode, sent.headers.location]).toEqual([303, '/account?form=s-1']);
    const { body } = await here.get('/account?form=s-1');
    for (const text of ['Enter one e-mail address', `value="${two}"`, 'value="7"']) expect(body).toContain(text);
    // A form of another account is not shown.
    expect((await elsewhere.get('/account?form=s-9')).body).not.toContain('Enter one e-mail address');
    expect(own.size).toBe(0);
  });

  it('is not offered where no mail server is set', async () => {
    const at = await signInApp({ hasMail: false });
    await at.account('dana');
    const here = at.browser();
    await here.signIn('dana');
    expect((await here.get('/account')).body).toContain('E-mail is not set up.');
  });
});

it('Sessions elsewhere end by one button, and this one stays', async () => {
  const { here, elsewhere, isIn, audited } = await signedIn();
  expect((await here.get('/account')).body).toContain('Sign out everywhere else');
  const answer = await here.post('/account/sign-out-others');
  expect(answer.headers.location).toBe('/account?done=others');
  expect([await isIn(here), await isIn(elsewhere)]).toEqual([true, false]);
  expect((await here.get('/account?done=others')).body).not.toContain('Sign out everywhere else');
  expect(audited.map(({ outcome }) => outcome)).toContain('everywhere else, by hand');
});

it('A person may choose a time zone, and end that', async () => {
  const at = await signInApp();
  const account = await at.account('dana');
  const here = at.browser();
  await here.signIn('dana');
  await here.get('/account');
  const refused = await here.post('/account/zone', { timeZone: 'Mars/Base' });
  const again = await here.get(String(refused.headers.location));
  expect(again.body).toContain('There is no such time zone.');
  expect(again.body).toMatch(/<input(?=[^>]*value="Mars\/Base")[^>]*aria-invalid/);
  expect(account.timeZone).toBeUndefined();
  for (const [timeZone, stored, shown] of [
    ['America/Denver', 'America/Denver', /AM MST|AM MDT/],
    ['', null, /AM UTC/],
  ] as const) {
    const saved = await here.post('/account/zone', { timeZone });
    expect(saved.headers.location).toBe('/account?done=zone');
    expect(account.timeZone).toBe(stored);
    const { body } = await here.get('/account?done=zone');
    expect(body).toContain('Your time zone is saved.');
    expect(body).toMatch(shown);
  }
});

it('The page of an account and the pages of refusals say what is away', async () => {
  const since = new Date('2026-03-02T09:00:00Z');
  const banners = () => [{ text: 'The sync engine is not responding.', short: '', since, instance: null }];
  const at = await signInApp({ outages: { banners, databaseAwaySince: () => null } });
  await at.account('dana');
  const here = at.browser();
  await here.signIn('dana');
  for (const path of ['/account', '/no-such-page'])
    expect((await here.get(path)).body).toContain('The sync engine is not responding.');
});
