import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { csrfTokenOf } from '../../../web/auth/browser.ts';
import { adminData } from '../../support/adminPages.ts';
import { FUZZ_MS, fuzz, MARK, markedText, mostly, oddText } from '../../support/arbitraries.ts';
import { demoForTests } from '../../support/demoForTests.ts';
import { storedProblems } from '../../support/jsonSchema.ts';
import { RECIPIENT, stories } from '../../support/markedDocuments.ts';
import type { StoredData } from '../../support/memoryStore.ts';
import { cookieHeader, encoded, formParts, formToken, inAddress } from '../../support/requestArbitraries.ts';
import { COOKIE, COOKIE_NAME, NOW, staffApp } from '../../support/staffApp.ts';
import { appForTests } from '../../support/webApp.ts';

vi.setConfig({ testTimeout: FUZZ_MS });

const { held, linked, failed, run, all } = stories();
const stored = {
  ...all,
  ...adminData(),
  pageStates: { ...all.pageStates, 'rvale s-form': { kind: 'form' as const, fields: { recipient: RECIPIENT } } },
};
const records = [held, linked, failed].map(({ _id }) => _id);

/** The fields of all forms and addresses, with values that are right for one of them. */
const fields: Record<string, readonly string[]> = {
  ...{ instance: ['north', 'south', '*', ''], location: ['Detox', '-'], facility: ['Detox'], level: ['Residential'] },
  ...{ kind: ['locked', 'connection'], after: records, on: ['2026-02-27'], list: ['all', 'locked'], days: ['90'] },
  ...{
    reason: ['webhook-missing'],
    age: ['day', 'week'],
    sort: ['discharge', 'changed'],
    trail: records,
    say: ['none'],
  },
  ...{ all: ['1'], clear: ['1'], s: ['s-typed', 's-sent'], locked: ['1'], form: ['s-form'], seen: ['x'], full: ['1'] },
  ...{ recordId: records, typed: ['a name'], why: ['checked'], problem: ['missing'], changed: ['1'], done: ['added'] },
  ...{
    state: ['recorded', 'revoked'],
    version: ['0', '1'],
    recipients: [RECIPIENT],
    purposes: ['treatment', 'payment'],
  },
  ...{ recipient: [RECIPIENT], purpose: ['treatment'], basis: ['consent', 'medical-emergency'], status: ['active'] },
  ...{ signedOn: ['2026-01-04'], expiresOn: ['2027-01-04', ''], consent: ['recorded'], recipientClass: ['entity'] },
  ...{ name: ['dana', 'west', 'Front desk'], displayName: ['Dana Lee'], role: ['admin', 'staff', 'viewer'] },
  ...{ action: ['disable', 'enable', 'link', 'end-sessions', 'reset-second-factor', 'unblock', 'password'] },
  ...{ channel: ['slack', 'webhook', 'email'], target: ['desk@example.org', 'https://hooks.example.org/x'] },
  ...{ subscription: ['digest', 'trouble'], hour: ['8'], id: ['n-desk'], draft: ['x'], confirm: ['north', 'west'] },
  ...{ baseUrl: ['https://kipu.example'], accessId: ['access'], secretKey: ['secret'], appId: ['app'] },
  ...{ timeZone: ['America/Chicago'], lockPolicy: ['always'], digest: ['sha256'], saved: ['1'], page: ['2'] },
  ...{ who: ['dana'], what: ['signed-in'], record: records, from: ['2026-03-01'], until: ['2026-03-02'], email: [''] },
  ...{ next: ['/held'], over: ['1'], code: ['123456'], token: ['x'], fresh: ['x'], again: ['x'], session: ['s'] },
};

const params: Record<string, readonly string[]> = {
  ...{ recordId: records, runId: [run._id], selection: ['s-selected', 's-sent'], instance: ['north', 'south'] },
  ...{
    accountId: ['a', 'id-of-dana'],
    guide: ['connect-kipu'],
    action: ['discharge', 'take-down'],
    token: ['x'],
    '*': ['x'],
  },
};

/** A path of a route: its parameters are right, or anything. */
function pathOf(route: string): fc.Arbitrary<string> {
  const segments = route.split('/').map((segment): fc.Arbitrary<string> => {
    const name = segment === '*' ? '*' : segment.startsWith(':') ? segment.slice(1) : null;
    if (name === null) return fc.constant(segment);
    return mostly(
      fc.constantFrom(...(params[name] ?? ['x'])),
      oddText,
      markedText,
      fc.constantFrom('%', '%ff', '%00', '..'),
    );
  });
  return fc.tuple(...segments).map((parts) => parts.map(inPath).join('/'));
}

/** Returns a text as a part of a path. What is a part of an encoding stays as it is. */
function inPath(text: string): string {
  return /^(%\w*|\.\.)$/.test(text) ? text : inAddress(text);
}

type Started = Awaited<ReturnType<typeof start>>;

/** Starts the pages with the stories, for an administrator who sees all instances. The clock refills the rates. */
async function start() {
  const clock = { at: NOW };
  const context = { testWebhook: async () => undefined, demo: demoForTests().demo };
  const lines: string[] = [];
  const started = await staffApp({
    ...{ role: 'admin', sees: '*', stored, clock, context },
    build: (pages) => {
      const { app, logged } = appForTests({ pages, now: () => clock.at });
      app.addHook('onResponse', async () => void lines.push(...logged.splice(0)));
      return app;
    },
  });
  const tick = () => {
    clock.at = new Date(clock.at.getTime() + 1_000);
  };
  return { ...started, lines, tick };
}

/** Expects that everything that a collection would store is what its validator accepts. */
function expectStored({ data }: Started): void {
  const kept: [string, object[]][] = [
    ...[
      ['unlockRequests', data.unlockRequests],
      ['disclosures', data.disclosures],
      ['recipients', data.recipients],
    ],
    ...[
      ['accounts', data.accounts],
      ['auditEvents', data.audit],
      ['kipuConnections', data.connections],
    ],
    ...[
      ['referrals', data.referrals],
      ['passwordLinks', data.passwordLinks],
    ],
    ['pageStates', Object.values(data.pageStates).map((state) => ({ state }))],
  ] as [string, object[]][];
  expect(storedProblems(kept)).toEqual([]);
}

/** Forgets what requests stored, so that a run of any length has the same data. */
function reset(data: StoredData): void {
  Object.assign(
    data,
    structuredClone({ ...stored, unlockRequests: [], disclosures: [], passwordLinks: [], connections: [] }),
  );
}

/** The routes of the other files of this folder. */
const ELSEWHERE = /^HEAD |^\w+ \/(webhooks\/:instance|sign-|choose-password|account)/;

const OK = [200, 204, 303];
/** Refusals whose page has fixed texts alone. */
const FIXED = [400, 401, 403, 404, 413, 414, 415];
/** Refusals whose page shows what was entered again. */
const SHOWN_AGAIN = [409, 422, 429];

describe('Any request to the pages', () => {
  it('of every route is answered without an error of ours, and stores only what the database accepts', async () => {
    const started = await start();
    const { app, data, logged, lines, tick } = started;
    const routes = [...new Set(started.routes.filter((route) => !ELSEWHERE.test(route)))];
    const csrf = csrfTokenOf(COOKIE);
    const request = fc.constantFrom(...routes).chain((route) => {
      const [method = '', path = ''] = route.split(' ');
      return fc.record({
        route: fc.constant(route),
        method: mostly(
          fc.constant(method),
          fc.constantFrom('GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'),
        ),
        path: pathOf(path),
        ...formParts(fields, 'text/plain', 'multipart/form-data; boundary=x', ''),
        token: formToken(csrf),
        cookie: mostly(
          fc.constant(`${COOKIE_NAME}=${COOKIE}`),
          cookieHeader([COOKIE_NAME, 'kipu-referrals-visit'], COOKIE),
        ),
        fragment: mostly(fc.constant('false'), fc.constant('true')),
      });
    });
    const answered = new Map<string, Set<number>>();
    await fuzz(
      'pages',
      { inputs: request, runs: 180 },
      async ({ route, method, path, query, form, style, ...more }) => {
        tick();
        reset(data);
        logged.length = 0;
        const answer = await app.inject({
          method: method as 'GET',
          url: `${path}?${encoded(query, style)}`,
          headers: {
            ...(more.type === '' ? {} : { 'content-type': more.type }),
            ...{ cookie: more.cookie, 'hx-request': more.fragment },
          },
          payload: ['GET', 'HEAD'].includes(method) ? undefined : encoded([['_csrf', more.token], ...form], style),
        });
        answered.set(route, (answered.get(route) ?? new Set()).add(answer.statusCode));
        expect([...OK, ...FIXED, ...SHOWN_AGAIN]).toContain(answer.statusCode);
        expect([...logged, ...lines.splice(0)]).toEqual([]);
        // Text that was entered is shown again only where it cannot be read as HTML.
        if (!String(answer.headers['content-type']).startsWith('text/csv'))
          expect(answer.body).not.toContain(`<${MARK}`);
        // The address of the page itself is where the sign-in leads back to.
        const body = answer.body.replaceAll(/next=[^"&]*/g, '');
        if (FIXED.includes(answer.statusCode)) expect(body).not.toContain(MARK);
        expectStored(started);
      },
    );
    // The claims prove nothing unless routes let requests through.
    const passed = routes.filter((route) => OK.some((status) => answered.get(route)?.has(status)));
    expect(passed.length).toBeGreaterThan(10);
  });

  it('says what is wrong with it: its size, or its type', async () => {
    const { app, post } = await start();
    const large = await post('/search', { typed: 'x'.repeat(70_000) });
    expect([large.statusCode, large.body]).toEqual([413, expect.stringContaining('That is too large')]);
    const headers = { cookie: `${COOKIE_NAME}=${COOKIE}`, 'content-type': 'text/plain' };
    const other = await app.inject({ method: 'POST', url: '/search', headers, payload: MARK });
    expect([other.statusCode, other.body]).toEqual([415, expect.stringMatching(/We can.+t read that request/)]);
  });
});
