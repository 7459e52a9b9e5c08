import { MongoNetworkError } from 'mongodb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { outageShort, outageTexts } from '../../../domain/outage.ts';
import type { SignedInUser } from '../../../domain/role.ts';
import { type OutagesOptions, watchOutages } from '../../../web/outages.ts';
import { aRun, emptyData, memoryStore } from '../../support/memoryStore.ts';
import { NOW, staffApp } from '../../support/staffApp.ts';

const since = new Date('2026-11-24T22:41:00Z');
const who: SignedInUser = { user: 'rvale', name: 'Robin Vale', role: 'staff', instances: ['north'] };
/** 12 minutes before the time of the pages. */
const ENDED = new Date(NOW.getTime() - 12 * 60_000);
const away = () => Promise.reject(new Error('away'));
const never = () => new Promise<never>(() => {});

const watching = new Set<{ stop(): Promise<void> }>();
afterEach(async () => {
  await Promise.all([...watching].map((one) => one.stop()));
  watching.clear();
});

/** Watches with quick checks, and counts the checks of Temporal. */
function watch(change: Partial<OutagesOptions> = {}) {
  const checks = { n: 0 };
  const { temporal = async () => undefined, ...others } = change;
  const outages = watchOutages({
    ...{ database: async () => undefined, runs: async () => [], instances: () => ['north', 'south'] },
    ...{ now: () => since, everyMs: 1, soonMs: 1, timeoutMs: 20 },
    temporal: () => {
      checks.n += 1;
      return temporal();
    },
    ...others,
  });
  watching.add(outages);
  return { outages, settled: (n: number) => vi.waitFor(() => expect(checks.n).toBeGreaterThan(n)) };
}

describe('What is away', () => {
  it('is nothing while everything answers', async () => {
    const { outages, settled } = watch();
    await settled(3);
    expect([outages.banners(who), outages.databaseAwaySince()]).toEqual([[], null]);
  });

  it.each([
    ['Temporal that refuses', { temporal: away }, outageTexts.temporal, null],
    ['Temporal that is frozen', { temporal: never }, outageTexts.temporal, null],
    ['MongoDB that refuses', { database: away }, outageTexts.database, since],
    ['MongoDB that is frozen', { database: never }, outageTexts.database, since],
  ])('is %s, with since when', async (_what, change, text, databaseAway) => {
    const { outages } = watch(change);
    await vi.waitFor(() => expect(outages.banners(who)).toMatchObject([{ text, since, instance: null }]));
    expect(outages.banners(null)).toMatchObject([{ text, since, instance: null }]);
    expect(outages.databaseAwaySince()).toEqual(databaseAway);
  });

  it('is over when it answers again', async () => {
    let isAway = true;
    const { outages } = watch({ temporal: () => (isAway ? away() : Promise.resolve()) });
    await vi.waitFor(() => expect(outages.banners(who)).toHaveLength(1));
    isAway = false;
    await vi.waitFor(() => expect(outages.banners(who)).toEqual([]));
  });

  it('of an instance is shown only to those who may see it', async () => {
    const failed = aRun({ status: 'failed', fault: { code: 'timeout', text: '' }, startedAt: since });
    const { outages } = watch({ runs: async (instance) => (instance === 'north' ? [failed] : []) });
    await vi.waitFor(() => expect(outages.banners(who)).toHaveLength(1));
    expect(outages.banners(who)[0]?.text).toContain('KIPU is not responding for north');
    expect(outages.banners({ ...who, instances: ['south'] })).toEqual([]);
    expect(outages.banners(null)).toEqual([]);
  });
});

describe('A page', () => {
  const outages = (database: Date | null) => ({
    banners: () => [{ text: outageTexts.temporal, short: outageShort.temporal, since, instance: null }],
    databaseAwaySince: () => database,
  });

  it.each(['/', '/attention', '/held', '/referrals', '/runs', '/webhooks'])('%s says what is away', async (url) => {
    const { get } = await staffApp({ outages: outages(null) });
    const { statusCode, body } = await get(url);
    expect(statusCode).toBe(200);
    expect(body).toMatch(
      /The sync engine is not responding\. Nothing new is coming in\. Since <time datetime="2026-11-24T22:41/,
    );
  });

  it.each([
    [null, ['May be out of date', 'May be out of date'], 2],
    ['north', ['May be out of date', 'Up to date'], 1],
  ])('Home says that what it shows may be out of date where no sync can run: %s', async (instance, marks, times) => {
    const runs = ['north', 'south'].map((name) =>
      aRun({ _id: name, instance: name, startedAt: ENDED, endedAt: ENDED, cursor: ENDED }),
    );
    const away = { text: 'It is away.', short: 'it is away', since, instance };
    const { get } = await staffApp({
      stored: { runs },
      context: { freshWithinMs: 86_400_000 },
      outages: { banners: () => [away], databaseAwaySince: () => null },
    });
    const { body } = await get('/');
    const found = [...body.matchAll(/(May be out of date|Up to date|Out of date)</g)].map(([, text]) => text);
    expect(found.toSorted()).toEqual(marks);
    expect(
      body.match(/Last sync <time[^>]*>12 min ago<\/time>; it is away, so there are no new syncs\./g),
    ).toHaveLength(times);
  });

  it.each([
    ['that does not exist', '/records/r-none', 404],
    ['that is not for the account', '/people', 403],
  ])('%s says what is away too', async (_, url, status) => {
    const { get } = await staffApp({ outages: outages(null) });
    const { statusCode, body } = await get(url);
    expect(statusCode).toBe(status);
    expect(body).toContain('The sync engine is not responding. Nothing new is coming in.');
  });

  it('is one plain sentence with since when while MongoDB is away, and is loaded again by itself', async () => {
    const stored = emptyData();
    const store = memoryStore(stored);
    const page = vi.fn(store.runs.page);
    store.runs.page = page;
    const { get, post } = await staffApp({ outages: outages(since), context: { store } });
    const { statusCode, body, headers } = await get('/runs');
    expect([statusCode, headers.refresh, headers['retry-after']]).toEqual([503, '15', '10']);
    expect(headers['content-security-policy']).toContain("style-src 'self'");
    expect(body.match(/The database is not responding\./g)).toHaveLength(1);
    expect(body).not.toContain('class="banner"');
    expect(body).toContain('<time datetime="2026-11-24T22:41:00.000Z"');
    expect(page).not.toHaveBeenCalled();
    expect((await get('/assets/staff.css')).statusCode).toBe(200);
    const answer = await post('/runs', { instance: 'north' });
    expect([answer.statusCode, answer.headers.refresh]).toEqual([503, undefined]);
  });

  it('says the same when MongoDB fails before that is noticed', async () => {
    const store = memoryStore(emptyData());
    store.runs.page = () => Promise.reject(new MongoNetworkError('lost'));
    const { get } = await staffApp({ context: { store } });
    const { statusCode, body } = await get('/runs');
    expect(statusCode).toBe(503);
    expect(body).toContain('The database is not responding.');
    expect(body).not.toContain('Since');
  });
});
