import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { generateSecret } from '../../../client/secondFactor.ts';
import { parsePendingSignIn } from '../../../web/auth/openId.ts';
import { safeNextPath } from '../../../web/auth/routes.ts';
import { documentsLike, FUZZ_MS, fuzz, MARK, markedText, mostly, oddText } from '../../support/arbitraries.ts';
import { storedProblems } from '../../support/jsonSchema.ts';
import { cookieHeader, encoded, formParts, formToken, inAddress } from '../../support/requestArbitraries.ts';
import { password, signInApp } from '../../support/signInApp.ts';

vi.setConfig({ testTimeout: FUZZ_MS });

const NAMES = ['session', 'visit', 'openid', 'device', 'challenge'].map((one) => `kipu-referrals-${one}`);
const paths = {
  ...{ '/sign-in': 'GET POST', '/sign-out': 'POST', '/sign-in/code': 'GET POST', '/choose-password': 'POST' },
  ...{ '/choose-password/x': 'GET', '/account': 'GET', '/account/password': 'POST', '/account/notifications': 'POST' },
  ...{ '/account/sessions/end': 'POST', '/account/sign-out-others': 'POST', '/account/second-factor': 'POST' },
  ...{ '/account/second-factor/confirm': 'POST', '/session': 'GET POST', '/held': 'GET', '/records/r-north': 'GET' },
};
const fields = {
  ...{
    name: ['dana', 'nobody'],
    password: [password, 'wrong'],
    next: ['/held', '//evil.example', '/\\evil'],
    over: ['1'],
  },
  ...{ code: ['123456'], token: ['x'], fresh: ['a new password of mine'], again: ['a new password of mine'] },
  ...{
    current: [password, 'wrong'],
    session: ['s'],
    email: ['dana@example.org'],
    subscription: ['digest'],
    hour: ['7'],
  },
  ...{ done: ['password'], form: ['s-1'] },
};

/** Starts the sign-in with a person who is signed in. Each browser has another address, so that none is refused for its rate. */
async function start() {
  const at = await signInApp({ trustProxy: ['127.0.0.1'] });
  const account = await at.account('dana');
  account.proposedSecret = generateSecret();
  const browser = at.browser();
  await browser.signIn('dana');
  const sessions = structuredClone([...at.running]);
  const token = (await browser.get('/token')).body;
  const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ');
  return { ...at, cookie, token, account: structuredClone(account), sessions };
}

type Started = Awaited<ReturnType<typeof start>>;

function reset({ all, running, account, sessions, pass, logged, own, states }: Started): void {
  all.splice(0, all.length, structuredClone(account));
  running.clear();
  for (const [id, session] of sessions) running.set(id, { ...session });
  for (const map of [own, states]) map.clear();
  pass(0.05);
  logged.length = 0;
}

function expectStored({ all, running, audited, own, states }: Started): void {
  const kept: [string, object[]][] = [
    ['accounts', all],
    ['sessions', [...running.values()]],
    ['auditEvents', audited],
    ['recipients', [...own.values()]],
    ['pageStates', [...states.values()].map((state) => ({ state }))],
  ];
  expect(storedProblems(kept)).toEqual([]);
  // A wrong name may be somebody's password.
  expect(JSON.stringify(audited.splice(0))).not.toContain(MARK);
}

describe('Any request to the sign-in and the own account', () => {
  it('is answered without an error of ours; nothing typed is logged, audited or in an address', async () => {
    const started = await start();
    const { app, cookie, token, logged } = started;
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      methods.split(' ').map((method) => ({ path, method })),
    );
    const inputs = fc.record({
      route: mostly(
        fc.constantFrom(...routes),
        markedText.map((text) => ({
          path: `/choose-password/${inAddress(text)}`,
          method: 'GET',
        })),
      ),
      ...formParts(fields),
      csrf: formToken(token),
      cookies: mostly(fc.constant(cookie), cookieHeader(NAMES, cookie.split('=')[1] ?? '')),
      from: fc.ipV4(),
    });
    const seen = new Set<number>();
    await fuzz(
      'sign-in and account',
      { inputs, runs: 120 },
      async ({ route, query, form, style, csrf, type, cookies, from }) => {
        reset(started);
        const { path, method } = route;
        const answer = await app.inject({
          method: method as 'GET',
          url: `${path}?${encoded(query, style)}`,
          headers: { cookie: cookies, 'x-forwarded-for': from, ...(method === 'POST' ? { 'content-type': type } : {}) },
          payload: method === 'POST' ? encoded([['_csrf', csrf], ...form], style) : undefined,
        });
        seen.add(answer.statusCode);
        expect([200, 204, 303, 400, 401, 403, 404, 413, 414, 415, 422, 429]).toContain(answer.statusCode);
        expect(logged).toEqual([]);
        expect(answer.body).not.toContain(`<${MARK}`);
        const { location = '/' } = answer.headers;
        expect(location).toMatch(/^\/(?![/\\])/);
        expect(String(location).replace(/next=[^&]*/, '')).not.toContain(MARK);
        expectStored(started);
      },
    );
    expect(seen.size).toBeGreaterThan(2);
  });

  it('leads only to a path of ours after the sign-in', async () => {
    const next = fc.oneof(
      ...[
        oddText,
        fc.webUrl(),
        fc.webPath(),
        fc.constantFrom('//x', '/\\x', '/\t/x', '/%2f/x', '/sign-out', '/./sign-in', '/a/..//x'),
      ],
      fc
        .string({ unit: fc.constantFrom('/', '\\', '.', '%', '@', ':', '?', '#', 'x', '\t', ' '), maxLength: 12 })
        .map((text) => `/${text}`),
    );
    await fuzz('paths after the sign-in', { inputs: next, runs: 300 }, (text) => {
      const path = safeNextPath(text);
      const to = new URL(path, 'https://here.example/sign-in');
      expect([to.origin, path.startsWith('//'), /[?#\\]/.test(path)]).toEqual(['https://here.example', false, false]);
    });
  });

  it('with any cookie of a sign-in at a provider has a whole one or none', async () => {
    const whole = { state: 's', nonce: 'n', verifier: 'v', next: '/held' };
    const texts = fc.oneof(
      documentsLike([whole]).map((json) => Buffer.from(JSON.stringify(json ?? null)).toString('base64url')),
      oddText,
    );
    await fuzz('cookies of a provider', { inputs: texts, runs: 200 }, (text) => {
      const pending = parsePendingSignIn(text);
      if (pending !== null) for (const part of Object.values(pending)) expect(typeof part).toBe('string');
    });
  });
});
