import type { InjectOptions } from 'fastify';
import { describe, expect, it, vi } from 'vitest';
import { appForTests, id, newSecret, now, secret, signed, update } from '../../../support/webApp.ts';

const json = { 'content-type': 'application/json' };
const chartUpdate = '/webhooks/north/chart-update';
const body = JSON.stringify({ casefile_id: id });
const bytes = (text: string) => Buffer.from(text, 'latin1');

describe('A delivery', () => {
  it.each<[string, InjectOptions]>([
    ['a secret in its header', update()],
    ['the other secret', update({ headers: { 'x-webhook-secret': newSecret } })],
    ['a bearer token', update({ headers: { 'x-webhook-secret': '', authorization: `Bearer ${secret}` } })],
    ['a secret in its path', update({ url: `${chartUpdate}/${secret}`, headers: { 'x-webhook-secret': '' } })],
    [
      'an encoded secret in its path',
      update({ url: `${chartUpdate}/${encodeURIComponent(newSecret)}`, headers: { 'x-webhook-secret': '' } }),
    ],
    [
      'an old secret in its header and a valid one in its path',
      update({ url: `${chartUpdate}/${secret}`, headers: { 'x-webhook-secret': 'an-old-secret-of-ours' } }),
    ],
    ['a charset', update({ headers: { 'content-type': 'application/json; charset=utf-8' } })],
    ['a vendor JSON type', update({ headers: { 'content-type': 'application/vnd.kipusystems+json' } })],
    ['a byte order mark', update({ payload: `\uFEFF{"casefile_id":"${id}"}` })],
    ['an array of one', update({ payload: JSON.stringify([{ casefile_id: id }]) })],
    ['much other data', update({ payload: JSON.stringify({ casefile_id: id, text: 'x'.repeat(250_000) }) })],
  ])('with %s is stored and answered 202', async (_, request) => {
    const { app, stored, accepted } = appForTests();
    const answer = await app.inject(request);
    expect([answer.statusCode, answer.json()]).toEqual([202, { accepted: true }]);
    expect(stored).toEqual([{ instance: 'north', webhook: 'chart-update', casefileId: id, webhookId: null, at: now }]);
    expect(accepted.times).toBe(1);
  });

  it('is accepted for an instance that was added a moment ago, by its new secret, and refused after it was retired', async () => {
    let instances = [{ name: 'north', webhookSecrets: [secret] }];
    const { app, refused } = appForTests({ instances: () => instances });
    const west = () =>
      app.inject(update({ url: '/webhooks/west/chart-update', headers: { 'x-webhook-secret': newSecret } }));
    expect((await west()).statusCode).toBe(401);
    instances = [...instances, { name: 'west', webhookSecrets: [newSecret] }];
    expect((await west()).statusCode).toBe(202);
    instances = instances.map((one) => ({ ...one, webhookSecrets: [secret] }));
    expect((await west()).statusCode).toBe(401);
    instances = instances.filter(({ name }) => name !== 'west');
    expect((await west()).statusCode).toBe(401);
    expect(refused.map(([instance, , reason]) => [instance, reason])).toEqual([
      ...[
        [null, 'unknown-instance'],
        ['west', 'wrong-secret'],
        [null, 'unknown-instance'],
      ],
    ]);
  });

  it.each<[string, string, string, number]>([
    ['the event of its address', 'chart-update', 'chart.updated', 202],
    ['the event of its address, in other words', 'patient-creation', 'patient_created', 202],
    ['an event that is none of ours', 'chart-update', 'note.signed', 202],
    ['the other event', 'patient-creation', 'patient_updated', 422],
    ['the other event, in other words', 'chart-update', 'PatientCreation', 422],
  ])('that names %s is stored or refused', async (_, webhook, event, expected) => {
    const { app, stored } = appForTests();
    const payload = JSON.stringify({ event, casefile_id: id });
    const answer = await app.inject(update({ url: `/webhooks/north/${webhook}`, payload }));
    expect([answer.statusCode, stored.length]).toEqual([expected, expected === 202 ? 1 : 0]);
    if (expected === 422) expect(answer.json()).toEqual({ accepted: false, why: 'other-event' });
  });

  it('is stored under the webhook of its URL', async () => {
    const { app, stored } = appForTests();
    await app.inject(update({ url: '/webhooks/north/patient-creation' }));
    expect(stored.map(({ webhook }) => webhook)).toEqual(['patient-creation']);
  });

  it.each<[string, InjectOptions, number, string]>([
    ['without a secret', update({ headers: { 'x-webhook-secret': '' } }), 401, 'unauthorized'],
    ['with a wrong secret', update({ headers: { 'x-webhook-secret': `${secret}x` } }), 401, 'unauthorized'],
    [
      'with a wrong secret in its path',
      update({ url: `${chartUpdate}/x`, headers: { 'x-webhook-secret': '' } }),
      401,
      'unauthorized',
    ],
    ['with a very long secret', update({ headers: { 'x-webhook-secret': 'x'.repeat(5_000) } }), 401, 'unauthorized'],
    ["with another instance's secret", update({ url: '/webhooks/south/chart-update' }), 401, 'unauthorized'],
    ['for an instance without secrets', update({ url: '/webhooks/east/chart-update' }), 401, 'unauthorized'],
    ['for an unknown instance', update({ url: '/webhooks/west/chart-update' }), 401, 'unauthorized'],
    ['for an instance named like a property', update({ url: '/webhooks/__proto__/chart-update' }), 401, 'unauthorized'],
    [
      'with a secret in its path that is longer than any',
      update({ url: `${chartUpdate}/${'x'.repeat(513)}`, headers: { 'x-webhook-secret': '' } }),
      414,
      'too-long',
    ],
    [
      'for an instance with a name longer than any',
      update({ url: `/webhooks/${'x'.repeat(513)}/chart-update` }),
      414,
      'too-long',
    ],
    [
      'too large and without a secret',
      update({ payload: 'x'.repeat(300_000), headers: { 'x-webhook-secret': '' } }),
      401,
      'unauthorized',
    ],
    [
      'too large',
      update({ payload: JSON.stringify({ casefile_id: id, text: 'x'.repeat(262_144) }) }),
      413,
      'too-large',
    ],
    [
      'with a form as body',
      update({ payload: 'casefile_id=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
      415,
      'not-json',
    ],
    ['with plain text as content type', update({ headers: { 'content-type': 'text/plain' } }), 415, 'not-json'],
    ['with JSONP as content type', update({ headers: { 'content-type': 'application/jsonp' } }), 415, 'not-json'],
    [
      'without a body',
      { method: 'POST', url: chartUpdate, headers: { 'x-webhook-secret': secret } },
      400,
      'invalid-json',
    ],
    ['with an empty body', update({ payload: '' }), 400, 'invalid-json'],
    ['with half a body', update({ payload: `{"casefile_id":"${id}"` }), 400, 'invalid-json'],
    [
      'with bytes that are not UTF-8',
      update({ payload: bytes(`{"casefile_id":"${id}","name":"\xff"}`) }),
      400,
      'invalid-json',
    ],
    ['nested too deeply', update({ payload: '['.repeat(200_000) }), 400, 'invalid-json'],
    ['that names no chart', update({ payload: '{"hello":"there"}' }), 422, 'no-chart-named'],
    ['with an empty array', update({ payload: '[]' }), 422, 'no-chart-named'],
    [
      'for several charts',
      update({ payload: JSON.stringify([{ casefile_id: id }, { casefile_id: id }]) }),
      422,
      'no-chart-named',
    ],
    ['sent by GET', { method: 'GET', url: `${chartUpdate}/${secret}` }, 405, 'post-only'],
    ['sent by PUT', { method: 'PUT', url: chartUpdate, headers: json, payload: '{}' }, 405, 'post-only'],
    ['of an unknown webhook', update({ url: '/webhooks/north/discharge' }), 404, 'no-such-page'],
    ['to a malformed URL', update({ url: '/webhooks/north/chart-update/%E0%A4%A' }), 400, 'bad-request'],
  ])('%s is refused', async (_, request, status, why) => {
    const { app, stored, accepted } = appForTests();
    const answer = await app.inject(request);
    expect([answer.statusCode, answer.json()]).toEqual([status, { accepted: false, why }]);
    expect([stored, accepted.times]).toEqual([[], 0]);
  });

  it('sent by GET is answered with the allowed method', async () => {
    const { app } = appForTests();
    expect((await app.inject({ method: 'GET', url: chartUpdate })).headers.allow).toBe('POST');
  });

  it.each<[string, () => Promise<never>]>([
    ['rejects', () => Promise.reject(new Error(id))],
    [
      'throws',
      () => {
        throw new Error(id);
      },
    ],
  ])('is answered 503 and reported when the store %s', async (_, add) => {
    const onNotAccepted = vi.fn();
    const { app, accepted } = appForTests({ deliveries: { add }, onNotAccepted });
    const answer = await app.inject(update());
    expect([answer.statusCode, answer.json()]).toEqual([503, { accepted: false, why: 'try-again' }]);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect([accepted.times, onNotAccepted.mock.calls.length]).toEqual([0, 1]);
  });
});

describe('The rate limit', () => {
  it('counts per instance and allows a burst', async () => {
    const { app } = appForTests({ webhooksPerSecond: 1 });
    const answers = await Promise.all(Array.from({ length: 21 }, () => app.inject(update())));
    expect(answers.filter(({ statusCode }) => statusCode === 202)).toHaveLength(20);
    const [tooMany] = answers.filter(({ statusCode }) => statusCode === 429);
    expect(tooMany?.json()).toEqual({ accepted: false, why: 'too-many' });
    expect(Number(tooMany?.headers['retry-after'])).toBeGreaterThan(0);
    const south = update({
      url: '/webhooks/south/chart-update',
      headers: { 'x-webhook-secret': 'the-secret-of-south' },
    });
    expect((await app.inject(south)).statusCode).toBe(202);
  });

  it.each<[string, InjectOptions, number]>([
    ['with a secret', update(), 1],
    ['with a signature', update({ headers: { ...signed(body), 'x-webhook-secret': '' }, payload: body }), 1],
    ['without a secret', update({ headers: { 'x-webhook-secret': 'not-the-secret-of-north' } }), 0],
  ])(
    'leaves a gap in the uptime for refused deliveries only if they are authenticated: %s',
    async (_, request, gaps) => {
      const onNotAccepted = vi.fn();
      const { app } = appForTests({ webhooksPerSecond: 1, onNotAccepted });
      const burst = await Promise.all(Array.from({ length: 61 }, () => app.inject(request)));
      const refused = burst.filter(({ statusCode }) => statusCode === 429).length;
      expect(refused).toBeGreaterThan(0);
      expect(onNotAccepted).toHaveBeenCalledTimes(gaps * refused);
    },
  );

  it('is not used up by senders without a secret, whose refusals are audited at a limited rate', async () => {
    const { app, refused } = appForTests({ webhooksPerSecond: 1 });
    const stranger = update({ headers: { 'x-webhook-secret': 'not-the-secret-of-north' } });
    const answers = await Promise.all(Array.from({ length: 70 }, () => app.inject(stranger)));
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([401, 429]));
    expect(refused).toHaveLength(60);
    expect((await app.inject(update())).statusCode).toBe(202);
  });
});

describe('An internal error', () => {
  it('is answered 500, and leaves a gap in the uptime when an authenticated delivery is lost', async () => {
    const onNotAccepted = vi.fn();
    const onAccepted = () => {
      throw new Error(id);
    };
    const { app } = appForTests({ onNotAccepted, onAccepted });
    const answer = await app.inject(update());
    expect([answer.statusCode, answer.json()]).toEqual([500, { accepted: false, why: 'internal' }]);
    expect(onNotAccepted).toHaveBeenCalledTimes(1);
  });
});

describe('A refused delivery', () => {
  it.each<[string, InjectOptions, unknown[]]>([
    ['without a secret', update({ headers: { 'x-webhook-secret': '' } }), ['north', 'chart-update', 'no-secret']],
    [
      'with a wrong secret',
      update({ headers: { 'x-webhook-secret': 'wrong-secret-of-north' } }),
      ['north', 'chart-update', 'wrong-secret'],
    ],
    [
      'for an unknown instance',
      update({ url: '/webhooks/Ada%20Wren/chart-update' }),
      [null, 'chart-update', 'unknown-instance'],
    ],
  ])('%s is reported with a fixed reason', async (_, request, reported) => {
    const { app, refused } = appForTests();
    await app.inject(request);
    expect(refused).toEqual([reported]);
  });

  it('is answered 401 even when it cannot be audited', async () => {
    const onRefused = () => Promise.reject(new Error('no audit'));
    const { app, logged } = appForTests({ onRefused });
    const answer = await app.inject(update({ headers: { 'x-webhook-secret': 'x' } }));
    expect(answer.statusCode).toBe(401);
    await app.close();
    expect(logged.join('')).toContain('could not be audited');
  });

  it('is audited before the application closes', async () => {
    let audited = false;
    const onRefused = async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      audited = true;
    };
    const { app } = appForTests({ onRefused });
    await app.inject(update({ headers: { 'x-webhook-secret': 'x' } }));
    await app.close();
    expect(audited).toBe(true);
  });
});

describe('The log', () => {
  it('has a line for each delivery, without URLs, secrets or charts', async () => {
    const { app, logged } = appForTests();
    await app.inject(update({ url: `${chartUpdate}/${secret}` }));
    await app.inject(update({ url: `${chartUpdate}/wrong-secret`, headers: { 'x-webhook-secret': '' } }));
    await app.inject(update({ url: `/webhooks/Ada-Wren/chart-update/${secret}` }));
    await app.inject(update({ payload: `{"casefile_id":"${id}"` }));
    await app.inject(update({ url: `${chartUpdate}/${secret}%E0%A4%A` }));
    const lines = logged.map((line) => JSON.parse(line));
    expect(lines.map(({ instance, webhook, outcome, status }) => [instance, webhook, outcome, status])).toEqual([
      ['north', 'chart-update', 'new', 202],
      ['north', 'chart-update', 'wrong-secret', 401],
      [null, 'chart-update', 'unknown-instance', 401],
      ['north', 'chart-update', 'invalid-json', 400],
    ]);
    for (const private_ of ['/webhooks', secret, 'wrong-secret/', id, 'Ada'])
      expect(logged.join('')).not.toContain(private_);
  });
});
