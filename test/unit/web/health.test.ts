import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import cookie from '@fastify/cookie';
import { fastify } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import type { InstanceFreshness } from '../../../client/freshness.ts';
import { createHealthReaders, type HealthOptions, healthRoutes } from '../../../web/health.ts';
import { appForTests, now } from '../../support/webApp.ts';

const north: InstanceFreshness = {
  instance: 'north',
  fresh: true,
  warnings: [],
  lastCompletedAt: now,
  ageMinutes: 0,
  lastWebhookAt: now,
  webhooks: {
    'patient-creation': { health: 'missing', at: ['Annex'], lastDeliveryAt: null, locations: [] },
    'chart-update': { health: 'healthy', at: [], lastDeliveryAt: now, locations: [] },
  },
};
const stale: InstanceFreshness = { ...north, instance: 'south', fresh: false, warnings: ['not-fresh'] };
const never = new Promise<never>(() => undefined);

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((app) => app.close()));
});

async function get(url: string, health: Partial<HealthOptions> = {}) {
  const app = fastify();
  open.push(app);
  app.register((scope) =>
    healthRoutes(scope, {
      ping: async () => undefined,
      freshness: async () => [],
      visibleTo: async () => '*',
      ...health,
    }),
  );
  const answer = await app.inject({ url });
  return { status: answer.statusCode, json: answer.json() };
}

const down = async () => {
  throw new Error('no server at mongodb://user:hidden@db');
};

describe('/health', () => {
  it.each<[string, string, Partial<HealthOptions>, number, object]>([
    ['live', 'a database that is down', { ping: down, freshness: down }, 200, { ok: true }],
    ['ready', 'a database that answers', {}, 200, { ok: true }],
    ['ready', 'a database that is down', { ping: down }, 503, { ok: false }],
    ['ready', 'a server that is about to stop', { isDraining: () => true }, 503, { ok: false }],
    ['freshness', 'an instance that is up to date', { freshness: async () => [north] }, 200, { ok: true }],
    ['freshness', 'one of two instances out of date', { freshness: async () => [north, stale] }, 503, { ok: false }],
    ['freshness', 'a database that is down', { freshness: down }, 503, { ok: false, why: 'store-unavailable' }],
  ])('/%s answers correctly with %s', async (page, _what, health, status, json) => {
    const answer = await get(`/health/${page}`, health);
    expect(answer).toMatchObject({ status, json });
    expect(JSON.stringify(answer.json)).not.toContain('hidden');
  });

  it.each([
    ['ready', { ping: () => never }],
    ['freshness', { freshness: () => never }],
  ])('/%s answers 503 when the database does not answer in time', async (page, health) => {
    expect((await get(`/health/${page}`, { ...health, timeoutMs: 20 })).status).toBe(503);
  });

  it('/freshness shows warnings, age and webhook health of each instance', async () => {
    const { json } = await get('/health/freshness', { freshness: async () => [north, stale] });
    // The same after JSON.
    expect(json.instances).toEqual(JSON.parse(JSON.stringify([north, stale])));
  });

  it('is part of the web application and needs no secret', async () => {
    const { app } = appForTests();
    for (const page of ['live', 'ready', 'freshness']) {
      expect((await app.inject({ url: `/health/${page}` })).statusCode).toBe(200);
    }
  });

  it.each([
    ['a stranger', null, undefined],
    ['someone who may see one instance', ['north'], ['north']],
    ['someone who may see all', '*' as const, ['north', 'south']],
  ])('/freshness says %s only what they may see', async (_, visible, names) => {
    const health = { freshness: async () => [north, stale], visibleTo: async () => visible };
    const { status, json } = await get('/health/freshness', health);
    expect([status, json.ok]).toEqual([503, false]);
    expect(json.instances?.map(({ instance }: InstanceFreshness) => instance)).toEqual(names);
    expect(Object.keys(json)).toEqual(names === undefined ? ['ok'] : ['ok', 'instances']);
  });

  it('/freshness says nothing but ok where it cannot be told who asks', async () => {
    const { json } = await get('/health/freshness', { freshness: async () => [north], visibleTo: down });
    expect(json).toEqual({ ok: true });
  });
});

describe('The details of the freshness', () => {
  const token = 'token-of-the-monitoring';
  const who = { user: 'dana', name: 'Dana', role: 'viewer' as const, instances: ['north'] };
  const far = { host: 'referrals.test' };

  it.each<[string, string, Record<string, string>, unknown]>([
    ['this machine', '127.0.0.1', { host: '127.0.0.1:8080' }, '*'],
    ['this machine by its name', '::1', { host: 'localhost' }, '*'],
    ['another machine', '192.0.2.7', { host: 'localhost' }, null],
    ['another machine through a proxy here', '127.0.0.1', { host: 'localhost', 'x-forwarded-for': '192.0.2.7' }, null],
    ['another machine that claims to be this one', '127.0.0.1', { host: 'localhost', 'x-real-ip': '127.0.0.1' }, null],
    ['a page of another site on this machine', '127.0.0.1', { host: 'rebound.test' }, null],
    ['the monitoring', '192.0.2.7', { ...far, authorization: `Bearer ${token}` }, '*'],
    ['a wrong token', '192.0.2.7', { ...far, authorization: `Bearer ${token}x` }, null],
    ['an empty token', '192.0.2.7', { ...far, authorization: 'Bearer ' }, null],
    ['somebody who is signed in', '192.0.2.7', { ...far, cookie: '__Host-kipu-referrals-session=abc' }, ['north']],
    [
      'a session that still needs a second factor',
      '192.0.2.7',
      { ...far, cookie: '__Host-kipu-referrals-session=half' },
      null,
    ],
    [
      'a session with a password that somebody gave',
      '192.0.2.7',
      { ...far, cookie: '__Host-kipu-referrals-session=given' },
      null,
    ],
    ['an ended session', '192.0.2.7', { ...far, cookie: '__Host-kipu-referrals-session=old' }, null],
    ['a cookie that an http page could set', '192.0.2.7', { ...far, cookie: 'kipu-referrals-session=abc' }, null],
  ])('are decided for %s', async (_, remoteAddress, headers, expected) => {
    const activities: string[] = [];
    const visibleTo = createHealthReaders({
      token,
      https: true,
      trustedProxies: [],
      sessions: {
        who: async (cookie, activity) => {
          activities.push(activity);
          const first = cookie === 'half' ? 'second-factor' : cookie === 'given' ? 'password' : null;
          return cookie === 'old' ? null : { who, first, endsAt: new Date() };
        },
      },
    });
    const app = fastify();
    open.push(app);
    await app.register(cookie);
    app.get('/', async (request) => ({ visible: await visibleTo(request) }));
    expect((await app.inject({ url: '/', headers, remoteAddress })).json()).toEqual({ visible: expected });
    // A monitor must not keep a session alive.
    expect(activities).not.toContain('activity');
  });

  it.each<[string, string[], string, unknown]>([
    ['no proxy is configured', [], '1.1', '*'],
    ['the proxy is another machine', ['10.0.0.5'], '1.1', '*'],
    ['the proxy is on this machine', ['10.0.0.5', '127.0.0.1'], '1.1', null],
    ['the proxy is on this machine, by IPv6', ['::1'], '1.1', null],
    ['a network of this machine is trusted', ['127.0.0.0/24'], '1.1', null],
    ['it came by HTTP/1.0, as nginx sends it', [], '1.0', null],
  ])(
    'are shown to a request of this machine without forwarding headers where %s',
    async (_, proxies, version, seen) => {
      const sessions = { who: async () => null };
      const visibleTo = createHealthReaders({ token: null, https: false, trustedProxies: proxies, sessions });
      const app = fastify();
      open.push(app);
      await app.register(cookie);
      app.get('/', async (request) => ({ visible: await visibleTo(request) }));
      const port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
      const socket = connect(port, '127.0.0.1');
      socket.end(`GET / HTTP/${version}\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`);
      expect(await text(socket)).toContain(JSON.stringify({ visible: seen }));
    },
  );

  it('need no token that is not set', async () => {
    const visibleTo = createHealthReaders({
      token: null,
      https: true,
      trustedProxies: [],
      sessions: { who: async () => null },
    });
    const app = fastify();
    open.push(app);
    await app.register(cookie);
    app.get('/', async (request) => ({ visible: await visibleTo(request) }));
    const headers = { host: 'a.test', authorization: 'Bearer null' };
    expect((await app.inject({ url: '/', headers })).json()).toEqual({ visible: null });
  });
});

describe('Every answer that is not a page', () => {
  it.each([
    ['GET', '/health/live'],
    ['GET', '/health/freshness'],
    ['GET', '/no-such-page'],
    ['GET', '/%'],
    ['POST', '/webhooks/north/chart-update'],
    ['PUT', '/webhooks/north/chart-update'],
  ] as const)('is neither stored nor guessed: %s %s', async (method, url) => {
    const { app } = appForTests();
    expect((await app.inject({ method, url })).headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
    });
  });
});
