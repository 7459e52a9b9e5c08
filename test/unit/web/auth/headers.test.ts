import { describe, expect, it } from 'vitest';
import { signInApp } from '../../../support/signInApp.ts';

const byHttps = { 'x-forwarded-proto': 'https' };

describe('Behind a proxy with https, the pages', () => {
  const publicUrl = 'https://referrals.test';

  it.each<[string, string[], Record<string, string>]>([
    ['by plain http', ['127.0.0.1'], {}],
    ['by plain http to the proxy', ['127.0.0.1'], { 'x-forwarded-proto': 'http' }],
    ['by plain http behind a claim of the browser', ['127.0.0.1'], { 'x-forwarded-proto': 'https, http' }],
    ['by an address that is not a trusted proxy', ['192.0.2.1'], byHttps],
  ])('are refused %s, before any cookie is read or set', async (_, trustProxy, headers) => {
    const at = await signInApp({ publicUrl, trustProxy });
    await at.account('dana');
    const browser = at.browser(headers);
    for (const url of ['/', '/sign-in', '/assets/staff.css', '/records/r-north', '/no-such-page']) {
      const answer = await browser.get(url);
      expect([answer.statusCode, answer.body]).toEqual([403, expect.stringContaining('by https only')]);
      expect(answer.cookies).toEqual([]);
    }
    expect((await browser.signIn('dana')).statusCode).toBe(403);
    expect(at.running.size).toBe(0);
  });

  it('are served when the trusted proxy says that the browser came by https', async () => {
    const at = await signInApp({ publicUrl, trustProxy: ['127.0.0.1'] });
    expect((await at.browser(byHttps).get('/sign-in')).statusCode).toBe(200);
  });
});

describe('Cookies', () => {
  it.each([
    ['http on loopback', null, 'kipu-referrals-', undefined],
    ['https', 'https://referrals.test', '__Host-kipu-referrals-', true],
  ])('over %s have the right prefix and attributes', async (_, publicUrl, prefix, secure) => {
    const at = await signInApp({ publicUrl, trustProxy: ['127.0.0.1'] });
    await at.account('dana');
    const browser = at.browser(publicUrl === null ? {} : byHttps);
    const answer = await browser.signIn('dana');
    expect(answer.statusCode).toBe(303);
    const common = { path: '/', httpOnly: true, sameSite: 'Lax' };
    for (const cookie of answer.cookies) {
      expect(cookie).toMatchObject(common);
      // No domain: only this host. No age: only until the browser is closed.
      const days = cookie.name === `${prefix}device` ? 180 : undefined;
      expect([cookie.secure, 'domain' in cookie, cookie.maxAge]).toEqual([secure, false, days && days * 86_400]);
    }
    expect(answer.cookies.map(({ name }) => name).sort()).toEqual(
      ['device', 'session', 'visit'].map((name) => `${prefix}${name}`),
    );
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
    const at = await signInApp({ publicUrl: 'https://referrals.test', trustProxy: ['127.0.0.1'] });
    expect((await at.browser(byHttps).get('/sign-in')).headers['strict-transport-security']).toBe('max-age=31536000');
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
