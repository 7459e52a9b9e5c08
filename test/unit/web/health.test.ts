import { fastify } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import type { InstanceFreshness } from '../../../client/freshness.ts';
import { type HealthOptions, healthRoutes } from '../../../web/app.ts';
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
  app.register((scope) => healthRoutes(scope, { ping: async () => undefined, freshness: async () => [], ...health }));
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
});
