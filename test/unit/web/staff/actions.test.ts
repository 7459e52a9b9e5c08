import { describe, expect, it } from 'vitest';
import type { Role } from '../../../../domain/role.ts';
import { syncOutcomes } from '../../../../domain/syncRequest.ts';
import { heldRecord, RECIPIENT, referralOf, stories } from '../../../support/markedDocuments.ts';
import { NOW, staffApp } from '../../../support/staffApp.ts';

const here = stories();
const { held, linked } = here;

describe('Roles', () => {
  const posts: [string, Record<string, string>][] = [
    [`/records/${held._id}/unlock`, { why: 'checked' }],
    ['/held/unlock', { recordId: held._id }],
    ['/runs', { instance: 'north' }],
    ['/referrals.csv', { recipient: RECIPIENT }],
    ['/referrals/export', { recipient: RECIPIENT }],
    [`/records/${held._id}/consent`, { state: 'refused', version: '0' }],
  ];

  it.each(posts.map(([url, form]) => [url.replace(held._id, '…'), url, form] as const))(
    'a viewer’s POST to %s is refused and does nothing',
    async (_, url, form) => {
      const { post, requests, data } = await staffApp({ stored: here.all, role: 'viewer' });
      expect((await post(url, form)).statusCode).toBe(403);
      expect(requests).toEqual([]);
      expect(data.audit).toMatchObject([{ what: 'access-refused', who: 'rvale', record: null }]);
    },
  );

  it.each(posts.map(([url, form]) => [url.replace(held._id, '…'), url, form] as const))(
    'a POST to %s for an instance the user may not see finds nothing',
    async (_, url, form) => {
      const { post, requests } = await staffApp({ stored: here.all, sees: ['south'] });
      const { statusCode, body } = await post(url, form);
      if (url.startsWith('/referrals')) expect(body).not.toContain('Invented');
      else expect(statusCode).toBe(404);
      expect(requests).toEqual([]);
    },
  );

  it.each([
    ['viewer', false],
    ['staff', true],
    ['admin', true],
  ] as const satisfies [Role, boolean][])('show the buttons to %s: %s', async (role, sees) => {
    const { get } = await staffApp({ stored: here.all, role });
    const shown = async (url: string, text: string) => (await get(url)).body.includes(text);
    expect(await shown(`/records/${held._id}`, 'Unlock EMR Updates</a>')).toBe(sees);
    expect(await shown('/held', 'Unlock selected')).toBe(sees);
    expect(await shown('/held', 'name="recordId"')).toBe(sees);
    expect(await shown('/runs', 'Sync now')).toBe(sees);
    expect(await shown('/referrals', 'Export …')).toBe(sees);
    expect(await shown(`/records/${linked._id}`, 'Record consent')).toBe(sees);
    for (const form of [`/records/${held._id}/unlock`, `/records/${linked._id}/consent`, '/referrals/export'])
      expect((await get(form)).statusCode).toBe(sees ? 200 : 403);
    for (const page of ['/held/unlock/s-gone', '/unlocks/s-gone'])
      expect((await get(page)).statusCode).toBe(sees ? 303 : 403);
  });
});

describe('An unlock', () => {
  const url = `/records/${held._id}/unlock`;

  it('sends a ticket alone; who and why are stored, and audited under the account', async () => {
    const { post, requests, data } = await staffApp({ stored: here.all });
    const answer = await post(url, { why: ' discharge checked ' });
    expect([answer.statusCode, answer.headers.location]).toEqual([303, `/records/${held._id}?unlocked=1`]);
    const [request] = data.unlockRequests;
    expect(requests).toEqual([{ what: 'unlock', of: held._id, signal: { ticket: request?._id } }]);
    expect(data.unlockRequests).toMatchObject([
      { record: held._id, account: 'rvale', name: 'Robin Vale', why: 'discharge checked', applied: null },
    ]);
    expect(data.audit).toMatchObject([
      {
        what: 'unlock-requested',
        who: 'rvale',
        name: 'Robin Vale',
        record: held._id,
        instance: 'north',
        why: 'discharge checked',
        outcome: 'sent',
      },
    ]);
  });

  it.each([
    ['no reason', ' '],
    ['a reason that is too long', 'x'.repeat(501)],
  ])('with %s leads to the form again and sends nothing', async (_, why) => {
    const { submit, requests } = await staffApp({ stored: here.all });
    const { at, statusCode, body } = await submit(url, { why });
    expect([at.split('?')[0], statusCode]).toEqual([url, 200]);
    expect(body).toContain('aria-invalid="true"');
    expect(requests).toEqual([]);
  });

  it('is refused while its reason names the patient: what was typed and chosen stays, and is in no address', async () => {
    const marks = { firstName: 'Elspeth', lastName: 'Moss', mrNumber: 'MR-7001', destination: 'Fern' };
    const record = heldRecord({ ...marks, dob: '1991-11-20' });
    const { get, submit, requests } = await staffApp({ stored: { ...here.all, records: [record, held] } });
    const several = await submit('/held/unlock', { recordId: [record._id, held._id] });
    for (const path of [`/records/${record._id}/unlock`, several.at]) {
      const why = 'Called Elspeth, Ms. Moss left';
      const { at, body } = await submit(path, { reason: 'phone', why });
      expect(at).toBe(`${path}?problem=names&reason=phone`);
      expect(body).toMatch(/role="alert">The text has a patient&#39;s name|role="alert">The text has a patient's name/);
      expect(body).toContain(`>${why}</textarea>`);
      expect(body).toMatch(/<input(?=[^>]*value="phone")[^>]*checked/);
    }
    expect(requests).toEqual([]);
    await submit(`/records/${record._id}/unlock`, { reason: 'phone', why: '' });
    expect(requests).toHaveLength(1);
    expect((await get(`/records/${record._id}/unlock`)).body).not.toContain('Moss left');
  });

  it('is sent with a chosen reason alone', async () => {
    const { post, data } = await staffApp({ stored: here.all });
    expect((await post(url, { reason: 'webhook', why: '' })).headers.location).toContain('unlocked=1');
    expect(data.unlockRequests).toMatchObject([{ why: 'Webhook confirmed missing' }]);
  });

  it('that Temporal does not accept says so, keeps the reason, and is audited as not sent', async () => {
    const { submit, data } = await staffApp({ stored: here.all, temporalDown: true });
    const { at, body } = await submit(url, { why: 'checked by phone' });
    expect(at).not.toMatch(/phone/);
    expect(body).toContain('unlock this record right now');
    expect(body).toContain('>checked by phone</textarea>');
    expect(data.audit.filter(({ what }) => what !== 'patients-shown')).toMatchObject([
      { what: 'unlock-requested', outcome: expect.stringContaining('not sent') },
    ]);
  });

  it('of several records is sent once for each held record', async () => {
    const others = [heldRecord(), heldRecord({}, { status: 'synced', hold: null })];
    const { get, submit, requests } = await staffApp({ stored: { ...here.all, records: [held, ...others] } });
    const recordId = [held._id, held._id, ...others.map(({ _id }) => _id)];
    const confirm = await submit('/held/unlock', { recordId });
    expect(confirm.body).toContain('Unlock 2 records');
    expect((await submit(confirm.at, { why: '' })).body).toContain('aria-invalid="true"');
    expect(requests).toEqual([]);
    const { at, body } = await submit(confirm.at, { why: 'list checked' });
    expect(requests.map(({ of }) => of).sort()).toEqual([held._id, others[0]?._id].sort());
    expect(body).toContain('0 of 2 done');
    expect(body).toContain('2 records are still locked.');
    expect(body).toContain(`hx-get="${at}/now?seen=`);
    // Going back and reloading send nothing.
    for (const path of [confirm.at, at]) expect((await get(path)).statusCode).toBe(200);
    expect(requests).toHaveLength(2);
  });

  it('of no record leads back to the list, with its filters, and says that none is selected', async () => {
    const { submit } = await staffApp({ stored: here.all });
    const { at, body } = await submit('/held/unlock', { instance: 'north', location: '' });
    expect(at).toBe('/held?instance=north&say=none');
    expect(body).toMatch(/role="alert">Select at least one locked record/);
  });

  it('shows whose it is: two identifiers, location, discharge and destination', async () => {
    const marks = {
      firstName: 'Ada',
      lastName: 'Two',
      dob: '1991-11-20T00:00:00',
      mrNumber: 'MR-77',
      destination: 'Fern',
    };
    const one = heldRecord(marks);
    const place = { facility: { locationId: null, name: 'Detox' }, dischargeDate: '2026-02-27' };
    const referral = { ...referralOf(one, marks), ...place };
    const { get, submit } = await staffApp({ stored: { records: [one], referrals: [referral] } });
    const pages = [
      await get(`/records/${one._id}/unlock`),
      await submit('/held/unlock', { recordId: one._id }),
      await get(`/records/${one._id}/consent`),
    ];
    for (const { body } of pages) {
      for (const fact of ['Two, Ada', 'MR-77', 'Nov 20, 1991<', 'Detox', 'Feb 27', 'Fern'])
        expect(body).toContain(fact);
      expect(body).not.toContain('Nov 20, 1991, ');
    }
  });
});

describe('A typed reason', () => {
  it('that was not sent is there again for its account alone, and not once it was sent', async () => {
    const url = `/records/${held._id}/unlock`;
    const { get, post, data } = await staffApp({ stored: here.all });
    expect((await post(`${url}/reason`, { why: 'called the nurse' })).statusCode).toBe(204);
    expect((await get(url)).body).toContain('>called the nurse</textarea>');
    // The same of another account.
    data.pageStates = Object.fromEntries(
      Object.entries(data.pageStates).map(([key, state]) => [key.replace('rvale', 'another'), state]),
    );
    expect((await get(url)).body).toContain('></textarea>');
    await post(`${url}/reason`, { why: 'called again' });
    await post(url, { why: 'called again, confirmed' });
    expect(Object.keys(data.pageStates).filter((key) => key.startsWith('rvale'))).toEqual([]);
  });
});

describe('A search', () => {
  it('redirects to an opaque address, which shows what tells patients apart, and can be reloaded', async () => {
    const twins = ['1991-11-20T00:00:00', '1964-02-03'].map((dob, n) =>
      heldRecord({ firstName: 'Cosima', lastName: 'Zephyr', dob, mrNumber: `MR-${n}` }),
    );
    const { get, submit, data } = await staffApp({ stored: { records: twins } });
    const { at, body } = await submit('/search', { typed: '  zephyr ' });
    expect(at).toMatch(/^\/search\?s=s-[a-z0-9]{16}$/);
    for (const fact of ['Nov 20, 1991<', 'Feb 3, 1964<', 'MR-0', 'MR-1', 'EMR updates locked', 'Detox'])
      expect(body).toContain(fact);
    expect(body).toMatch(/<input id="find"[^>]*value="zephyr"/);
    expect((await get(at)).body).toBe(body);
    expect(data.audit.map(({ kind }) => kind)).toEqual(['search', 'search']);
  });

  it.each(['/held', '/runs', '/search', '/account', '/no/such/page'])('can be started at %s', async (url) => {
    const { get } = await staffApp();
    expect((await get(url)).body).toMatch(
      /<form method="post" action="\/search"><input type="hidden" name="_csrf" value="[\w-]+"/,
    );
  });

  it('that has expired, or is of another account, says so', async () => {
    const pageStates = { 'another s-typed': { kind: 'search', typed: 'zephyr' } } as const;
    const { get } = await staffApp({ stored: { ...here.all, pageStates } });
    const { body } = await get('/search?s=s-typed');
    expect(body).toContain('This search has expired');
    expect(body).not.toMatch(/zephyr|Invented/);
  });
});

describe('An open page of a record', () => {
  const now = (id: string, seen = '') => `/records/${id}/now?seen=${seen}`;

  it.each([
    ['held', { status: 'held' }, 'every 5s'],
    ['just unlocked', { status: 'unlocked', hold: null }, 'every 1s'],
    ['linked', { status: 'synced', hold: null }, null],
  ] as const)('polls according to its state: %s', async (_, change, trigger) => {
    const record = heldRecord({}, change);
    const { get } = await staffApp({ stored: { ...here.all, records: [record] } });
    const { body } = await get(`/records/${record._id}`);
    if (trigger === null) expect(body).not.toContain('hx-get');
    else expect(body).toContain(`hx-trigger="${trigger}"`);
    expect(body.includes('http-equiv="refresh" content="2"')).toBe(record.status === 'unlocked');
  });

  it('gets a new part only when something has changed', async () => {
    const { get, post } = await staffApp({ stored: here.all });
    const page = (await get(`/records/${held._id}`)).body;
    const [, seen] = /\/now\?seen=([\w-]+)"/.exec(page) ?? [];
    expect((await get(now(held._id, seen))).statusCode).toBe(204);
    await post(`/records/${held._id}/unlock`, { why: 'checked' });
    const part = await get(now(held._id, seen));
    expect(part.statusCode).toBe(200);
    expect(part.body).toContain('Unlock requested');
    expect(part.body).toContain('id="said" hx-swap-oob="innerHTML"');
    expect(part.body).not.toContain('<html');
  });

  it('audits who viewed it once a minute, its polling included', async () => {
    const { get, data } = await staffApp({ stored: here.all, role: 'viewer' });
    for (let n = 0; n < 3; n += 1) await get(`/records/${held._id}`);
    await get(now(held._id));
    expect(data.audit).toMatchObject([
      { what: 'patients-shown', kind: 'record-viewed', who: 'rvale', records: [held._id], at: NOW },
    ]);
  });
});

describe('A sync', () => {
  it.each([
    ['one instance', { instance: 'north' }, ['north'], []],
    ['all instances', { instance: '', full: '1' }, ['north', 'south'], ['north', 'south']],
  ] as const)('of %s is started, audited and shown', async (_, form, names, full) => {
    const { post, get, requests, data } = await staffApp({ stored: { ...here.all, runs: [] } });
    expect((await post('/runs', form)).headers.location).toBe('/runs');
    expect(requests).toEqual(names.map((of) => ({ what: 'sync', of })));
    expect(data.fullRequested).toEqual(full);
    const by = { who: 'rvale', from: '127.0.0.1', session: expect.any(String) };
    expect(data.audit).toMatchObject(names.map((instance) => ({ what: 'sync-requested', ...by, instance })));
    data.audit = data.audit.map((event) => ({ ...event, at: NOW }));
    const { body } = await get('/runs');
    expect(body).toContain('requested, starting');
    expect(body).toContain('hx-trigger="every 1s"');
    data.audit = data.audit.map((event) => ({ ...event, at: new Date(NOW.getTime() - 61_000) }));
    expect((await get('/runs')).body).not.toContain('requested, starting');
  });

  it.each([
    ['unconfirmed', 'We could not confirm that the sync of north started'],
    ['started', 'The sync of north has started.'],
    ['notStarted', 'The sync of north did not start. Try again.'],
    ['noSchedule', 'The sync of north did not start: it has no schedule yet.'],
  ] as const)('that is %s is one sentence, without a spinner', async (outcome, sentence) => {
    const { post, get, data } = await staffApp({ stored: here.all, temporalDown: true, sees: ['north'] });
    const { statusCode, headers } = await post('/runs', { instance: 'north' });
    expect([statusCode, headers.location]).toEqual([303, '/runs']);
    expect(data.audit.map((event) => event.outcome)).toEqual([syncOutcomes.unconfirmed]);
    data.audit = data.audit.map((event) => ({ ...event, at: NOW, outcome: syncOutcomes[outcome] }));
    const { body } = await get('/runs');
    expect(body).toContain(sentence);
    expect(body.match(/(could not confirm|did not start|has started)/g)).toHaveLength(1);
    expect(body).not.toContain('requested, starting');
    expect(body).toContain(`hx-trigger="every ${outcome === 'unconfirmed' ? 3 : 10}s"`);
  });

  it('of several instances is answered for each, also where Temporal does not answer', async () => {
    const { post, get, data } = await staffApp({ stored: here.all, temporalDown: true });
    await post('/runs', { instance: '' });
    data.audit = data.audit.map((event) => ({ ...event, at: NOW }));
    expect((await get('/runs')).body.match(/We could not confirm/g)).toHaveLength(2);
  });
});

describe('A test of a webhook', () => {
  it('can be sent only with a stand-in', async () => {
    const { get, post } = await staffApp();
    expect((await get('/webhooks')).body).not.toContain('Send a test');
    expect((await post('/webhooks', { instance: 'north' })).statusCode).toBe(404);
  });

  it('is refused for an instance the user may not see', async () => {
    const sent: string[] = [];
    const { post } = await staffApp({
      sees: ['south'],
      context: { testWebhook: async (name) => void sent.push(name) },
    });
    expect((await post('/webhooks', { instance: 'north' })).statusCode).toBe(404);
    expect(sent).toEqual([]);
  });
});

describe('A form that cannot be read', () => {
  it('is answered 400', async () => {
    const { post } = await staffApp({ stored: here.all });
    const answer = await post('/account/sessions/end', {});
    expect([answer.statusCode, answer.body]).toEqual([400, expect.stringContaining('read that request')]);
  });
});
