import { describe, expect, it } from 'vitest';
import { browser, password, signInApp } from '../../../support/signInApp.ts';

async function signedIn() {
  const at = await signInApp();
  const account = await at.account('dana', 'staff');
  const browser = at.browser();
  await browser.signIn('dana');
  const isIn = async () => (await browser.get('/held')).statusCode === 200;
  return { ...at, account, browser, isIn };
}

describe('A session', () => {
  it('ends half an hour after the last activity', async () => {
    const { pass, isIn } = await signedIn();
    pass(29);
    expect(await isIn()).toBe(true);
    pass(29);
    expect(await isIn()).toBe(true);
    pass(30);
    expect(await isIn()).toBe(false);
  });

  it('is not extended by polling', async () => {
    const { pass, browser, isIn } = await signedIn();
    for (let minutes = 0; minutes < 25; minutes += 5) {
      pass(5);
      expect((await browser.get('/fragment')).statusCode).toBe(200);
    }
    pass(6);
    expect(await isIn()).toBe(false);
  });

  it('ends twelve hours after the sign-in despite activity', async () => {
    const { pass, isIn } = await signedIn();
    for (let minutes = 0; minutes < 12 * 60 - 20; minutes += 20) {
      expect(await isIn()).toBe(true);
      pass(20);
    }
    expect(await isIn()).toBe(true);
    pass(20);
    expect(await isIn()).toBe(false);
  });

  it('that has ended shows a message and its cookie is deleted', async () => {
    const { pass, browser } = await signedIn();
    pass(31);
    const answer = await browser.get('/held');
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/sign-in?next=%2Fheld&over=1']);
    expect([...browser.cookies.keys()].sort()).toEqual(['kipu-referrals-device', 'kipu-referrals-visit']);
    expect((await browser.get('/sign-in?next=%2Fheld&over=1')).body).toContain('Your session has ended');
  });

  it('that has ended refuses a form and changes nothing', async () => {
    const { pass, browser } = await signedIn();
    pass(31);
    const answer = await browser.post('/unlock');
    expect([answer.statusCode, answer.body]).toEqual([401, expect.stringContaining('Nothing was changed')]);
  });

  it('makes an open page go to the sign-in when it ends', async () => {
    const { browser } = await signedIn();
    expect((await browser.get('/')).headers.refresh).toBe('1802; url=/sign-in?over=1');
    expect((await browser.get('/', { 'hx-request': 'true' })).headers.refresh).toBeUndefined();
  });

  it('warns on a complete page by a script, and sends browsers without scripts away', async () => {
    const { browser, pass } = await signedIn();
    pass(5);
    const { body, headers } = await browser.get('/account');
    expect(headers.refresh).toBeUndefined();
    expect(body).toContain('<meta name="session-seconds" content="1800"/>');
    const leave = '<meta http-equiv="refresh" content="1802; url=/sign-in?next=%2Faccount&amp;over=1"/>';
    expect(body).toContain(`<noscript>${leave}</noscript></head>`);
    expect(body).toContain('<dialog id="session"');
  });

  it('says in how many seconds it ends without being extended, and is extended when its user asks', async () => {
    const { browser, pass, isIn } = await signedIn();
    pass(29);
    expect((await browser.get('/session')).json()).toEqual({ seconds: 60 });
    expect((await browser.get('/session')).json()).toEqual({ seconds: 60 });
    expect((await browser.post('/session', { _csrf: 'of another site' })).statusCode).toBe(403);
    expect((await browser.post('/session')).json()).toEqual({ seconds: 1_800 });
    pass(29);
    expect(await isIn()).toBe(true);
    pass(31);
    expect((await browser.get('/session')).statusCode).toBe(401);
  });

  it('says that it is extended no further than twelve hours', async () => {
    const { browser, pass } = await signedIn();
    for (let minutes = 0; minutes < 12 * 60 - 20; minutes += 20) {
      pass(20);
      await browser.post('/session');
    }
    pass(15);
    expect((await browser.post('/session')).json()).toEqual({ seconds: 300 });
  });

  it('is not extended by a page that reads itself again', async () => {
    const { browser, pass, isIn } = await signedIn();
    pass(29);
    expect((await browser.get('/held', { 'x-refresh': '1' })).statusCode).toBe(200);
    pass(2);
    expect(await isIn()).toBe(false);
  });

  it.each([
    ['is disabled', { disabled: true }],
    ['has another epoch because of a new password', { epoch: 2 }],
  ])('ends immediately when its account %s', async (_, change) => {
    const { account, isIn } = await signedIn();
    Object.assign(account, change);
    expect(await isIn()).toBe(false);
  });

  it('has a new id at each sign-in, and the previous session ends', async () => {
    const at = await signInApp();
    const { app, running } = at;
    const account = await at.account('dana');
    const tabs = browser(app);
    // Two sign-in forms are open in one browser, and both are sent.
    const form = (await tabs.get('/sign-in')).body;
    const _csrf = /name="_csrf" value="([^"]+)"/.exec(form)?.[1] ?? '';
    const send = () => tabs.post('/sign-in', { _csrf, name: account.name, password });
    await send();
    const before = tabs.cookies.get('kipu-referrals-session') ?? '';
    expect((await send()).statusCode).toBe(303);
    expect(tabs.cookies.get('kipu-referrals-session')).not.toBe(before);
    expect(running.size).toBe(1);
    const old = await app.inject({ url: '/held', cookies: { 'kipu-referrals-session': before } });
    expect([before.length, old.statusCode]).toEqual([43, 303]);
  });

  it('never uses an id that the browser sent', async () => {
    const at = await signInApp();
    await at.account('dana');
    const visitor = at.browser();
    visitor.cookies.set('kipu-referrals-session', 'fixed-by-somebody-else');
    await visitor.signIn('dana');
    expect(visitor.cookies.get('kipu-referrals-session')).toHaveLength(43);
  });

  it('cannot be used with its stored id', async () => {
    const { app, running, isIn } = await signedIn();
    const [id = ''] = running.keys();
    expect((await app.inject({ url: '/held', cookies: { 'kipu-referrals-session': id } })).statusCode).toBe(303);
    expect(await isIn()).toBe(true);
  });

  it('ends with the sign-out, which is audited', async () => {
    const { browser, running, audited, app } = await signedIn();
    const cookies = Object.fromEntries(browser.cookies);
    const [session = ''] = running.keys();
    expect((await browser.post('/sign-out')).headers.location).toBe('/sign-in');
    expect(running.size).toBe(0);
    expect((await app.inject({ url: '/held', cookies })).statusCode).toBe(303);
    expect(audited.map(({ who, what, from, session: of }) => [who, what, from, of])).toEqual([
      ['dana', 'signed-in', '127.0.0.1', undefined],
      ['dana', 'signed-out', '127.0.0.1', session.slice(0, 12)],
    ]);
  });

  it('is not ended by a GET: the sign-out is a form', async () => {
    const { browser, isIn } = await signedIn();
    expect((await browser.get('/sign-out')).statusCode).toBe(404);
    expect(await isIn()).toBe(true);
  });
});
