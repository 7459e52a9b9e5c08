import { describe, expect, it } from 'vitest';
import { signInApp } from '../../../support/signInApp.ts';

describe('Cookies', () => {
  it.each([
    ['http on loopback', null, 'kipu-referrals-', undefined],
    ['https', 'https://referrals.test', '__Host-kipu-referrals-', true],
  ])('over %s have the right prefix and attributes', async (_, publicUrl, prefix, secure) => {
    const at = await signInApp({ publicUrl });
    await at.account('dana');
    const browser = at.browser();
    const answer = await browser.signIn('dana');
    expect(answer.statusCode).toBe(303);
    const common = { path: '/', httpOnly: true, sameSite: 'Lax' };
    for (const cookie of answer.cookies) {
      expect(cookie).toMatchObject(common);
      // No domain and no age: only this host, only until the browser is closed.
      expect([cookie.secure, 'domain' in cookie, 'maxAge' in cookie]).toEqual([secure, false, false]);
    }
    expect(answer.cookies.map(({ name }) => name).sort()).toEqual([`${prefix}session`, `${prefix}visit`]);
    expect((await browser.get('/held')).statusCode).toBe(200);
  });
});

describe('The headers', () => {
  it('of every page forbid foreign scripts, frames, caching and referrers', async () => {
    const at = await signInApp();
    await at.account('dana');
    const browser = at.browser();
    await browser.signIn('dana');
    const visitor = at.browser();
    const answers = [
      ...(await Promise.all(
        ['/', '/held', '/no-such-page', '/fails', '/records/r-lost'].map((url) => browser.get(url)),
      )),
      await visitor.get('/'),
      await visitor.get('/sign-in'),
      await visitor.post('/unlock'),
      await visitor.signIn('dana', 'wrong'),
    ];
    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy':
          "default-src 'none';script-src 'self';style-src 'self';img-src 'self';connect-src 'self';form-action 'self';" +
          "base-uri 'none';frame-ancestors 'none'",
        'x-frame-options': 'DENY',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
      expect(headers).not.toHaveProperty('strict-transport-security');
    }
  });

  it('over https keep browsers on https', async () => {
    const at = await signInApp({ publicUrl: 'https://referrals.test' });
    expect((await at.browser().get('/sign-in')).headers['strict-transport-security']).toBe('max-age=31536000');
  });

  it('and the body of a 500 contain nothing of the error', async () => {
    const at = await signInApp();
    await at.account('dana');
    const browser = at.browser();
    await browser.signIn('dana');
    const answer = await browser.get('/fails');
    expect([answer.statusCode, answer.body]).toEqual([500, expect.stringContaining('Something went wrong')]);
    expect(`${answer.body}${at.logged.join('')}`).not.toContain('Wren');
    expect(at.logged.join('')).toContain('a page failed');
  });
});
