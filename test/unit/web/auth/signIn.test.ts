import { describe, expect, it, vi } from 'vitest';
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
    expect(at.audited.map(({ what }) => what)).toEqual(['sign-in-refused']);
    expect(JSON.stringify([at.audited, at.logged])).not.toContain('heron');
  });

  it('does the same work for an unknown name as for a wrong password', async () => {
    const at = await signInApp();
    await at.account('dana');
    const work = async (name: string) => {
      const done: string[] = [];
      const watched = <T extends object>(store: T): T =>
        new Proxy(store, {
          get(target, property) {
            done.push(String(property));
            return Reflect.get(target, property);
          },
        });
      const verify = vi.fn(async () => false);
      const { accounts, signInAttempts, auditEvents } = at;
      const store = {
        accounts: watched(accounts),
        signInAttempts: watched(signInAttempts),
        auditEvents: watched(auditEvents),
      };
      await checkPassword(store, { name, password: 'x', address: '10.0.0.1' }, new Date(0), verify);
      return { done, checks: verify.mock.calls.length };
    };
    const known = await work('dana');
    expect(known.checks).toBe(1);
    expect(await work('nobody')).toEqual(known);
  });

  it('never audits an unknown name, because it may be a password', async () => {
    const at = await signInApp();
    await at.browser().signIn('my-s3cret-typed-too-early', 'x');
    expect(at.audited.map(({ who, outcome }) => [who, outcome])).toEqual([
      ['unknown name', 'refused: wrong name or password'],
    ]);
  });

  it('audits refusals once a minute', async () => {
    const at = await signInApp();
    await at.account('dana');
    const browser = at.browser();
    for (let times = 0; times < 3; times += 1) await browser.signIn('dana', 'wrong');
    at.pass(1);
    await browser.signIn('dana', 'wrong');
    expect(at.audited.map(({ who, what }) => [who, what])).toEqual(Array(2).fill(['dana', 'sign-in-refused']));
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
    expect(at.audited.map(({ outcome }) => outcome)).toContain('refused: too many attempts');
    at.pass(14);
    expect((await at.browser().signIn('dana')).statusCode).toBe(303);
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
