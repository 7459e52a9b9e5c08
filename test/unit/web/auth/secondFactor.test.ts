import { describe, expect, it } from 'vitest';
import { appAddress, codeAt, stepOfCode } from '../../../../client/secondFactor.ts';
import { password, signInApp } from '../../../support/signInApp.ts';

/** The published secret of RFC 6238, appendix B, with the last six digits of its codes. */
const RFC_SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

type App = Awaited<ReturnType<typeof signInApp>>;
/** The clock of the app under test, moved by `pass`. */
const clockOf = (minutes: number) => new Date(new Date('2026-03-02T10:00:00Z').getTime() + minutes * 60_000);

async function withFactor(settings: Parameters<typeof signInApp>[0] = {}) {
  const at = await signInApp(settings);
  const account = await at.account('dana', 'staff');
  const here = at.browser();
  await here.signIn('dana');
  await here.get('/account');
  const shown = await here.post('/account/second-factor', { current: password });
  const secret = account.proposedSecret ?? '';
  const confirmed = await here.post('/account/second-factor/confirm', { code: codeAt(secret, clockOf(0)) });
  const codes = [...confirmed.body.matchAll(/<code>([a-z0-9-]{23})<\/code>/g)].map(([, code = '']) => code);
  return { ...at, account, here, shown, secret, confirmed, codes };
}

/** Signs in with the password and then the code, in a new browser. */
async function signIn(at: Pick<App, 'browser'>, code: string) {
  const browser = at.browser();
  const first = await browser.signIn('dana', password, '/held');
  await browser.get('/sign-in/code');
  const second = await browser.post('/sign-in/code', { code, next: '/held' });
  return { browser, first, second, isIn: (await browser.get('/held')).statusCode === 200 };
}

describe('Codes of an authenticator app', () => {
  it.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [2_000_000_000, '279037'],
  ])('are those of RFC 6238: at %d seconds', (seconds, code) => {
    const at = new Date(seconds * 1_000);
    expect(codeAt(RFC_SECRET, at)).toBe(code);
    expect(stepOfCode(RFC_SECRET, ` ${code.slice(0, 3)} ${code.slice(3)}`, at)).toBe(Math.floor(seconds / 30));
  });

  it.each([
    [-60, false],
    [-30, true],
    [30, true],
    [60, false],
  ])('are valid one step before and after: %d seconds', (seconds, valid) => {
    const at = new Date(1_000_000_020_000);
    const code = codeAt(RFC_SECRET, new Date(at.getTime() + seconds * 1_000));
    expect(stepOfCode(RFC_SECRET, code, at) !== null).toBe(valid);
  });

  it.each(['', '12345', '1234567', 'abcdef', '-12345'])('are six digits: %j is not valid', (code) =>
    expect(stepOfCode(RFC_SECRET, code, new Date(0))).toBeNull(),
  );

  it('have an address for apps with the name and the secret', () => {
    const address = new URL(appAddress(RFC_SECRET, 'dana@example.org'));
    expect([address.protocol, address.searchParams.get('secret')]).toEqual(['otpauth:', RFC_SECRET]);
    expect(decodeURIComponent(address.pathname)).toContain('dana@example.org');
  });
});

describe('The set-up of an authenticator app', () => {
  it('shows the secret and its address, is active after its first code, and shows recovery codes once', async () => {
    const { shown, secret, confirmed, account, codes, audited, here } = await withFactor();
    expect(shown.body.replaceAll(' ', '')).toContain(secret);
    expect(shown.body).toContain('otpauth://totp/');
    expect([confirmed.statusCode, codes.length, new Set(codes).size]).toEqual([200, 8, 8]);
    expect(account.secondFactor?.recovery).toHaveLength(8);
    expect(JSON.stringify(account)).not.toContain(codes[0]);
    expect(audited.map(({ outcome }) => outcome)).toContain('second factor of dana turned on, by its owner');
    expect(JSON.stringify(audited)).not.toMatch(new RegExp(`${secret}|${codes[0]}`));
    expect((await here.get('/account')).body).not.toContain(codes[0]);
  });

  it('is not active without a right code, and starts only with the password', async () => {
    const at = await signInApp();
    const account = await at.account('dana');
    const here = at.browser();
    await here.signIn('dana');
    await here.get('/account');
    expect((await here.post('/account/second-factor', { current: 'wrong' })).statusCode).toBe(403);
    expect(account.proposedSecret).toBeUndefined();
    expect((await here.post('/account/second-factor/confirm', { code: '123456' })).statusCode).toBe(400);
    await here.post('/account/second-factor', { current: password });
    expect((await here.post('/account/second-factor/confirm', { code: 'abcdef' })).statusCode).toBe(422);
    expect(account.secondFactor).toBeUndefined();
    expect((await at.browser().signIn('dana', password, '/held')).headers.location).toBe('/held');
  });

  it('ends the other sessions, which were started without it', async () => {
    const at = await signInApp();
    const account = await at.account('dana');
    const [here, elsewhere] = [at.browser(), at.browser()];
    await elsewhere.signIn('dana');
    await here.signIn('dana');
    await here.get('/account');
    await here.post('/account/second-factor', { current: password });
    await here.post('/account/second-factor/confirm', { code: codeAt(account.proposedSecret ?? '', clockOf(0)) });
    expect([(await here.get('/held')).statusCode, (await elsewhere.get('/held')).statusCode]).toEqual([200, 303]);
  });
});

describe('A sign-in with a second factor', () => {
  it('signs nobody in by the password alone', async () => {
    const at = await withFactor();
    const sessions = at.running.size;
    const browser = at.browser();
    const answer = await browser.signIn('dana', password, '/held');
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/sign-in/code?next=%2Fheld']);
    expect([at.running.size, (await browser.get('/held')).statusCode]).toEqual([sessions, 303]);
    expect(at.audited.filter(({ what }) => what === 'signed-in')).toHaveLength(1);
  });

  it('accepts the code of the app once', async () => {
    const at = await withFactor();
    const used = codeAt(at.secret, clockOf(0));
    expect((await signIn(at, used)).isIn).toBe(false);
    at.pass(1);
    const code = codeAt(at.secret, clockOf(1));
    const { second, isIn } = await signIn(at, code);
    expect([second.statusCode, second.headers.location, isIn]).toEqual([303, '/held', true]);
    expect(at.audited.map(({ outcome, from }) => [outcome, from])).toEqual(
      expect.arrayContaining([
        ['by password and code', '127.0.0.1'],
        ['refused: wrong code', '127.0.0.1'],
      ]),
    );
    expect((await signIn(at, code)).isIn).toBe(false);
  });

  it('accepts each recovery code once, however it is typed', async () => {
    const at = await withFactor();
    const [code = ''] = at.codes;
    expect((await signIn(at, ` ${code.toUpperCase().replaceAll('-', ' ')} `)).isIn).toBe(true);
    expect((await signIn(at, code)).isIn).toBe(false);
    expect(at.account.secondFactor?.recovery).toHaveLength(7);
  });

  it('limits the codes that can be tried, also over several sign-ins', async () => {
    const at = await withFactor();
    for (let n = 0; n < 10; n += 1) expect((await signIn(at, 'wrong')).second.statusCode).toBe(401);
    const { second, isIn } = await signIn(at, at.codes[0] ?? '');
    expect([second.statusCode, isIn]).toEqual([429, false]);
    at.pass(15);
    expect((await signIn(at, at.codes[0] ?? '')).isIn).toBe(true);
  });

  it.each([
    ['after ten minutes', 10, {}],
    ['after the password was changed', 0, { epoch: 9 }],
    ['of a disabled account', 0, { disabled: true }],
  ])('has expired %s', async (_, minutes, changed) => {
    const at = await withFactor();
    const browser = at.browser();
    await browser.signIn('dana');
    await browser.get('/sign-in/code');
    at.pass(minutes);
    Object.assign(at.account, changed);
    expect((await browser.post('/sign-in/code', { code: at.codes[0] ?? '' })).statusCode).toBe(400);
    expect((await browser.get('/held')).statusCode).toBe(303);
  });

  it('is refused without the token of its form', async () => {
    const at = await withFactor();
    const browser = at.browser();
    await browser.signIn('dana');
    expect((await browser.post('/sign-in/code', { _csrf: 'x', code: at.codes[0] ?? '' })).statusCode).toBe(403);
  });
});

describe('With REQUIRE_SECOND_FACTOR', () => {
  it('an account with a password sees only its own page until it has one', async () => {
    const at = await signInApp({ requireSecondFactor: true });
    const account = await at.account('dana', 'admin');
    const here = at.browser();
    await here.signIn('dana');
    for (const url of ['/', '/held', '/records/r-north', '/export', '/no-such-page', '/accounts']) {
      const answer = await here.get(url);
      expect([url, answer.statusCode, answer.headers.location]).toEqual([url, 303, '/account']);
    }
    const part = await here.get('/fragment', { 'hx-request': 'true' });
    expect([part.statusCode, part.headers['hx-redirect']]).toEqual([403, '/account']);
    expect((await here.get('/account')).body).toContain('Set up an authenticator app first');
    expect((await here.post('/unlock')).statusCode).toBe(403);
    await here.post('/account/second-factor', { current: password });
    await here.post('/account/second-factor/confirm', { code: codeAt(account.proposedSecret ?? '', clockOf(0)) });
    expect((await here.get('/held')).statusCode).toBe(200);
  });

  it('an account of a provider needs none here', async () => {
    const at = await signInApp({ requireSecondFactor: true });
    const account = await at.account('dana');
    const here = at.browser();
    await here.signIn('dana');
    account.passwordHash = null;
    expect((await here.get('/held')).statusCode).toBe(200);
  });
});
