import { afterAll, describe, expect, it, vi } from 'vitest';
import {
  appForTests,
  creationSecret,
  id,
  newSecret,
  now,
  secret,
  signed,
  updateSecret,
} from '../../../support/webApp.ts';

const compared = vi.hoisted(() => ({ times: 0 }));
vi.mock('node:crypto', async (original) => {
  const real = await original<typeof import('node:crypto')>();
  return {
    ...real,
    timingSafeEqual(...pair: Parameters<typeof real.timingSafeEqual>) {
      compared.times += 1;
      return real.timingSafeEqual(...pair);
    },
  };
});
// The files of a tier share their modules: the one that calls this is loaded anew, and afterwards again.
vi.resetModules();
const { createKeyRings, matchesKey } = await import('../../../../web/webhooks/delivery.ts');
afterAll(() => void vi.resetModules());

const body = JSON.stringify({ casefile_id: id });
const minutes = (n: number) => new Date(now.getTime() + n * 60_000);
const post = (headers: Record<string, string>, payload = body, instance = 'north') =>
  ({ method: 'POST', url: `/webhooks/${instance}/chart-update`, headers, payload }) as const;

describe('A Standard Webhooks signature', () => {
  it.each<[string, Record<string, string>]>([
    ["by the instance's secret in the standard's form", signed(body)],
    ['by its plain secret', signed(body, { by: secret })],
    ['of four minutes ago', signed(body, { at: minutes(-4) })],
    ['of a clock four minutes ahead', signed(body, { at: minutes(4) })],
    [
      'next to one by a replaced secret',
      { ...signed(body), 'webhook-signature': `v1,AAAA v2,BBBB ${signed(body)['webhook-signature']}` },
    ],
  ])('%s is accepted', async (_, headers) => {
    const { app, stored } = appForTests();
    expect((await app.inject(post(headers))).statusCode).toBe(202);
    expect(stored).toEqual([
      { instance: 'north', webhook: 'chart-update', casefileId: id, webhookId: 'msg_1', at: now },
    ]);
  });

  it.each<[string, Record<string, string>, string]>([
    ['by another secret', signed(body, { by: 'another-secret-of-ours' }), 'wrong-signature'],
    ['over another body', signed(`${body} `), 'wrong-signature'],
    ['with the id of another message', { ...signed(body), 'webhook-id': 'msg_2' }, 'wrong-signature'],
    ['with another time', { ...signed(body), 'webhook-timestamp': `${now.getTime() / 1_000 + 1}` }, 'wrong-signature'],
    ['of six minutes ago', signed(body, { at: minutes(-6) }), 'old-signature'],
    ['of a clock six minutes ahead', signed(body, { at: minutes(6) }), 'old-signature'],
    ['with a time that is not a number', { ...signed(body), 'webhook-timestamp': 'now' }, 'wrong-signature'],
    [
      'with a time followed by text',
      { ...signed(body), 'webhook-timestamp': `${now.getTime() / 1_000}x` },
      'wrong-signature',
    ],
    [
      'without its version',
      { ...signed(body), 'webhook-signature': signed(body)['webhook-signature']?.slice(3) ?? '' },
      'wrong-signature',
    ],
    ['that is empty', { ...signed(body), 'webhook-signature': '' }, 'wrong-signature'],
    ['with a message id that is too long', signed(body, { messageId: 'x'.repeat(300) }), 'wrong-signature'],
  ])('%s is refused', async (_, headers, reason) => {
    const { app, stored, refused } = appForTests();
    const answer = await app.inject(post(headers));
    expect([answer.statusCode, answer.json()]).toEqual([401, { accepted: false, why: 'unauthorized' }]);
    expect(stored).toEqual([]);
    expect(refused).toEqual([['north', 'chart-update', reason]]);
  });

  it('without one of its headers counts as missing', async () => {
    const { 'webhook-id': _, ...headers } = signed(body);
    const { app, refused } = appForTests();
    expect((await app.inject(post(headers))).statusCode).toBe(401);
    expect(refused).toEqual([['north', 'chart-update', 'no-secret']]);
  });

  it('for an unknown instance gets the same answer as a wrong one', async () => {
    const { app } = appForTests();
    const answers = await Promise.all(['south', 'west'].map((name) => app.inject(post(signed(body), body, name))));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([401, 401]);
    expect(answers[0]?.body).toBe(answers[1]?.body);
  });

  it('that is replayed is answered 202 and stored once', async () => {
    const { app, stored } = appForTests();
    for (let i = 0; i < 100; i += 1) expect((await app.inject(post(signed(body)))).statusCode).toBe(202);
    expect(stored).toHaveLength(1);
  });
});

describe('A secret that is bound to one kind of webhook', () => {
  const urls = { update: '/webhooks/bound/chart-update', creation: '/webhooks/bound/patient-creation' };
  const bySecret = (text: string) => ({ 'content-type': 'application/json', 'x-webhook-secret': text });
  it.each<[string, string, Record<string, string>, number]>([
    ['a signature at its address', urls.update, signed(body, { by: updateSecret }), 202],
    ['a signature replayed at the other address', urls.creation, signed(body, { by: updateSecret }), 401],
    ['the secret itself at its address', urls.creation, bySecret(creationSecret), 202],
    ['the secret itself at the other address', urls.update, bySecret(creationSecret), 401],
  ])('is tried as %s', async (_, url, headers, expected) => {
    const { app, stored, refused } = appForTests();
    const answer = await app.inject({ method: 'POST', url, headers, payload: body });
    expect([answer.statusCode, stored.length, refused.length]).toEqual(expected === 202 ? [202, 1, 0] : [401, 0, 1]);
  });
});

describe('matchesKey', () => {
  const ringOf = createKeyRings([
    { name: 'two', webhookSecrets: [secret, newSecret] },
    { name: 'one', webhookSecrets: [secret] },
    { name: 'none' },
    { name: 'bound', webhookSecrets: { 'chart-update': [secret], 'patient-creation': [newSecret] } },
  ]);

  it.each<[string, string, string, boolean]>([
    ['the first secret', 'two', secret, true],
    ['the second secret', 'two', newSecret, true],
    ['the only secret', 'one', secret, true],
    ['a secret that was replaced', 'one', newSecret, false],
    ['the secret of its kind', 'bound', secret, true],
    ['the secret of the other kind', 'bound', newSecret, false],
    ['a wrong secret', 'two', 'x', false],
    ['an empty secret', 'none', '', false],
    ['a secret for an instance without secrets', 'none', secret, false],
    ['a secret for an unknown instance', 'unknown', secret, false],
    ['an instance named like a property', 'constructor', secret, false],
  ])('compares %s twice, in constant time', (_, instance, text, expected) => {
    compared.times = 0;
    expect(matchesKey(ringOf(instance, 'chart-update'), [text])).toBe(expected);
    expect(compared.times).toBe(2);
  });
});

describe('Junk with the headers of a signature', () => {
  it('is refused without reading and hashing it once its address has sent too much', async () => {
    const { app, stored } = appForTests();
    const junk = 'x'.repeat(200_000);
    const send = async (remoteAddress: string, payload: string, headers = signed(body)) => {
      const answer = await app.inject({ ...post(headers, payload), remoteAddress });
      return answer.statusCode;
    };
    for (let i = 0; i < 200; i += 1) expect([401, 429]).toContain(await send('192.0.2.1', 'junk'));
    const before = compared.times;
    expect(await send('192.0.2.1', junk)).toBe(429);
    // Two secrets are compared with none in the headers: only the check of the signature would compare.
    expect(compared.times).toBe(before);
    // The body is not read either: one that is too large is not noticed.
    expect(await send('192.0.2.1', 'x'.repeat(300_000))).toBe(429);
    expect(await send('192.0.2.2', body)).toBe(202);
    expect(stored).toHaveLength(1);
  });

  it('does not count valid deliveries of its address', async () => {
    const { app } = appForTests({ webhooksPerSecond: 50 });
    for (let i = 0; i < 300; i += 1) {
      expect((await app.inject(post(signed(body, { messageId: `msg_${i}` })))).statusCode).toBe(202);
    }
  });
});
