import type { InjectOptions } from 'fastify';
import { describe, expect, it, vi } from 'vitest';
import { appForTests, id, newSecret, now, secret, signed, update } from '../../../support/webApp.ts';

const json = { 'content-type': 'application/json' };
const chartUpdate = '/webhooks/north/chart-update';
const body = JSON.stringify({ casefile_id: id });
const bytes = (text: string) => Buffer.from(text, 'latin1');

describe('a delivery', () => {
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
      'an old secret in its header and a good one in its path',
      update({ url: `${chartUpdate}/${secret}`, headers: { 'x-webhook-secret': 'an-old-secret-of-ours' } }),
    ],
    ['a charset', update({ headers: { 'content-type': 'application/json; charset=utf-8' } })],
    ['a JSON of its own', update({ headers: { 'content-type': 'application/vnd.kipusystems+json' } })],
    ['a byte order mark', update({ payload: `\uFEFF{"casefile_id":"${id}"}` })],
    ['an array of one', update({ payload: JSON.stringify([{ casefile_id: id }]) })],
    ['a great deal besides', update({ payload: JSON.stringify({ casefile_id: id, text: 'x'.repeat(250_000) }) })],
  ])('with %s is stored and answered 202', async (_, request) => {
    const { app, taken, accepted } = appForTests();
    const answer = await app.inject(request);
    expect([answer.statusCode, answer.json()]).toEqual([202, { accepted: true }]);
    expect(taken).toEqual([{ instance: 'north', webhook: 'chart-update', casefileId: id, webhookId: null, at: now }]);
    expect(accepted.times).toBe(1);
  });

  it('is told from one of the other webhook', async () => {
    const { app, taken } = appForTests();
    await app.inject(update({ url: '/webhooks/north/patient-creation' }));
    expect(taken.map(({ webhook }) => webhook)).toEqual(['patient-creation']);
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
    ['with a very long one', update({ headers: { 'x-webhook-secret': 'x'.repeat(5_000) } }), 401, 'unauthorized'],
    ["with another instance's secret", update({ url: '/webhooks/south/chart-update' }), 401, 'unauthorized'],
    ['for an instance without secrets', update({ url: '/webhooks/east/chart-update' }), 401, 'unauthorized'],
    ['for an unknown instance', update({ url: '/webhooks/west/chart-update' }), 401, 'unauthorized'],
    ['for an instance named like a property', update({ url: '/webhooks/__proto__/chart-update' }), 401, 'unauthorized'],
    [
      'too large, before its secret is good',
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
      'of a form',
      update({ payload: 'casefile_id=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
      415,
      'not-json',
    ],
    ['of plain text', update({ headers: { 'content-type': 'text/plain' } }), 415, 'not-json'],
    ['of nearly JSON', update({ headers: { 'content-type': 'application/jsonp' } }), 415, 'not-json'],
    ['without a body', { method: 'POST', url: chartUpdate, headers: { 'x-webhook-secret': secret } }, 400, 'no-json'],
    ['with an empty body', update({ payload: '' }), 400, 'no-json'],
    ['with half a body', update({ payload: `{"casefile_id":"${id}"` }), 400, 'no-json'],
    [
      'with bytes that are no text',
      update({ payload: bytes(`{"casefile_id":"${id}","name":"\xff"}`) }),
      400,
      'no-json',
    ],
    ['nested without end', update({ payload: '['.repeat(200_000) }), 400, 'no-json'],
    ['naming no chart', update({ payload: '{"hello":"there"}' }), 422, 'no-chart-named'],
    ['naming none in an empty array', update({ payload: '[]' }), 422, 'no-chart-named'],
    [
      'of several charts',
      update({ payload: JSON.stringify([{ casefile_id: id }, { casefile_id: id }]) }),
      422,
      'no-chart-named',
    ],
    ['got', { method: 'GET', url: `${chartUpdate}/${secret}` }, 405, 'post-only'],
    ['put', { method: 'PUT', url: chartUpdate, headers: json, payload: '{}' }, 405, 'post-only'],
    ['of a webhook that is none', update({ url: '/webhooks/north/discharge' }), 404, 'no-such-page'],
    ['at a broken address', update({ url: '/webhooks/north/chart-update/%E0%A4%A' }), 400, 'bad-request'],
  ])('%s is refused', async (_, request, status, why) => {
    const { app, taken, accepted } = appForTests();
    const answer = await app.inject(request);
    expect([answer.statusCode, answer.json()]).toEqual([status, { accepted: false, why }]);
    expect([taken, accepted.times]).toEqual([[], 0]);
  });

  it('is answered 405 with what is allowed', async () => {
    const { app } = appForTests();
    expect((await app.inject({ method: 'GET', url: chartUpdate })).headers.allow).toBe('POST');
  });

  it.each<[string, () => Promise<never>]>([
    ['fails', () => Promise.reject(new Error(id))],
    [
      'throws',
      () => {
        throw new Error(id);
      },
    ],
  ])('is answered 503 when the store %s, and told of', async (_, add) => {
    const onSentAway = vi.fn();
    const { app, accepted } = appForTests({ deliveries: { add }, onSentAway });
    const answer = await app.inject(update());
    expect([answer.statusCode, answer.json()]).toEqual([503, { accepted: false, why: 'come-again' }]);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect([accepted.times, onSentAway.mock.calls.length]).toEqual([0, 1]);
  });
});

describe('the rate', () => {
  it('is limited per instance, over a burst', async () => {
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
  ])('leaves a gap in the uptime where it sends a delivery %s away', async (_, request, gaps) => {
    const onSentAway = vi.fn();
    const { app } = appForTests({ webhooksPerSecond: 1, onSentAway });
    const burst = await Promise.all(Array.from({ length: 61 }, () => app.inject(request)));
    const sentAway = burst.filter(({ statusCode }) => statusCode === 429).length;
    expect(sentAway).toBeGreaterThan(0);
    expect(onSentAway).toHaveBeenCalledTimes(gaps * sentAway);
  });

  it('is not used up by those without a secret, whose refusals are audited only so often', async () => {
    const { app, refused } = appForTests({ webhooksPerSecond: 1 });
    const stranger = update({ headers: { 'x-webhook-secret': 'not-the-secret-of-north' } });
    const answers = await Promise.all(Array.from({ length: 70 }, () => app.inject(stranger)));
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([401, 429]));
    expect(refused).toHaveLength(60);
    expect((await app.inject(update())).statusCode).toBe(202);
  });
});

describe('a fault of ours', () => {
  it('is answered 500, and leaves a gap in the uptime where a genuine delivery is lost by it', async () => {
    const onSentAway = vi.fn();
    const onAccepted = () => {
      throw new Error(id);
    };
    const { app } = appForTests({ onSentAway, onAccepted });
    const answer = await app.inject(update());
    expect([answer.statusCode, answer.json()]).toEqual([500, { accepted: false, why: 'internal' }]);
    expect(onSentAway).toHaveBeenCalledTimes(1);
  });
});

describe('what is refused', () => {
  it.each<[string, InjectOptions, unknown[]]>([
    ['no secret', update({ headers: { 'x-webhook-secret': '' } }), ['north', 'chart-update', 'no-secret']],
    [
      'a wrong one',
      update({ headers: { 'x-webhook-secret': 'wrong-secret-of-north' } }),
      ['north', 'chart-update', 'wrong-secret'],
    ],
    ['no instance', update({ url: '/webhooks/Ada%20Wren/chart-update' }), [null, 'chart-update', 'unknown-instance']],
  ])('for %s is told of, with our own words', async (_, request, told) => {
    const { app, refused } = appForTests();
    await app.inject(request);
    expect(refused).toEqual([told]);
  });

  it('is answered all the same when it cannot be told of', async () => {
    const onRefused = () => Promise.reject(new Error('no audit'));
    const { app, logged } = appForTests({ onRefused });
    const answer = await app.inject(update({ headers: { 'x-webhook-secret': 'x' } }));
    expect(answer.statusCode).toBe(401);
    await app.close();
    expect(logged.join('')).toContain('could not be audited');
  });

  it('is waited for when the application closes', async () => {
    let told = false;
    const onRefused = async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      told = true;
    };
    const { app } = appForTests({ onRefused });
    await app.inject(update({ headers: { 'x-webhook-secret': 'x' } }));
    await app.close();
    expect(told).toBe(true);
  });
});

describe('the log', () => {
  it('has a line for each delivery, and neither addresses nor secrets nor charts', async () => {
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
      ['north', 'chart-update', 'no-json', 400],
    ]);
    for (const private_ of ['/webhooks', secret, 'wrong-secret/', id, 'Ada'])
      expect(logged.join('')).not.toContain(private_);
  });
});
