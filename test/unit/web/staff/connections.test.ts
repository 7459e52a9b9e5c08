import { describe, expect, it } from 'vitest';
import { addConnection, checkEntry, pauseConnection } from '../../../../client/connections/manage.ts';
import type { DeliveryDocument } from '../../../../store/documents.ts';
import { connectionsForTests, UNKNOWN_ACCESS } from '../../../support/connectionsForTests.ts';
import { testKey } from '../../../support/memoryConnections.ts';
import { NOW, staffApp } from '../../../support/staffApp.ts';

const SECRET = 'an-invented-key';
const form = {
  ...{ name: 'blue-mesa', baseUrl: 'https://kipu.example', accessId: 'invented-access', secretKey: SECRET },
  ...{ appId: 'invented-app', timeZone: 'America/Denver', lockPolicy: 'webhook-missing' },
};

const admin = () => staffApp({ role: 'admin' });
type App = Awaited<ReturnType<typeof admin>>;

/** Adds the connection as an administrator does. Returns the page with its webhook secrets. */
async function added(app: App, change: Partial<typeof form> = {}) {
  const tested = (await app.post('/connections/test', { ...form, ...change })).body;
  const [, draft = ''] = /name="draft" value="([^"]+)"/.exec(tested) ?? [];
  return { tested, draft, page: await app.post('/connections/add', { name: change.name ?? form.name, draft }) };
}
const secretsIn = (html: string) => [...html.matchAll(/class="code">([\w-]{43})</g)].map(([, secret = '']) => secret);

describe('The pages of the KIPU connections', () => {
  it.each(['viewer', 'staff'] as const)('are refused to %s', async (role) => {
    const app = await staffApp({ role });
    for (const url of ['/connections', '/connections/add', '/connections/north'])
      expect((await app.get(url)).statusCode).toBe(403);
    for (const url of ['/connections/test', '/connections/add', '/connections/north/retire'])
      expect((await app.post(url, form)).statusCode).toBe(403);
    expect(app.data.connections).toEqual([]);
  });

  it('show an administrator of some instances only those, and let nobody else add one', async () => {
    const app = await staffApp({ role: 'admin', sees: ['south'] });
    const list = await app.get('/connections');
    expect(list.body).not.toContain('/connections/north');
    expect(list.body).toContain('Only administrators who see all KIPU connections can add a connection.');
    for (const answer of [
      await app.get('/connections/add'),
      await app.post('/connections/test', form),
      await app.post('/connections/add', { name: 'x', draft: 'y' }),
    ])
      expect(answer.statusCode).toBe(403);
    expect((await app.get('/connections/north')).statusCode).toBe(404);
    expect((await app.post('/connections/north/pause')).statusCode).toBe(404);
  });

  it('add a connection in three steps: credentials, the result of the test, addresses and secrets', async () => {
    const app = await admin();
    expect((await app.get('/connections/add')).body).toContain('type="password"');
    const { tested, page } = await added(app);
    expect(tested).toContain('KIPU accepts the credentials.');
    expect(tested).toContain('The first sync reads about 9 charts.');
    expect(tested).not.toContain(SECRET);
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('https://referrals.example/webhooks/blue-mesa/patient-creation');
    expect(secretsIn(page.body)).toHaveLength(2);
    // With the digest that KIPU accepted.
    expect(app.data.connections).toMatchObject([
      { _id: 'blue-mesa', state: 'active', digest: 'sha1', createdBy: 'rvale' },
    ]);
    expect(app.data.audit.map(({ what, instance, who }) => [what, instance, who])).toEqual([
      ['connection-changed', 'blue-mesa', 'rvale'],
      ['connection-changed', 'blue-mesa', 'rvale'],
    ]);
    expect(app.data.audit.map(({ outcome }) => outcome)).toEqual([
      'KIPU connection blue-mesa: tested before it was added: accepted',
      expect.stringMatching(/^KIPU connection blue-mesa: added, at kipu\.example/),
    ]);
    expect(JSON.stringify([app.data.audit, app.data.connections])).not.toContain(SECRET);
    // The secrets are on that page alone.
    for (const url of ['/connections', '/connections/blue-mesa']) {
      const { body } = await app.get(url);
      expect(body).toContain('blue-mesa');
      for (const secret of secretsIn(page.body)) expect(body).not.toContain(secret);
      expect(body).not.toContain(SECRET);
    }
  });

  it('do not add what KIPU does not accept, and say what to fix', async () => {
    const app = await admin();
    const { tested, draft } = await added(app, { accessId: UNKNOWN_ACCESS });
    expect(tested).toContain('KIPU did not accept this connection');
    expect(tested).toMatch(/Fix this/);
    expect(draft).toBe('');
    expect(app.data.connections).toEqual([]);
  });

  it.each([
    ['a wrong name', { name: 'Blue Mesa' }, 'lower-case letters'],
    ['the name of an instance of the settings', { name: 'north' }, 'is in the settings already'],
    ['a wrong time zone', { timeZone: 'PST8' }, 'IANA name'],
    ['a wrong address', { baseUrl: 'http://kipu.example' }, 'must be https'],
  ])('refuse %s in the form, which keeps what was typed but not the secret key', async (_, change, text) => {
    const app = await admin();
    const { statusCode, body } = await app.post('/connections/test', { ...form, ...change });
    expect(statusCode).toBe(422);
    expect(body).toContain(text);
    expect(body).toContain('value="invented-access"');
    expect(body).not.toContain(SECRET);
  });

  it('store only what the same person tested within half an hour', async () => {
    const app = await admin();
    const { draft } = await added(app);
    app.data.connections.length = 0;
    for (const change of [{ name: 'other' }, { draft: `${draft.slice(0, -2)}AA` }, { draft: 'nothing' }]) {
      const answer = await app.post('/connections/add', { name: 'blue-mesa', draft, ...change });
      expect([answer.statusCode, answer.body.includes('The test is too old')]).toEqual([422, true]);
    }
    const later = await staffApp({ role: 'admin', context: { now: () => new Date(NOW.getTime() + 31 * 60_000) } });
    expect((await later.post('/connections/add', { name: 'blue-mesa', draft })).statusCode).toBe(422);
    expect([...app.data.connections, ...later.data.connections]).toEqual([]);
    expect((await app.post('/connections/add', { name: 'blue-mesa', draft })).statusCode).toBe(200);
    // A reload of that page adds nothing.
    const again = await app.post('/connections/add', { name: 'blue-mesa', draft });
    expect(again.body).toContain('There is a connection blue-mesa already.');
  });

  it('without a key say how to set one, and cannot add', async () => {
    const data = { connections: [] };
    const connections = connectionsForTests(data, (await admin()).auditEvents);
    const app = await staffApp({
      role: 'admin',
      context: { connections: { ...connections, manage: { ...connections.manage, keys: [] } } },
    });
    expect((await app.get('/connections')).body).toContain('set CONNECTIONS_KEY (openssl rand -base64 32)');
    expect((await app.post('/connections/test', form)).body).toContain('set CONNECTIONS_KEY');
  });

  it('pause, resume, rotate the secrets and retire, each in the audit', async () => {
    const app = await admin();
    const first = secretsIn((await added(app)).page.body);
    const at = '/connections/blue-mesa';
    const stateOf = () => app.data.connections[0]?.state;
    expect((await app.post(`${at}/pause`)).headers.location).toBe(at);
    expect(stateOf()).toBe('paused');
    expect((await app.get(at)).body).toContain('Paused: no syncs start.');
    const twice = await app.post(`${at}/pause`);
    expect([twice.statusCode, twice.body.includes('It is paused already.')]).toEqual([422, true]);
    await app.post(`${at}/resume`);
    expect(stateOf()).toBe('active');

    const rotated = await app.post(`${at}/rotate`);
    expect(secretsIn(rotated.body)).toHaveLength(2);
    expect(secretsIn(rotated.body)).not.toEqual(first);
    expect((await app.get(at)).body).toContain('Remove the earlier secrets');
    await app.post(`${at}/finish`);
    expect((await app.get(at)).body).not.toContain('Remove the earlier secrets');

    const unsure = await app.post(`${at}/retire`, { confirm: 'blue' });
    expect([unsure.statusCode, unsure.body.includes('type its name exactly')]).toEqual([422, true]);
    await app.post(`${at}/retire`, { confirm: 'blue-mesa' });
    expect(app.data.connections).toMatchObject([{ state: 'retired', secretKey: null, webhookSecrets: null }]);
    const { body } = await app.get(at);
    expect(body).toContain('It is retired');
    expect((await app.get('/')).body).not.toContain('blue-mesa');
    expect(body).not.toMatch(/\/retire"|\/pause"|hx-get/);
    expect(app.data.audit.map(({ outcome }) => outcome.replace(/^KIPU connection blue-mesa: /, ''))).toEqual([
      ...[expect.stringMatching(/^tested/), expect.stringMatching(/^added/), 'paused', 'resumed'],
      ...[expect.stringMatching(/^webhook secrets rotated/), 'earlier webhook secrets removed'],
      expect.stringMatching(/^retired/),
    ]);
  });

  it('take the time zones of locations and the rate, show them again, and clear them where left empty', async () => {
    const app = await admin();
    await added(app);
    const path = '/connections/blue-mesa/edit';
    const more = { locationTimeZones: '7 = America/Chicago\r\n\r\n9=America/Denver', callsPerSecond: '5' };
    expect((await app.post(path, { ...form, secretKey: '', ...more })).statusCode).toBe(303);
    expect(app.data.connections).toMatchObject([
      { locationTimeZones: { 7: 'America/Chicago', 9: 'America/Denver' }, callsPerSecond: 5 },
    ]);
    const { body } = await app.get(path);
    expect(body).toContain('7 = America/Chicago\n9 = America/Denver</textarea>');
    expect(body).toMatch(/<input(?=[^>]*name="callsPerSecond")[^>]*value="5"/);
    for (const [wrong, why] of [
      [{ locationTimeZones: '7 America/Chicago' }, 'is not a location with its time zone'],
      [{ locationTimeZones: '7 = CST' }, 'The time zone of location 7 must be'],
      [{ callsPerSecond: 'many' }, 'The calls per second must be'],
    ] as const) {
      const answer = await app.post(path, { ...form, secretKey: '', ...wrong });
      expect([answer.statusCode, answer.body.includes(why)]).toEqual([422, true]);
    }
    await app.post(path, { ...form, secretKey: '' });
    expect(app.data.connections).toMatchObject([{ locationTimeZones: {}, callsPerSecond: null }]);
    const first = await added(app, { name: 'red-mesa', ...more } as Partial<typeof form>);
    expect(first.page.statusCode).toBe(200);
    expect(app.data.connections.find(({ _id }) => _id === 'red-mesa')).toMatchObject({ callsPerSecond: 5 });
  });

  it('change a connection; new credentials are tested first, and a blank secret key stays', async () => {
    const app = await admin();
    await added(app);
    const path = '/connections/blue-mesa/edit';
    const page = (await app.get(path)).body;
    expect(page).toContain('value="invented-access"');
    expect(page).not.toContain(SECRET);
    const [before] = structuredClone(app.data.connections);
    const changed = await app.post(path, { ...form, secretKey: '', lockPolicy: 'always', timeZone: '' });
    expect(changed.headers.location).toBe('/connections/blue-mesa');
    expect(app.data.connections).toMatchObject([{ lockPolicy: 'always', timeZone: null, rev: 2 }]);
    expect(app.data.audit.at(-1)?.outcome).toContain(
      'lockPolicy webhook-missing → always; timeZone America/Denver → not set',
    );

    const refused = await app.post(path, { ...form, accessId: UNKNOWN_ACCESS });
    expect(refused.statusCode).toBe(422);
    expect(refused.body).toContain('Nothing was changed; see what to fix below.');
    const wrong = await app.post(path, { ...form, timeZone: 'PST8' });
    expect([wrong.statusCode, wrong.body.includes('The time zone must be the IANA name')]).toEqual([422, true]);
    expect(app.data.connections).toMatchObject([{ accessId: 'invented-access', rev: 2 }]);

    await app.post(path, { ...form, secretKey: 'another-invented-key' });
    expect(app.data.connections[0]?.secretKey).not.toBe(before?.secretKey);
    expect(JSON.stringify(app.data.audit)).not.toContain('another-invented-key');
    expect((await app.get('/connections/north/edit')).statusCode).toBe(404);
  });

  it('change nothing of an instance of the settings', async () => {
    const app = await admin();
    expect((await app.get('/connections/north')).body).toContain('is changed there');
    for (const action of ['pause', 'resume', 'rotate', 'finish'])
      expect((await app.post(`/connections/north/${action}`)).statusCode).toBe(422);
    expect((await app.post('/connections/north/retire', { confirm: 'north' })).statusCode).toBe(422);
    expect(app.data.audit).toEqual([]);
    expect((await app.get('/connections/none')).statusCode).toBe(404);
  });

  it('wait for the first delivery of each webhook, and say so when it has come', async () => {
    const app = await admin();
    await added(app);
    const { body } = await app.get('/connections/blue-mesa');
    expect(body.match(/Waiting for the first delivery/g)).toHaveLength(2);
    const [, seen = ''] = /\/connections\/blue-mesa\/now\?seen=([\w-]+)"/.exec(body) ?? [];
    expect(body).toContain('every 2s');
    expect((await app.get(`/connections/blue-mesa/now?seen=${seen}`)).statusCode).toBe(204);
    app.data.deliveries.push({
      instance: 'blue-mesa',
      webhook: 'chart-update',
      lastReceivedAt: NOW,
    } as DeliveryDocument);
    const part = await app.get(`/connections/blue-mesa/now?seen=${seen}`);
    expect(part.body).toMatch(/Chart Update<\/strong><span class="mark good">Receiving/);
    expect(part.body.match(/Waiting for the first delivery/g)).toHaveLength(1);
    expect(part.body).not.toContain('<html');
  });

  it('show a connection that cannot be decrypted, and why', async () => {
    const app = await admin();
    const other = connectionsForTests(app.data, app.auditEvents);
    const manage = { ...other.manage, keys: [testKey(9)] };
    await addConnection(manage, await checkEntry(manage, form), { who: 'dana', from: 'command line' });
    await pauseConnection(manage, 'blue-mesa', true, { who: 'dana', from: 'command line' });
    expect((await app.get('/connections')).body).toContain('Not usable');
    expect((await app.get('/connections/blue-mesa')).body).toMatch(/were encrypted with another key/);
  });
});
