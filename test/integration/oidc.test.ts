import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../config/logger.ts';
import { readSettings } from '../../config/settings.ts';
import { freePort } from '../../dev/servers/ports.ts';
import { openStore, type Store } from '../../store/connect.ts';
import { startWeb, type Web } from '../../web/server.ts';
import { visitor } from '../support/httpVisitor.ts';
import { clientId, clientSecret, type People, startOpenIdProvider } from '../support/openIdProvider.ts';
import { mongoForTests } from '../support/servers.ts';

const { uri } = await mongoForTests();
const nobody = await freePort();
const toClose: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of toClose.reverse()) await close();
});

/** The service with a provider beside it; the provider tells claims in the ID token, or when it is asked for them. */
async function house(options: { claimsInIdToken: boolean; issuer?: string }) {
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const people: People = {};
  const redirectUri = `${base}/sign-in/openid/callback`;
  const provider = await startOpenIdProvider({ redirectUri, people, claimsInIdToken: options.claimsInIdToken });
  toClose.push(provider.stop);
  const settings = readSettings({
    WEB_ADDRESS: `127.0.0.1:${port}`,
    WEB_URL: base,
    MONGODB_DATABASE: `oidc_${process.pid}_${port}`,
    OIDC_ISSUER: options.issuer ?? provider.issuer,
    OIDC_CLIENT_ID: clientId,
    OIDC_CLIENT_SECRET: clientSecret,
    OIDC_SCOPES: 'openid profile house',
    OIDC_INSTANCES_CLAIM: 'sites',
  });
  const store: Store = openStore({ uri, database: settings.mongo.database });
  toClose.push(() => store.close());
  await store.setUp();
  const logged: string[] = [];
  const address = `127.0.0.1:${nobody}`;
  const web: Web = await startWeb({
    settings,
    mongoUri: uri,
    temporal: { address, namespace: 'default', connection: { address } },
    instances: [],
    logger: createLogger('info', { write: (line) => void logged.push(line) }),
  });
  toClose.push(() => web.stop());
  const audited = async () =>
    (await store.auditEvents.list({}, 20)).map(({ who, what, outcome }) => [who, what, outcome].join(' | '));
  return { base, people, store, logged, audited, provider };
}

type House = Awaited<ReturnType<typeof house>>;

/** Comes by the button of the sign-in page, logs in at the provider and consents; gives the page where that leads. */
async function comeIn({ base }: House, login: string, browser = visitor(), path = '/') {
  const page = await browser.go(`${base}${path}`);
  const [, href = ''] = /<a class="button" href="([^"]+)"/.exec(page.body) ?? [];
  let at = await browser.go(new URL(href.replaceAll('&amp;', '&'), base));
  while (at.url.pathname.startsWith('/interaction/')) at = await browser.submit(at, { login, password: 'any' });
  return { browser, page: at };
}

const session = (browser: ReturnType<typeof visitor>) =>
  browser.cookies().find(({ name }) => name === 'kipu-referrals-session')?.value;

describe.each([
  { where: 'in the ID token', claimsInIdToken: true },
  { where: 'at the userinfo address', claimsInIdToken: false },
])('with claims $where', (how) => {
  let at: House;
  beforeAll(async () => {
    at = await house(how);
  });

  it('signs in whom the provider gives a role, and leads to the page that they wanted', async () => {
    at.people.dana = { name: 'Dana Whitlock', preferred_username: 'Dana', role: 'staff', sites: ['north'] };
    const { browser, page } = await comeIn(at, 'dana', visitor(), '/no-such-page');
    expect([page.status, page.url.href]).toEqual([404, `${at.base}/no-such-page`]);
    expect(page.body).toContain('Dana Whitlock');
    expect(session(browser)).toHaveLength(43);
    expect(await at.store.accounts.byName('openid:dana')).toMatchObject({
      displayName: 'Dana Whitlock',
      passwordHash: null,
      openId: { issuer: at.provider.issuer, subject: 'dana' },
      role: 'staff',
      instances: ['north'],
    });
    expect(await at.audited()).toEqual(['openid:dana | signed-in | by OpenID Connect']);

    const request = browser.seen.find(({ pathname }) => pathname === '/auth')?.searchParams;
    expect(Object.fromEntries(request ?? [])).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
  });

  it('goes by what the provider says at each sign-in', async () => {
    at.people.dana = { name: 'Dana W', preferred_username: 'dana', role: ['viewer', 'admin'], sites: '*' };
    await comeIn(at, 'dana');
    expect(await at.store.accounts.list()).toMatchObject([{ displayName: 'Dana W', role: 'admin', instances: '*' }]);
  });

  it('gives no two people one name', async () => {
    at.people.other = { preferred_username: 'Dana', role: 'viewer', sites: 'north' };
    await comeIn(at, 'other');
    expect((await at.store.accounts.list()).map(({ name, role }) => [name, role])).toEqual([
      ['openid:dana', 'admin'],
      ['openid:other', 'viewer'],
    ]);
  });

  it.each([
    ['no role', { sites: '*' }, 'You have no role here'],
    ['another role', { role: 'cook', sites: '*' }, 'You have no role here'],
    ['no instance', { role: 'staff' }, 'There is nothing for you to see here'],
  ])('refuses whom the provider gives %s, and says so', async (_, claims, text) => {
    at.people.eve = claims;
    const { browser, page } = await comeIn(at, 'eve');
    expect([page.status, page.body]).toEqual([403, expect.stringContaining(text)]);
    expect(session(browser)).toBeUndefined();
    expect((await at.store.accounts.list()).map(({ name }) => name)).not.toContain('openid:eve');
    expect((await at.audited())[0]).toMatch(
      /^unknown name \| sign-in-refused \| refused: no (role|instance) by OpenID/,
    );
  });

  it('refuses a disabled account, whatever the provider says', async () => {
    await at.store.accounts.setDisabled('openid:dana', true, new Date());
    const { browser, page } = await comeIn(at, 'dana');
    expect([page.status, page.body]).toEqual([403, expect.stringContaining('Your account is disabled')]);
    expect(session(browser)).toBeUndefined();
  });
});

describe('an answer of the provider', () => {
  let at: House;
  beforeAll(async () => {
    at = await house({ claimsInIdToken: true });
    at.people.dana = { role: 'staff', sites: '*' };
  });
  const callbackOf = ({ seen }: ReturnType<typeof visitor>) =>
    seen.find(({ pathname }) => pathname === '/sign-in/openid/callback') ?? new URL('http://none');

  it('is good once', async () => {
    const { browser } = await comeIn(at, 'dana');
    const again = await browser.go(callbackOf(browser));
    expect([again.status, again.body]).toEqual([400, expect.stringContaining('Start the sign-in again')]);
  });

  it('is good for the browser alone that was sent there', async () => {
    const { browser } = await comeIn(at, 'dana');
    const other = visitor();
    await other.go(`${at.base}/sign-in/openid`);
    const answer = await other.go(callbackOf(browser));
    expect([answer.status, session(other)]).toEqual([400, undefined]);
  });

  it('with a code that is none signs nobody in, and tells the log no more than a code', async () => {
    const browser = visitor();
    await browser.go(`${at.base}/sign-in/openid`);
    const state = browser.seen.find(({ pathname }) => pathname === '/auth')?.searchParams.get('state') ?? '';
    const query = new URLSearchParams({ code: 'made-up-code', state, iss: at.provider.issuer });
    const answer = await browser.go(`${at.base}/sign-in/openid/callback?${query}`);
    expect([answer.status, answer.body]).toEqual([502, expect.stringContaining('Or its answer is not as it must be')]);
    expect(session(browser)).toBeUndefined();
    expect(at.logged.join('')).toContain('a sign-in by OpenID Connect failed');
    expect(at.logged.join('')).not.toContain('made-up-code');
  });

  it('that somebody broke off leads back to the sign-in', async () => {
    const browser = visitor();
    const login = await browser.go(`${at.base}/sign-in/openid`);
    const [, abort = ''] = /href="([^"]+\/abort)"/.exec(login.body) ?? [];
    const answer = await browser.go(new URL(abort, login.url));
    expect([answer.status, answer.body]).toEqual([403, expect.stringContaining('You are not signed in')]);
  });

  it('leads nowhere else afterwards', async () => {
    const browser = visitor();
    await browser.go(`${at.base}/sign-in/openid?next=https://evil.test/`);
    const { page } = await comeIn(at, 'dana', browser);
    expect(page.url.origin).toBe(at.base);
  });
});

describe('a provider that does not answer', () => {
  it('is said so, and accounts with a password go on signing in', async () => {
    const at = await house({ claimsInIdToken: true, issuer: `http://127.0.0.1:${nobody}` });
    const answer = await visitor().go(`${at.base}/sign-in/openid`);
    expect([answer.status, answer.body]).toEqual([502, expect.stringContaining('does not answer')]);
    expect((await visitor().go(`${at.base}/sign-in`)).body).toContain('name="password"');
  });
});
