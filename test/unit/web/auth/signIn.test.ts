import { describe, expect, it } from 'vitest';
import { checkPassword } from '../../../../web/auth/checkPassword.ts';
import { password, signInApp } from '../../../support/signInApp.ts';

describe('The sign-in', () => {
  it.each(['dana', ' Dana ', 'DANA'])('accepts the name %j', async (name) => {
    const at = await signInApp();
    await at.account('dana');
    const answer = await at.browser().signIn(name, password, '/held');
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/held']);
  });

  it.each([
    ['a wrong password', 'dana', 'seven quiet heron'],
    ['an unknown name', 'nobody', password],
    ['no name at all', '', password],
    ['an invalid name', '<script>', password],
    ['no password', 'dana', ''],
    ['a long password', 'dana', `${password}${'x'.repeat(300)}`],
    ['a disabled account', 'gone', password],
    ['an account of a provider', 'openid:eve', password],
  ])('gives the same answer for %s', async (_, name, typed) => {
    const at = await signInApp();
    await at.account('dana');
    Object.assign(await at.account('gone'), { disabled: true });
    Object.assign(await at.account('openid:eve'), { passwordHash: null });
    const answer = await at.browser().signIn(name, typed);
    expect([answer.statusCode, answer.headers.location]).toEqual([401, undefined]);
    expect(answer.body).toContain('The username or password is incorrect.');
    expect(answer.body).not.toContain('<script>');
    expect(answer.cookies.map((one) => one.name)).toEqual(['kipu-referrals-visit']);
    expect(at.running.size).toBe(0);
    await expect.poll(() => at.audited.map(({ what }) => what)).toEqual(['sign-in-refused']);
    expect(JSON.stringify([at.audited, at.logged])).not.toContain('heron');
  });

  it.each([
    ['a wrong password', 0, 'wrong', ['knownDevices.isKnown', 'take', 'take', 'accounts.byName', 'verify']],
    ['too many attempts', 10, 'too-many', ['knownDevices.isKnown', 'take', 'take']],
  ])('does the same work for an unknown name as for a known one: %s', async (_, before, refused, expected) => {
    const at = await signInApp();
    await at.account('dana');
    const work = async (name: string, address: string) => {
      const done: string[] = [];
      const watched = <T extends object>(store: T, prefix: string): T =>
        new Proxy(store, {
          get(target, property) {
            done.push(`${prefix}${String(property)}`);
            return Reflect.get(target, property);
          },
        });
      const verify = async () => done.push('verify') === 0;
      const store = {
        accounts: watched(at.accounts, 'accounts.'),
        signInAttempts: watched(at.signInAttempts, ''),
        knownDevices: watched(at.knownDevices, 'knownDevices.'),
        auditEvents: watched(at.auditEvents, 'audit.'),
      };
      const typed = { name, password: 'x', address, deviceCookie: 'y' };
      for (let n = 0; n < before; n += 1) await checkPassword(store, typed, new Date(0), verify);
      done.length = 0;
      const checked = await checkPassword(store, typed, new Date(0), verify);
      return { done, refused: 'refused' in checked && checked.refused };
    };
    expect(await work('dana', '10.0.0.1')).toEqual({ done: expected, refused });
    expect(await work('nobody', '10.0.0.2')).toEqual({ done: expected, refused });
  });

  it.each([
    ['a wrong password', 'dana', 0, 401],
    ['an unknown name', 'nobody', 0, 401],
    ['too many attempts', 'dana', 10, 429],
    ['an invalid form', '', 0, 401],
  ])('answers %s no sooner than after 300 ms, and audits it afterwards', async (_, name, before, status) => {
    const pauses: { ms: number; release: () => void }[] = [];
    let hold = false;
    const pause = (ms: number) =>
      hold ? new Promise<void>((release) => pauses.push({ ms, release })) : Promise.resolve();
    const at = await signInApp({ pause });
    await at.account('dana');
    const browser = at.browser();
    for (let n = 0; n < before; n += 1) await browser.signIn(name, 'wrong');
    await expect.poll(() => at.audited.length).toBe(Math.min(before, 1));
    hold = true;
    const answer = browser.signIn(name, 'wrong');
    await expect.poll(() => pauses.length).toBe(1);
    const [{ ms, release } = { ms: 0, release: () => undefined }] = pauses;
    expect([ms > 0, ms <= 300]).toEqual([true, true]);
    expect(at.audited).toHaveLength(Math.min(before, 1));
    release();
    expect((await answer).statusCode).toBe(status);
    await expect.poll(() => at.audited.length).toBe(Math.min(before, 1) + 1);
  });

  it('writes its audit entries before it stops', async () => {
    const at = await signInApp();
    await at.browser().signIn('nobody', 'wrong');
    await at.app.close();
    expect(at.audited.map(({ what }) => what)).toEqual(['sign-in-refused']);
  });

  it('never audits an unknown name, because it may be a password', async () => {
    const at = await signInApp();
    await at.browser().signIn('my-s3cret-typed-too-early', 'x');
    await expect
      .poll(() => at.audited.map(({ who, outcome }) => [who, outcome]))
      .toEqual([['unknown name', 'refused: wrong name or password']]);
  });

  it('audits refusals once a minute, with the address of the first', async () => {
    const at = await signInApp({ trustProxy: ['127.0.0.1'] });
    await at.account('dana');
    for (const address of ['192.0.2.7', '192.0.2.8', '192.0.2.7'])
      await at.browser({ 'x-forwarded-for': address }).signIn('dana', 'wrong');
    at.pass(1);
    await at.browser({ 'x-forwarded-for': '192.0.2.9' }).signIn('dana', 'wrong');
    await at.app.close();
    expect(at.audited.map(({ who, what, from }) => [who, what, from])).toEqual([
      ['dana', 'sign-in-refused', '192.0.2.7'],
      ['dana', 'sign-in-refused', '192.0.2.9'],
    ]);
  });
});

describe('Too many attempts', () => {
  const fail = async (
    at: Awaited<ReturnType<typeof signInApp>>,
    times: number,
    name = 'dana',
    address = '10.0.0.1',
  ) => {
    const browser = at.browser({ 'x-forwarded-for': address });
    let last = await browser.get('/sign-in');
    for (let n = 0; n < times; n += 1) last = await browser.signIn(name, 'wrong');
    return last;
  };
  const proxied = () => signInApp({ trustProxy: ['127.0.0.1'] });

  it('for one name are refused until the announced time, also with the right password and from another address', async () => {
    const at = await proxied();
    await at.account('dana');
    at.pass(1);
    expect((await fail(at, 10)).statusCode).toBe(401);
    const answer = await at.browser({ 'x-forwarded-for': '10.9.9.9' }).signIn('dana');
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([429, String(14 * 60)]);
    expect(answer.body).toContain('Too many attempts. Try again in 14 minutes.');
    await expect.poll(() => at.audited.map(({ outcome }) => outcome)).toContain('refused: too many attempts');
    at.pass(14);
    expect((await at.browser().signIn('dana')).statusCode).toBe(303);
  });

  it('from an address that is over its limit do not count for the name', async () => {
    const at = await proxied();
    await at.account('dana');
    for (let n = 0; n < 5; n += 1) await fail(at, 10, `name-${n}`);
    expect((await fail(at, 11, 'dana')).statusCode).toBe(429);
    expect((await at.browser({ 'x-forwarded-for': '10.9.9.9' }).signIn('dana')).statusCode).toBe(303);
  });

  it('of strangers do not keep out a browser that signed in before, for half a year', async () => {
    const at = await proxied();
    await at.account('dana');
    const hers = at.browser({ 'x-forwarded-for': '10.0.0.1' });
    await hers.signIn('dana');
    at.pass(179 * 24 * 60);
    for (let n = 0; n < 5; n += 1) await fail(at, 10, `name-${n}`);
    await fail(at, 20, 'dana', '10.0.0.2');
    expect((await hers.signIn('dana')).statusCode).toBe(303);
    // Her sign-in renewed the time, and gave the strangers no more attempts.
    expect((await at.browser({ 'x-forwarded-for': '10.9.9.9' }).signIn('dana')).statusCode).toBe(429);
    at.pass(181 * 24 * 60);
    await fail(at, 11, 'dana', '10.0.0.2');
    expect((await hers.signIn('dana')).statusCode).toBe(429);
  });

  it('from a browser that signed in before have a limit too, which is its own', async () => {
    const at = await proxied();
    await at.account('dana');
    const hers = at.browser({ 'x-forwarded-for': '10.0.0.1' });
    await hers.signIn('dana');
    await hers.post('/sign-out');
    for (let n = 0; n < 10; n += 1) expect((await hers.signIn('dana', 'wrong')).statusCode).toBe(401);
    expect((await hers.signIn('dana')).statusCode).toBe(429);
    expect((await at.browser({ 'x-forwarded-for': '10.0.0.1' }).signIn('dana')).statusCode).toBe(303);
  });

  it.each([
    ['made up', 'x'.repeat(43)],
    ['of another account', null],
  ])('from a browser whose cookie is %s count like those of strangers', async (_, value) => {
    const at = await proxied();
    await at.account('dana');
    await at.account('eve');
    const eve = at.browser({ 'x-forwarded-for': '10.0.0.3' });
    await eve.signIn('eve');
    await eve.post('/sign-out');
    if (value !== null) eve.cookies.set('kipu-referrals-device', value);
    await fail(at, 10, 'dana', '10.0.0.2');
    expect((await eve.signIn('dana')).statusCode).toBe(429);
  });

  it('for an unknown name are refused the same way', async () => {
    const at = await proxied();
    expect((await fail(at, 10, 'nobody')).statusCode).toBe(401);
    expect((await fail(at, 1, 'nobody')).statusCode).toBe(429);
  });

  it('from one address are refused for every name, but not from other addresses', async () => {
    const at = await proxied();
    await at.account('dana');
    for (let n = 0; n < 5; n += 1) await fail(at, 10, `name-${n}`);
    expect((await at.browser({ 'x-forwarded-for': '10.0.0.1' }).signIn('dana')).statusCode).toBe(429);
    expect((await at.browser({ 'x-forwarded-for': '10.0.0.2' }).signIn('dana')).statusCode).toBe(303);
  });

  it('with a forged x-forwarded-for count for the real address', async () => {
    const at = await signInApp();
    await at.account('dana');
    for (let n = 0; n < 50; n += 1) await fail(at, 1, `name-${n}`, `10.0.0.${n}`);
    expect((await at.browser({ 'x-forwarded-for': '10.0.1.1' }).signIn('dana')).statusCode).toBe(429);
  });

  it('are reset by a successful sign-in', async () => {
    const at = await signInApp();
    await at.account('dana');
    for (let round = 0; round < 7; round += 1) {
      await fail(at, 7);
      expect((await at.browser().signIn('dana')).statusCode).toBe(303);
    }
  });
});

describe('Forms', () => {
  it.each([
    ['refuse a missing token', { _csrf: '' }, 403],
    ['refuse a wrong token', { _csrf: 'x'.repeat(43) }, 403],
    ['accept the session’s token', {}, 200],
  ])('%s', async (_, form, status) => {
    const at = await signInApp();
    await at.account('dana', 'staff');
    const browser = at.browser();
    await browser.signIn('dana');
    expect((await browser.post('/unlock', form)).statusCode).toBe(status);
    expect((await browser.post('/sign-out', form)).statusCode).toBe(status === 200 ? 303 : 403);
  });

  it("refuse another user's token and the token of the sign-in form", async () => {
    const at = await signInApp();
    await at.account('dana', 'staff');
    await at.account('eve', 'staff');
    const [dana, eve] = [at.browser(), at.browser()];
    const form = (await eve.get('/sign-in')).body;
    const visits = /name="_csrf" value="([^"]+)"/.exec(form)?.[1] ?? '';
    await Promise.all([dana.signIn('dana'), eve.signIn('eve')]);
    const hers = (await dana.get('/token')).body;
    expect((await eve.post('/unlock', { _csrf: hers })).statusCode).toBe(403);
    expect((await eve.post('/unlock', { _csrf: visits })).statusCode).toBe(403);
  });

  it('accept the token in a header', async () => {
    const at = await signInApp();
    await at.account('dana', 'staff');
    const browser = at.browser();
    await browser.signIn('dana');
    const token = (await browser.get('/token')).body;
    const cookies = Object.fromEntries(browser.cookies);
    const send = (headers: Record<string, string>) =>
      at.app.inject({ method: 'POST', url: '/unlock', cookies, headers });
    expect((await send({ 'x-csrf-token': token })).statusCode).toBe(200);
    expect((await send({})).statusCode).toBe(403);
  });

  it('for the sign-in are refused without the cookie that came with the page', async () => {
    const at = await signInApp();
    await at.account('dana');
    const [mine, other] = [at.browser(), at.browser()];
    await other.get('/sign-in');
    const answer = await mine.post('/sign-in', { _csrf: 'x', name: 'dana', password });
    expect([answer.statusCode, at.running.size]).toEqual([403, 0]);
  });

  it('are refused in other content types', async () => {
    const at = await signInApp();
    const send = (type: string) =>
      at.app.inject({ method: 'POST', url: '/sign-in', payload: '{}', headers: { 'content-type': type } });
    expect((await send('application/json')).statusCode).toBe(415);
    expect((await send('multipart/form-data; boundary=x')).statusCode).toBe(415);
  });
});

describe('The redirect after the sign-in', () => {
  it.each(['//evil.test', 'https://evil.test/', '/\\evil.test', '/%0d%0aset-cookie:x', '/sign-out'])(
    'never leads to another site: %j',
    async (next) => {
      const at = await signInApp();
      await at.account('dana');
      const browser = at.browser();
      const { headers } = await browser.signIn('dana', password, next);
      expect(new URL(headers.location ?? '', 'http://here').host).toBe('here');
      const again = await browser.get(`/sign-in?${new URLSearchParams({ next })}`);
      expect(new URL(again.headers.location ?? '', 'http://here').host).toBe('here');
    },
  );
});
