import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../config/logger.ts';
import { readSettings } from '../../config/settings.ts';
import { freePort } from '../../dev/servers/ports.ts';
import { openStore, type Store } from '../../store/connect.ts';
import { startWeb, type Web } from '../../web/server.ts';
import { visitor } from '../support/httpVisitor.ts';
import { newDatabaseName } from '../support/mongoServer.ts';
import { clientId, clientSecret, type People, startOpenIdProvider } from '../support/openIdProvider.ts';
import { mongoForTests } from '../support/servers.ts';

const { uri } = await mongoForTests();
const nobody = await freePort();
const toClose: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of toClose.reverse()) await close();
});

/** Starts the service with a provider that sends claims in the ID token, or only from its userinfo endpoint. */
async function startService(options: { claimsInIdToken: boolean; issuer?: string }) {
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const people: People = {};
  const redirectUri = `${base}/sign-in/openid/callback`;
  const provider = await startOpenIdProvider({ redirectUri, people, claimsInIdToken: options.claimsInIdToken });
  toClose.push(provider.stop);
  const settings = readSettings({
    WEB_ADDRESS: `127.0.0.1:${port}`,
    WEB_URL: base,
    MONGODB_DATABASE: newDatabaseName(),
    OIDC_ISSUER: options.issuer ?? provider.issuer,
    OIDC_CLIENT_ID: clientId,
    OIDC_CLIENT_SECRET: clientSecret,
    OIDC_SCOPES: 'openid profile organization',
    OIDC_INSTANCES_CLAIM: 'sites',
  });
  const store: Store = openStore({ ...settings.mongo, uri });
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
    (await store.auditEvents.list({}, 20)).map(({ who, what, outcome, from }) => {
      expect(from).toBe('127.0.0.1');
      return [who, what, outcome].join(' | ');
    });
  return { base, people, store, logged, audited, provider };
}

type Service = Awaited<ReturnType<typeof startService>>;

/** Signs in by the button of the sign-in page, logs in at the provider and consents. Returns the page it leads to. */
async function signIn({ base }: Service, login: string, browser = visitor(), path = '/') {
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
  { where: 'at the userinfo endpoint', claimsInIdToken: false },
])('OpenID Connect with claims $where', (how) => {
  let at: Service;
  beforeAll(async () => {
    at = await startService(how);
  });

  it('signs in a user with a role, and leads to the requested page', async () => {
    at.people.dana = { name: 'Dana Whitlock', preferred_username: 'Dana', role: 'staff', sites: ['north'] };
    const { browser, page } = await signIn(at, 'dana', visitor(), '/no-such-page');
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

  it('updates the account from the claims at each sign-in', async () => {
    at.people.dana = { name: 'Dana W', preferred_username: 'dana', role: ['viewer', 'admin'], sites: '*' };
    await signIn(at, 'dana');
    expect(await at.store.accounts.list()).toMatchObject([{ displayName: 'Dana W', role: 'admin', instances: '*' }]);
  });

  it('never uses one name for two people', async () => {
    at.people.other = { preferred_username: 'Dana', role: 'viewer', sites: 'north' };
    await signIn(at, 'other');
    expect((await at.store.accounts.list()).map(({ name, role }) => [name, role])).toEqual([
      ['openid:dana', 'admin'],
      ['openid:other', 'viewer'],
    ]);
  });

  it.each([
    ['no role', { sites: '*' }, 'have a role here'],
    ['another role', { role: 'cook', sites: '*' }, 'have a role here'],
    ['no instance', { role: 'staff' }, 'have access to any KIPU connection'],
  ])('refuses a user with %s and says so', async (_, claims, text) => {
    at.people.eve = claims;
    const { browser, page } = await signIn(at, 'eve');
    expect([page.status, page.body]).toEqual([403, expect.stringContaining(text)]);
    expect(session(browser)).toBeUndefined();
    expect((await at.store.accounts.list()).map(({ name }) => name)).not.toContain('openid:eve');
    expect((await at.audited())[0]).toMatch(
      /^unknown name \| sign-in-refused \| refused: no (role|instance) by OpenID/,
    );
  });

  it('refuses a disabled account', async () => {
    await at.store.accounts.setDisabled('openid:dana', true, new Date());
    const { browser, page } = await signIn(at, 'dana');
    expect([page.status, page.body]).toEqual([403, expect.stringContaining('Your account is disabled')]);
    expect(session(browser)).toBeUndefined();
  });
});

describe('The callback of the provider', () => {
  const refused = (reason: string) => `unknown name | sign-in-refused | refused: ${reason} (OpenID Connect)`;
  let at: Service;
  beforeAll(async () => {
    at = await startService({ claimsInIdToken: true });
    at.people.dana = { role: 'staff', sites: '*' };
  });
  const callbackOf = ({ seen }: ReturnType<typeof visitor>) =>
    seen.find(({ pathname }) => pathname === '/sign-in/openid/callback') ?? new URL('http://none');

  it('is valid once', async () => {
    const { browser } = await signIn(at, 'dana');
    const again = await browser.go(callbackOf(browser));
    expect([again.status, again.body]).toEqual([400, expect.stringContaining('Start the sign-in again')]);
    expect(await at.audited()).toContain(refused('the answer belongs to no sign-in of this browser'));
  });

  it('is valid only in the browser that started the sign-in', async () => {
    const { browser } = await signIn(at, 'dana');
    const other = visitor();
    await other.go(`${at.base}/sign-in/openid`);
    const answer = await other.go(callbackOf(browser));
    expect([answer.status, session(other)]).toEqual([400, undefined]);
  });

  it('with an invalid code signs nobody in, and does not log the code', async () => {
    const browser = visitor();
    await browser.go(`${at.base}/sign-in/openid`);
    const state = browser.seen.find(({ pathname }) => pathname === '/auth')?.searchParams.get('state') ?? '';
    const query = new URLSearchParams({ code: 'made-up-code', state, iss: at.provider.issuer });
    const answer = await browser.go(`${at.base}/sign-in/openid/callback?${query}`);
    expect([answer.status, answer.body]).toEqual([502, expect.stringContaining('or its answer is not valid')]);
    expect(session(browser)).toBeUndefined();
    expect(at.logged.join('')).toContain('a sign-in by OpenID Connect failed');
    expect(at.logged.join('')).not.toContain('made-up-code');
    expect((await at.audited())[0]).toBe(refused('the answer of the provider is not valid'));
  });

  it('with an ID token whose signature is not the provider’s signs nobody in, and is audited', async () => {
    const forged = await startService({ claimsInIdToken: true });
    forged.people.dana = { role: 'admin', sites: '*' };
    forged.provider.forgeSignatures();
    const { browser, page } = await signIn(forged, 'dana');
    expect([page.status, page.body]).toEqual([502, expect.stringContaining('or its answer is not valid')]);
    expect(session(browser)).toBeUndefined();
    expect(await forged.audited()).toEqual([
      'unknown name | sign-in-refused | refused: the answer of the provider is not valid (OpenID Connect)',
    ]);
  });

  it('after a canceled login leads back to the sign-in', async () => {
    const browser = visitor();
    const login = await browser.go(`${at.base}/sign-in/openid`);
    const [, abort = ''] = /href="([^"]+\/abort)"/.exec(login.body) ?? [];
    const answer = await browser.go(new URL(abort, login.url));
    expect([answer.status, answer.body]).toEqual([403, expect.stringContaining('You are not signed in')]);
    expect((await at.audited())[0]).toBe(refused('the provider refused'));
  });

  it('never redirects to another site', async () => {
    const browser = visitor();
    await browser.go(`${at.base}/sign-in/openid?next=https://evil.test/`);
    const { page } = await signIn(at, 'dana', browser);
    expect(page.url.origin).toBe(at.base);
  });
});

describe('Signing out', () => {
  it('leads to the sign-out of the provider, and back to the sign-in, where the next person is asked who they are', async () => {
    const at = await startService({ claimsInIdToken: true });
    at.people.dana = { role: 'staff', sites: '*' };
    const { browser, page } = await signIn(at, 'dana');
    const left = await browser.submit(page, {});
    expect(session(browser)).toBeUndefined();
    const [, url = ''] = /^0; url=(.+)$/.exec(left.headers.get('refresh') ?? '') ?? [];
    expect(left.body).toContain(url.replaceAll('&', '&amp;'));
    const asked = await browser.go(url);
    expect(asked.url.origin).toBe(at.provider.issuer);
    const back = await browser.submit(asked, { logout: 'yes' });
    expect(back.url.href).toBe(`${at.base}/sign-in`);
    await browser.go(`${at.base}/sign-in/openid`);
    expect(browser.seen.findLast(({ pathname }) => pathname === '/auth')?.searchParams.get('prompt')).toBe('login');
  });

  it('leads to the sign-in where the provider does not answer', async () => {
    const at = await startService({ claimsInIdToken: true, issuer: `http://127.0.0.1:${nobody}` });
    expect((await visitor().go(`${at.base}/sign-in/openid/sign-out`)).url.href).toBe(`${at.base}/sign-in`);
  });
});

describe('A provider that does not answer', () => {
  it('shows an error, and accounts with a password can still sign in', async () => {
    const at = await startService({ claimsInIdToken: true, issuer: `http://127.0.0.1:${nobody}` });
    const answer = await visitor().go(`${at.base}/sign-in/openid`);
    expect([answer.status, answer.body]).toEqual([502, expect.stringContaining("isn't working")]);
    expect((await visitor().go(`${at.base}/sign-in`)).body).toContain('name="password"');
  });
});
