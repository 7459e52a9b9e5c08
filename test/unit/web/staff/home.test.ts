import { describe, expect, it } from 'vitest';
import type { WebhookHealth } from '../../../../domain/lock.ts';
import { runWarning } from '../../../../domain/run.ts';
import type { MeasuredWebhook } from '../../../../store/webhookHealth.ts';
import { troubleOf } from '../../../../web/staff/home/facts.ts';
import { heldRecord, stories } from '../../../support/markedDocuments.ts';
import { aRun, type StoredData } from '../../../support/memoryStore.ts';
import { NOW, staffApp } from '../../../support/staffApp.ts';

function measured(
  instance: string,
  webhook: MeasuredWebhook['webhook'],
  health: WebhookHealth,
  lastDeliveryAt: Date | null,
) {
  const what = {
    _id: `${instance}/${webhook}/1`,
    schemaVersion: 1,
    instance,
    webhook,
    locationId: '1',
    locationName: 'Detox',
  };
  return { ...what, health, lastDeliveryAt, lastNotified: null, cycles: [] };
}

const works = (instance: string) =>
  (['chart-update', 'patient-creation'] as const).map((webhook) => measured(instance, webhook, 'healthy', NOW));

describe('troubleOf', () => {
  const healthy = { health: 'healthy' as const, at: [], lastDeliveryAt: NOW, locations: [] };
  const freshness = {
    ...{ instance: 'north', fresh: true, warnings: [], lastCompletedAt: NOW, ageMinutes: 1, lastWebhookAt: NOW },
    webhooks: { 'chart-update': healthy, 'patient-creation': healthy },
  };
  const fine = { runs: [aRun()], schedule: null, freshness, warnings: [], conditions: [] };
  const failing = { ...healthy, health: 'failing' as const };
  const condition = { kind: 'late' as const, detail: null, text: '', since: NOW };

  it.each([
    ['an instance in order', {}, 0],
    ['one without a sync', { runs: [] }, 0],
    ['one that is out of date', { freshness: { ...freshness, fresh: false } }, 2],
    ['one with an open condition', { conditions: [condition] }, 2],
    ['one whose last sync failed', { runs: [aRun({ status: 'failed' })] }, 2],
    ['one whose last sync is incomplete', { runs: [aRun({ status: 'incomplete' }), aRun()] }, 2],
    ['one whose sync before that failed', { runs: [aRun(), aRun({ status: 'failed' })] }, 0],
    ['one with a warning', { warnings: [runWarning('roster-vanished')] }, 1],
    [
      'one with a failing webhook',
      { freshness: { ...freshness, webhooks: { ...freshness.webhooks, 'chart-update': failing } } },
      1,
    ],
    ['one that is paused', { schedule: { paused: true, note: null, nextRunAt: null, createdAt: NOW } as never }, 1],
  ])('of %s', (_, change, trouble) => {
    expect(troubleOf({ ...fine, ...change })).toBe(trouble);
  });
});

describe('Home', () => {
  const order = async (stored: Partial<StoredData>) => {
    const { get } = await staffApp({ stored, context: { freshWithinMs: 86_400_000 } });
    const { body } = await get('/');
    return { body, names: [...body.matchAll(/<h2 id="i-[^"]*">([^<]*)</g)].map(([, name]) => name) };
  };
  const webhooks = [...works('north'), ...works('south')];

  it('lists what is in trouble first, otherwise in the order of the settings', async () => {
    const runs = ['north', 'south'].map((instance) => aRun({ _id: instance, instance }));
    expect((await order({ runs, webhooks })).names).toEqual(['north', 'south']);
    const failed = [...runs.slice(0, 1), aRun({ _id: 'bad', instance: 'south', status: 'failed' })];
    expect((await order({ runs: failed, webhooks })).names).toEqual(['south', 'north']);
  });

  it('says when each of the two webhooks last came', async () => {
    const creation = [measured('north', 'patient-creation', 'healthy', new Date(NOW.getTime() - 60_000))];
    const { get } = await staffApp({ stored: { webhooks: creation }, sees: ['north'] });
    const { body } = await get('/');
    expect(body).toMatch(/Last Patient Creation<\/dt><dd><time[^>]*>1 min ago/);
    expect(body).toMatch(/Last Chart Update<\/dt><dd><span class="soft">never/);
    expect(body).not.toContain('Last webhook');
  });

  it('draws the last syncs with a title, the highest number and the first and last time', async () => {
    const hours = (n: number) => new Date(NOW.getTime() - n * 3_600_000);
    const runs = [1, 2, 3].map((n) => aRun({ _id: `run-${n}`, startedAt: hours(n) }));
    const { get } = await staffApp({
      stored: { runs },
      sees: ['north'],
      context: { instances: [{ name: 'north', timeZone: 'America/New_York' }] },
    });
    const { body } = await get('/');
    expect(body).toContain('<h3>Last 3 syncs</h3>');
    expect(body).toMatch(/>4 charts<.*<svg.*4:00 AM EST.*6:00 AM EST/s);
    const one = await staffApp({ stored: { runs: runs.slice(0, 1) }, sees: ['north'] });
    expect((await one.get('/')).body).toContain('<h3>Last sync</h3>');
    const none = await staffApp({ sees: ['north'] });
    expect((await none.get('/')).body).toContain('No syncs yet.');
  });
});

describe('The first row of work', () => {
  const here = stories();
  const failure = { key: 'k', code: 'not-found', text: 'KIPU has no such chart', times: 2, at: NOW };
  const missing = heldRecord({}, { status: 'notReady', hold: null, missing: ['dob'] });
  const failed = heldRecord({}, { status: 'failed', hold: null, failure });
  const work = { locked: here.held, missing, unreadable: failed };
  const links = (html: string) =>
    [...html.matchAll(/<a[^>]*href="([^"]+)"/g)].map(([, href = '']) => href.replaceAll('&amp;', '&'));

  it.each(Object.entries(work))('is two clicks away after the sign-in: %s', async (kind, record) => {
    const { get } = await staffApp({ stored: { records: Object.values(work) } });
    const clicks = async (target: string): Promise<number> => {
      let reached = ['/'];
      for (let n = 1; n <= 2; n += 1) {
        const pages = await Promise.all(reached.map(async (path) => (await get(path)).body));
        const next = [...new Set(pages.flatMap(links))];
        if (next.includes(target)) return n;
        reached = next.filter((path) => /^\/(held|attention)\b/.test(path));
      }
      return Number.POSITIVE_INFINITY;
    };
    expect(await clicks(`/records/${record._id}`)).toBe(2);
    if (kind === 'locked') expect(await clicks(`/records/${record._id}/unlock`)).toBe(2);
  });
});
