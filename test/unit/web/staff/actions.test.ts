import { describe, expect, it } from 'vitest';
import type { Role } from '../../../../domain/role.ts';
import { heldRecord, stories } from '../../../support/markedDocuments.ts';
import { desk, NOW } from '../../../support/staffApp.ts';

const here = stories();
const { held } = here;

describe('roles', () => {
  const posts: [string, Record<string, string>][] = [
    [`/records/${held._id}/unlock`, { why: 'checked' }],
    ['/held/unlock', { recordId: held._id }],
    ['/held/unlocked', { recordId: held._id, why: 'checked' }],
    ['/runs', { instance: 'north' }],
    ['/referrals.csv', {}],
  ];

  it.each(posts.map(([url, form]) => [url.replace(held._id, '…'), url, form] as const))(
    'a viewer’s POST to %s is refused, and does nothing',
    async (_, url, form) => {
      const { post, deeds, data } = await desk({ held: here.all, role: 'viewer' });
      expect((await post(url, form)).statusCode).toBe(403);
      expect(deeds).toEqual([]);
      expect(data.audit).toEqual([]);
    },
  );

  it.each(posts.map(([url, form]) => [url.replace(held._id, '…'), url, form] as const))(
    'a POST to %s for an instance that they may not see finds nothing',
    async (_, url, form) => {
      const { post, deeds } = await desk({ held: here.all, sees: ['south'] });
      const { statusCode, body } = await post(url, form);
      if (url === '/referrals.csv') expect(body).not.toContain('Invented');
      else expect(statusCode).toBe(404);
      expect(deeds).toEqual([]);
    },
  );

  it.each([
    ['viewer', false],
    ['staff', true],
    ['admin', true],
  ] as const satisfies [Role, boolean][])('%s sees the buttons: %s', async (role, sees) => {
    const { get } = await desk({ held: here.all, role });
    const shown = async (url: string, text: string) => (await get(url)).body.includes(text);
    expect(await shown(`/records/${held._id}`, 'Unlock EMR Updates</a>')).toBe(sees);
    expect(await shown('/held', 'Unlock the chosen ones')).toBe(sees);
    expect(await shown('/held', 'name="recordId"')).toBe(sees);
    expect(await shown('/runs', 'Sync now')).toBe(sees);
    expect(await shown('/referrals', 'Export as CSV')).toBe(sees);
    expect((await get(`/records/${held._id}/unlock`)).statusCode).toBe(sees ? 200 : 403);
  });
});

describe('an unlock', () => {
  const url = `/records/${held._id}/unlock`;

  it('is sent with the name that is shown, and audited under the account', async () => {
    const { post, deeds, data } = await desk({ held: here.all });
    const answer = await post(url, { why: ' discharge checked ' });
    expect([answer.statusCode, answer.headers.location]).toEqual([303, `/records/${held._id}`]);
    expect(deeds).toEqual([{ what: 'unlock', of: held._id, by: 'Robin Vale', why: 'discharge checked' }]);
    expect(data.audit).toMatchObject([
      {
        what: 'unlock-requested',
        who: 'rvale',
        record: held._id,
        instance: 'north',
        why: 'discharge checked',
        outcome: 'sent',
      },
    ]);
  });

  it.each([
    ['no reason', ' '],
    ['an endless one', 'x'.repeat(501)],
  ])('with %s asks again, and sends nothing', async (_, why) => {
    const { post, deeds } = await desk({ held: here.all });
    const { statusCode, body } = await post(url, { why });
    expect(statusCode).toBe(422);
    expect(body).toContain('aria-invalid="true"');
    expect(deeds).toEqual([]);
  });

  it('that Temporal does not take says so, keeps the reason, and is audited as not sent', async () => {
    const { post, data } = await desk({ held: here.all, temporalAway: true });
    const { statusCode, body } = await post(url, { why: 'checked by phone' });
    expect(statusCode).toBe(503);
    expect(body).toContain('nothing is unlocked');
    expect(body).toContain('>checked by phone</textarea>');
    expect(data.audit).toMatchObject([{ what: 'unlock-requested', outcome: expect.stringContaining('not sent') }]);
  });

  it('of several sends each that is held, once', async () => {
    const others = [heldRecord(), heldRecord({}, { status: 'synced', hold: null })];
    const { post, deeds } = await desk({ held: { ...here.all, records: [held, ...others] } });
    const recordId = [held._id, held._id, ...others.map(({ _id }) => _id)];
    const confirm = await post('/held/unlock', { recordId });
    expect(confirm.body).toContain('Unlock 2 records');
    expect((await post('/held/unlocked', { recordId, why: '' })).statusCode).toBe(422);
    expect(deeds).toEqual([]);
    const { body } = await post('/held/unlocked', { recordId, why: 'list checked' });
    expect(deeds.map(({ of }) => of).sort()).toEqual([held._id, others[0]?._id].sort());
    expect(body).toContain('0 of 2 are done');
    expect(body).toContain('hx-post="/held/outcome"');
  });

  it('without anything chosen says so', async () => {
    const { post } = await desk({ held: here.all });
    expect((await post('/held/unlock')).body).toContain('Nothing is chosen');
  });
});

describe('a stay that changes by itself', () => {
  const now = (id: string, seen = '') => `/records/${id}/now?seen=${seen}`;

  it.each([
    ['held', { status: 'held' }, 'every 5s'],
    ['just unlocked', { status: 'unlocked', hold: null }, 'every 1s'],
    ['linked', { status: 'synced', hold: null }, null],
  ] as const)('asks again while it is %s', async (_, change, trigger) => {
    const record = heldRecord({}, change);
    const { get } = await desk({ held: { ...here.all, records: [record] } });
    const { body } = await get(`/records/${record._id}`);
    if (trigger === null) expect(body).not.toContain('hx-get');
    else expect(body).toContain(`hx-trigger="${trigger}"`);
    expect(body.includes('http-equiv="refresh"')).toBe(record.status === 'unlocked');
  });

  it('is sent only when it is another one', async () => {
    const { get, post } = await desk({ held: here.all });
    const page = (await get(`/records/${held._id}`)).body;
    const [, seen] = /\/now\?seen=([\w-]+)"/.exec(page) ?? [];
    expect((await get(now(held._id, seen))).statusCode).toBe(204);
    await post(`/records/${held._id}/unlock`, { why: 'checked' });
    const part = await get(now(held._id, seen));
    expect(part.statusCode).toBe(200);
    expect(part.body).toContain('The unlock is on its way');
    expect(part.body).toContain('id="said" hx-swap-oob="innerHTML"');
    expect(part.body).not.toContain('<html');
  });

  it('audits who saw it, once a minute, and not the page’s own asking', async () => {
    const { get, data } = await desk({ held: here.all, role: 'viewer' });
    for (let n = 0; n < 3; n += 1) await get(`/records/${held._id}`);
    await get(now(held._id));
    expect(data.audit).toMatchObject([{ what: 'record-viewed', who: 'rvale', record: held._id, at: NOW }]);
  });
});

describe('a sync', () => {
  it.each([
    ['one instance', { instance: 'north' }, ['north'], []],
    ['all of them', { instance: '', full: '1' }, ['north', 'south'], ['north', 'south']],
  ] as const)('of %s is asked for and audited', async (_, form, names, full) => {
    const { post, get, deeds, data } = await desk({ held: { ...here.all, runs: [] } });
    expect((await post('/runs', form)).headers.location).toBe('/runs');
    expect(deeds).toEqual(names.map((of) => ({ what: 'sync', of })));
    expect(data.fullRequested).toEqual(full);
    expect(data.audit.map(({ what, who, instance }) => [what, who, instance])).toEqual(
      names.map((instance) => ['sync-requested', 'rvale', instance]),
    );
    data.audit = data.audit.map((event) => ({ ...event, at: NOW }));
    const { body } = await get('/runs');
    expect(body).toContain('is asked for');
    expect(body).toContain('hx-trigger="every 1s"');
  });

  it('that Temporal does not take says so', async () => {
    const { post } = await desk({ held: here.all, temporalAway: true });
    const { statusCode, body } = await post('/runs', { instance: 'north' });
    expect(statusCode).toBe(503);
    expect(body).toContain('No run could be asked for of north');
  });
});

describe('a test of a webhook', () => {
  it('can be sent only where a stand-in runs', async () => {
    const { get, post } = await desk();
    expect((await get('/webhooks')).body).not.toContain('Send a test');
    expect((await post('/webhooks', { instance: 'north' })).statusCode).toBe(404);
  });

  it('is for those instances only that one may see', async () => {
    const sent: string[] = [];
    const { post } = await desk({ sees: ['south'], facts: { testWebhook: async (name) => void sent.push(name) } });
    expect((await post('/webhooks', { instance: 'north' })).statusCode).toBe(404);
    expect(sent).toEqual([]);
  });
});
